using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds.Sites;

/// <summary>
/// The one index of Python packages that steps see: what lies in the wheelhouse, then what the site's index has, or the public one. Its pages
/// name files at hosts of the site; here they become addresses of this index, and the files are fetched with the site's account and certificates.
/// </summary>
public sealed partial class PackageIndex(SiteClient client, IOptions<SiteOptions> options, ILogger<PackageIndex> logger)
{
    private const int MostBytesOfPage = 32 << 20;
    private const int MostOrigins = 64;

    private readonly Uri _index = new((options.Value.Pip.IndexUrl ?? SiteHosts.PublicIndex).TrimEnd('/') + "/");
    private readonly string _home = new Uri(new Uri((options.Value.Pip.IndexUrl ?? SiteHosts.PublicIndex).TrimEnd('/')), ".").AbsolutePath;
    private readonly LinkProof _links = new();
    private readonly Wheelhouse _wheels = new(options.Value.Wheelhouse);

    // Where the index's pages say that files are, under names that tell nothing of it.
    private readonly ConcurrentDictionary<string, Uri> _origins = new(StringComparer.Ordinal);

    public async Task AnswerAsync(HttpContext context, Uri asked)
    {
        var parts = asked.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        else if (parts is ["simple", var project])
            await PageAsync(context, Wheelhouse.Normalized(Uri.UnescapeDataString(project)));
        else if (parts is ["wheels", var file] && _wheels.Find(Uri.UnescapeDataString(file)) is { } path)
            await context.Response.SendFileAsync(path, context.RequestAborted);
        else if (parts is ["at", var proof, var origin, ..] && _origins.TryGetValue(origin, out var there))
            await FileAsync(context, proof, there, asked.PathAndQuery[Math.Min($"/at/{proof}/{origin}".Length, asked.PathAndQuery.Length)..]);
        else
            context.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    private async Task PageAsync(HttpContext context, string project)
    {
        if (!ProjectName.IsMatch(project))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var wheels = _wheels.FilesOf(project);
        var page = new StringBuilder("<!DOCTYPE html>\n<html><body>\n");
        foreach (var file in wheels)
            page.Append($"<a href=\"/wheels/{Uri.EscapeDataString(file)}\">{WebUtility.HtmlEncode(file)}</a>\n");
        // A project of the site that the public index has under the same name, too, must not come from there.
        if (wheels.Count == 0 || options.Value.Pip.IndexUrl is not null)
        {
            var status = await AddAsync(page, project, wheels, context.RequestAborted);
            if (status != HttpStatusCode.OK && wheels.Count == 0)
            {
                // Who retries at once gets the same; a refusal ends an installer without waiting.
                context.Response.StatusCode = status == HttpStatusCode.NotFound ? StatusCodes.Status404NotFound : StatusCodes.Status403Forbidden;
                return;
            }
        }
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(page.Append("</body></html>\n").ToString(), context.RequestAborted);
    }

    /// <summary>The links of the site's page, but for files that the wheelhouse has.</summary>
    private async Task<HttpStatusCode> AddAsync(StringBuilder page, string project, IReadOnlyList<string> wheels, CancellationToken cancellation)
    {
        var address = new Uri(_index, project + "/");
        try
        {
            using var answer = await client.FetchAsync(HttpMethod.Get, address, Account, request => request.Headers.Accept.ParseAdd("text/html"), cancellation);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                if (answer.StatusCode != HttpStatusCode.NotFound)
                    LogRefused(logger, project, (int)answer.StatusCode);
                return answer.StatusCode;
            }
            var text = await ReadAsync(answer, cancellation);
            var at = answer.RequestMessage?.RequestUri ?? address;
            if (BaseLink.Match(text) is { Success: true } other && Uri.TryCreate(at, WebUtility.HtmlDecode(other.Groups["link"].Value), out var moved))
                at = moved;
            foreach (Match link in Link.Matches(text))
            {
                if (Uri.TryCreate(at, WebUtility.HtmlDecode(link.Groups["link"].Value), out var target) && target.Scheme is "http" or "https"
                    && !wheels.Contains(Uri.UnescapeDataString(target.Segments[^1])) && NameOf(target) is { } name)
                    page.Append($"<a{link.Groups["before"].Value}href=\"{WebUtility.HtmlEncode(name)}\"{link.Groups["after"].Value}>{link.Groups["text"].Value}</a>\n");
            }
            return HttpStatusCode.OK;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            LogAway(logger, project, fault.GetBaseException().Message);
            return HttpStatusCode.BadGateway;
        }
    }

    /// <summary>The address of a file at this index; null when the pages name more hosts than any index does.</summary>
    private string? NameOf(Uri target)
    {
        var origin = new Uri(target.GetLeftPart(UriPartial.Authority));
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin.AbsoluteUri)))[..12];
        if (_origins.Count >= MostOrigins && !_origins.ContainsKey(name))
            return null;
        _origins.TryAdd(name, origin);
        return $"/at/{_links.Sign(target)}/{name}{target.PathAndQuery}{target.Fragment}";
    }

    /// <summary>A file that a page linked. Any other address would let a step read whatever the site's account may.</summary>
    private async Task FileAsync(HttpContext context, string proof, Uri origin, string path)
    {
        if (!Uri.TryCreate(origin.GetLeftPart(UriPartial.Authority) + path, UriKind.Absolute, out var address) || !_links.IsSigned(address, proof))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        await SiteAnswer.CopyAsync(context, await client.FetchAsync(new HttpMethod(context.Request.Method), address,
            IsOfIndex(address) ? Account : null, request => SiteAnswer.Ask(context, request), context.RequestAborted));
    }

    /// <summary>Whether an address belongs to the index: its files lie beside the folder of its pages, as in <c>/pypi/simple/</c> and <c>/pypi/files/</c>.</summary>
    private bool IsOfIndex(Uri address) => SiteClient.IsSameOrigin(address, _index) && address.AbsolutePath.StartsWith(_home, StringComparison.Ordinal);

    private SiteCredentials? Account => SiteCredentials.Read(options.Value.Pip.Credentials);

    private static async Task<string> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new MemoryStream();
        var block = new byte[64 * 1024];
        while (await body.ReadAsync(block, cancellation) is var count and > 0)
        {
            if (buffer.Length + count > MostBytesOfPage)
                throw new IOException($"a page of the index has more than {MostBytesOfPage} bytes");
            buffer.Write(block, 0, count);
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ProjectName { get; }

    [GeneratedRegex(@"<a(?<before>\s[^>]*?)href\s*=\s*(?:""(?<link>[^""]*)""|'(?<link>[^']*)')(?<after>[^>]*)>(?<text>[^<]*)</a>", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 10_000)]
    private static partial Regex Link { get; }

    [GeneratedRegex(@"<base\s[^>]*?href\s*=\s*(?:""(?<link>[^""]*)""|'(?<link>[^']*)')", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 10_000)]
    private static partial Regex BaseLink { get; }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The index of Builds__Pip answered {Status} for {Project}.")]
    private static partial void LogRefused(ILogger logger, string project, int status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The index of Builds__Pip cannot be asked for {Project}: {Reason}")]
    private static partial void LogAway(ILogger logger, string project, string reason);
}
