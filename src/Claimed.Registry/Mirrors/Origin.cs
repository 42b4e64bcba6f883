using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text.Json;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Mirrors;

/// <summary>
/// The registry that is followed. What it sends is bounded and held against digests; it redirects nowhere but for blobs of images, which may lie
/// in an object store, and there the token does not go. A request that fails in passing is sent again a few times.
/// </summary>
internal sealed class Origin : IDisposable
{
    /// <summary>How the files begin that come; what a killed process leaves of them goes with the uploads that nobody continues.</summary>
    public const string Temporary = "mirror-";

    private const int Tries = 4;
    private const int MostProblem = 64 * 1024;
    private static readonly TimeSpan Answering = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly JsonSerializerOptions Reading = new(Json.Options) { MaxDepth = 64, AllowDuplicateProperties = false, RespectNullableAnnotations = true };
    private static readonly string ManifestTypes = string.Join(", ", MediaTypes.OciIndex, MediaTypes.OciManifest, MediaTypes.DockerList, MediaTypes.DockerManifest);

    private readonly MirrorOptions _options;
    private readonly TimeSpan _idle;
    private readonly TimeProvider _clock;
    private readonly Uri _address;
    private readonly HttpClient _http;
    private readonly HttpClient _redirected;

    public Origin(IOptions<MirrorOptions> options, IOptions<ImageOptions> images, TimeProvider clock)
    {
        (_options, _idle, _clock) = (options.Value, images.Value.IdleTimeout, clock);
        _address = new Uri(_options.Origin + "/");
        var own = _options.CaFile is { } file ? OwnCertificates.Read(file) : null;
        SocketsHttpHandler Handler() => new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !_address.IsLoopback,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            SslOptions = own is null ? new SslClientAuthenticationOptions() : new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = own.Accepts },
        };
        _http = new HttpClient(Handler()) { Timeout = Timeout.InfiniteTimeSpan };
        var elsewhere = Handler();
        elsewhere.ConnectCallback = async (context, cancellation) =>
        {
            var addresses = await Dns.GetHostAddressesAsync(_address.IdnHost.Trim('[', ']'), cancellation);
            return await OutsideAddress.ConnectAsync(context, (address, _) => MaySendTo(address, addresses), "as the registry that is followed has", cancellation);
        };
        _redirected = new HttpClient(elsewhere) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Whether the origin may send this registry to a machine: to a public one or its own; one within a private network also to others there.</summary>
    internal static bool MaySendTo(IPAddress address, IReadOnlyCollection<IPAddress> origin) =>
        OutsideAddress.IsPublic(address) || origin.Contains(address) || origin.Any(own => !OutsideAddress.IsPublic(own));

    /// <summary>Scheme, host and port.</summary>
    public string Name => _options.Origin;

    /// <summary>Host and port.</summary>
    public string Host => _address.Authority;

    public bool HasToken => _options.TokenFile is not null;

    /// <summary>A JSON document.</summary>
    /// <param name="most">Bytes that it may have.</param>
    /// <param name="wait">Seconds for which the origin holds its answer, as it was asked to.</param>
    public Task<T> JsonAsync<T>(string path, long most, CancellationToken cancellation, int wait = 0) => TryAsync(path, async () =>
    {
        using var answer = await OpenAsync(path, "application/json", false, TimeSpan.FromSeconds(wait), cancellation);
        var bytes = await ReadAsync(answer, path, most, cancellation);
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, Reading) ?? throw new JsonException("It is null.");
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw new RefusedCopyException($"{Name} answered {path} with something else than is expected there: {ShownText.Of(odd.Message, 200)}");
        }
    }, cancellation);

    /// <summary>Bytes that are what the digest says.</summary>
    public async Task<byte[]> BytesAsync(string path, string digest, long size, CancellationToken cancellation)
    {
        var bytes = await TryAsync(path, async () =>
        {
            using var answer = await OpenAsync(path, "*/*", false, TimeSpan.Zero, cancellation);
            return await ReadAsync(answer, path, size, cancellation);
        }, cancellation);
        return Digest.Matches(digest, bytes) ? bytes : throw Differs(path, digest, Digest.Of(bytes));
    }

    /// <summary>A manifest with its type, by digest or by tag; null when there is none.</summary>
    public async Task<(byte[] Bytes, string Type)?> ManifestAsync(string repository, string reference, int most, CancellationToken cancellation)
    {
        var path = $"v2/{repository}/manifests/{reference}";
        try
        {
            var (bytes, type) = await TryAsync(path, async () =>
            {
                using var answer = await OpenAsync(path, ManifestTypes, false, TimeSpan.Zero, cancellation);
                return (await ReadAsync(answer, path, most, cancellation), answer.Content.Headers.ContentType?.MediaType ?? "");
            }, cancellation);
            return !reference.Contains(':') || Digest.Matches(reference, bytes) ? (bytes, type) : throw Differs(path, reference, Digest.Of(bytes));
        }
        catch (NotThereException)
        {
            return null;
        }
    }

    /// <summary>Writes what the digest names into a file, and returns its length.</summary>
    /// <param name="most">Bytes that it may have.</param>
    /// <param name="mayRedirect">Whether the origin may send on to another server.</param>
    public Task<long> DownloadAsync(string path, string digest, long most, string file, bool mayRedirect, CancellationToken cancellation) => TryAsync(path, async () =>
    {
        using var answer = await OpenAsync(path, "*/*", mayRedirect, TimeSpan.Zero, cancellation);
        using var hash = IncrementalHash.CreateHash(Digest.AlgorithmOf(digest));
        await using var target = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.None);
        var count = 0L;
        await CopyAsync(answer, path, most, bytes =>
        {
            target.Write(bytes.Span);
            hash.AppendData(bytes.Span);
            count += bytes.Length;
        }, cancellation);
        var came = Digest.Text(Digest.AlgorithmOf(digest), hash.GetHashAndReset());
        return came == digest ? count : throw Differs(path, digest, came);
    }, cancellation);

    public void Dispose()
    {
        _http.Dispose();
        _redirected.Dispose();
    }

    private RefusedCopyException Differs(string path, string wanted, string came) => new($"{Name} has other bytes at {path}: they have the digest {came}, and {wanted} was asked for");

    private async Task<T> TryAsync<T>(string path, Func<Task<T>> ask, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? asked = null;
            try
            {
                return await ask();
            }
            catch (PassingException fault) when (attempt < Tries)
            {
                asked = fault.RetryAfter;
            }
            catch (PassingException fault)
            {
                throw new OriginAwayException($"{Name} cannot be read ({path}): {fault.Message}", fault);
            }
            catch (Exception fault) when (IsOfTheLine(fault) && !cancellation.IsCancellationRequested)
            {
                if (attempt == Tries)
                    throw new OriginAwayException($"{Name} cannot be read ({path}): {ShownText.Of(fault is OperationCanceledException ? "it stood still for too long." : fault.GetBaseException().Message, 300)}", fault);
            }
            var pause = asked ?? TimeSpan.FromMilliseconds(250 << attempt);
            await Task.Delay(pause < LongestPause ? pause : LongestPause, _clock, cancellation);
        }
    }

    /// <summary>Faults of the connection; those of the own disk are IOExceptions, too, and do not come from the socket.</summary>
    private static bool IsOfTheLine(Exception fault) => fault is HttpRequestException or HttpIOException or OperationCanceledException
        || (fault is IOException && fault.GetBaseException() is System.Net.Sockets.SocketException or HttpIOException or HttpRequestException);

    private async Task<byte[]> ReadAsync(HttpResponseMessage answer, string path, long most, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        await CopyAsync(answer, path, most, bytes => whole.Write(bytes.Span), cancellation);
        return whole.ToArray();
    }

    /// <summary>Hands over what comes, piece by piece, with a limit on all of it and on standing still.</summary>
    private async Task CopyAsync(HttpResponseMessage answer, string path, long most, Action<ReadOnlyMemory<byte>> take, CancellationToken cancellation)
    {
        if (answer.Content.Headers.ContentLength > most)
            throw TooLarge(path, most);
        using var still = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[128 * 1024];
        for (var count = 0L; ;)
        {
            still.CancelAfter(_idle);
            var read = await body.ReadAsync(buffer, still.Token);
            if (read == 0)
                return;
            if ((count += read) > most)
                throw TooLarge(path, most);
            take(buffer.AsMemory(0, read));
        }
    }

    private RefusedCopyException TooLarge(string path, long most) => new($"{Name} has more than {most} bytes at {path}, which this registry does not take");

    /// <summary>A success, whose content is still to be read.</summary>
    private async Task<HttpResponseMessage> OpenAsync(string path, string accept, bool mayRedirect, TimeSpan wait, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Answering + wait);
        var url = new Uri(_address, path);
        var answer = await SendAsync(url, accept, withToken: true, limit.Token);
        if ((int)answer.StatusCode is 301 or 302 or 303 or 307 or 308)
        {
            var next = answer.Headers.Location is { } location ? new Uri(url, location) : null;
            answer.Dispose();
            if (!mayRedirect || next is null || next.Scheme != url.Scheme || next.IsLoopback != url.IsLoopback)
                throw new RefusedCopyException($"{Name} redirects {path} to {(next is null ? "nowhere" : $"{next.Scheme}://{next.Authority}")}, where this registry does not follow");
            answer = await SendAsync(next, accept, withToken: false, limit.Token);
        }
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw await RefusalAsync(answer, path, limit.Token);
    }

    private async Task<HttpResponseMessage> SendAsync(Uri url, string accept, bool withToken, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (withToken && _options.TokenFile is { } file)
        {
            if (!SecretFile.TryRead(file, out var fault, out var token))
                throw new OriginAwayException($"Mirror__TokenFile names {file}, which {fault}.");
            if (token.Any(letter => letter is <= ' ' or > '~'))
                throw new OriginAwayException($"Mirror__TokenFile names {file}, which holds something else than a token.");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        return await (withToken ? _http : _redirected).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    private async Task<Exception> RefusalAsync(HttpResponseMessage answer, string path, CancellationToken cancellation)
    {
        var (type, detail) = await ProblemAsync(answer, path, cancellation);
        var said = $"it answered {(int)answer.StatusCode}{(detail.Length == 0 ? "." : $": {detail}")}";
        return answer.StatusCode switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new NotThereException($"{Name} does not have {path}: {said}"),
            HttpStatusCode.Unauthorized => new OriginAwayException($"{Name} does not take the token of Mirror__TokenFile, or wants one ({path})."),
            // What it has lost it will not have in a second.
            HttpStatusCode.ServiceUnavailable when type == "blob-missing" => new RefusedCopyException($"{Name} does not give {path}: {said}"),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new PassingException(said, answer.Headers.RetryAfter?.Delta),
            _ => new RefusedCopyException($"{Name} does not give {path}: {said}"),
        };
    }

    /// <summary>What a problem says, as far as it can be shown.</summary>
    private async Task<(string Type, string Detail)> ProblemAsync(HttpResponseMessage answer, string path, CancellationToken cancellation)
    {
        try
        {
            using var document = JsonDocument.Parse(await ReadAsync(answer, path, MostProblem, cancellation));
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0)
                return ("", TextOf(errors[0], "message"));
            return (TextOf(root, "type"), TextOf(root, "detail"));
        }
        catch (Exception odd) when (odd is JsonException or RefusedCopyException or IOException or HttpRequestException or InvalidOperationException)
        {
            return ("", "");
        }
    }

    private static string TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? ShownText.Of(value.GetString()!, 300) : "";

    /// <summary>An answer that another try may better.</summary>
    private sealed class PassingException(string message, TimeSpan? retryAfter) : Exception(message)
    {
        public TimeSpan? RetryAfter => retryAfter;
    }
}

/// <summary>The other registry does not answer, or not as one that can be followed; all of it waits.</summary>
internal sealed class OriginAwayException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Something is not copied, and the rest is. The message says what and why, for the operator.</summary>
internal class RefusedCopyException(string message) : Exception(message);

/// <summary>The other registry does not have it, or does not show it.</summary>
internal sealed class NotThereException(string message) : RefusedCopyException(message);
