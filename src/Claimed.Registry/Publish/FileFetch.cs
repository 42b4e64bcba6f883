using System.Net.Http.Headers;
using System.Net.Sockets;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Publish;

/// <summary>
/// Fetches a file that a publisher names by its address. The address is the publisher's, the network is the registry's: public machines alone
/// are asked, over HTTPS, and what is connected to is the address that was checked, after a redirect too.
/// </summary>
public sealed class FileFetch : IDisposable
{
    private const int MostRedirects = 3;
    private const int LongestReason = 300;
    private const string Setting = "Publish__FetchFromPrivateHosts";
    private readonly PublishOptions _options;
    private readonly HttpClient _http;

    public FileFetch(IOptions<PublishOptions> options)
    {
        _options = options.Value;
        _http = new HttpClient(new SocketsHttpHandler
        {
            // The handler drops the token when it follows one.
            MaxAutomaticRedirections = MostRedirects,
            UseCookies = false,
            UseProxy = false,
            ConnectCallback = (context, cancellation) => OutsideAddress.ConnectAsync(context,
                (address, isPlain) => _options.FetchFromPrivateHosts || (!isPlain && OutsideAddress.IsPublic(address)), Setting, cancellation, mayBeProxy: false),
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
            ActivityHeadersPropagator = null,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <param name="token">Sent as Bearer to that address; null for none.</param>
    /// <param name="read">Reads the file as it arrives, within the limits.</param>
    /// <exception cref="RefusedException">The address cannot be used, or gives no file within the limits.</exception>
    public async Task<T> GetAsync<T>(string address, string? token, Func<Stream, CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
            throw Failed(address, "it is no address that begins with https://");
        if (url.UserInfo.Length > 0)
            throw Failed(url.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped), "it had a user or a password before the host; send a token as access_token");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(_options.FetchSeconds));
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Claimed.Registry", null));
            if (token is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (!answer.IsSuccessStatusCode)
                throw Failed(address, $"it answers {(int)answer.StatusCode}");
            await using var body = await answer.Content.ReadAsStreamAsync(limit.Token);
            await using var bounded = new BoundedStream(body, _options.MaxFetchedBytes, () => UploadRefusal.TooLarge($"The file is larger than {_options.MaxFetchedBytes >> 20} MiB (Publish__MaxFetchedBytes)."));
            var first = new byte[1];
            if (await bounded.ReadAsync(first, limit.Token) == 0)
                throw Failed(address, "it is empty");
            await using var file = new BegunStream(first, bounded);
            return await read(file, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Failed(address, $"it took longer than {_options.FetchSeconds} s (Publish__FetchSeconds)");
        }
        catch (Exception fault) when (fault is HttpRequestException or FormatException || (fault is IOException && !StorageFaults.IsFull(fault)))
        {
            throw Failed(address, fault is HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } }
                // In the words for a private address: which names this network knows is not for the publisher to learn.
                ? OutsideAddress.NotPublic(Setting) : fault.GetBaseException().Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private static RefusedException Failed(string address, string why) => UploadRefusal.Unprocessable("fetch-failed", "The file could not be fetched.",
        $"\"{UploadRefusal.Printable(address)}\": {ShownText.Of(why, LongestReason)}. Name the address of the file itself, which everyone can read, or upload the file.");
}
