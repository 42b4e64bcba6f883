using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.Net.Http.Headers;

namespace Claimed.Registry.Catalogs.Airflow;

/// <summary>What an index says of itself.</summary>
public sealed record IndexMeta([property: JsonPropertyName("api-version")] string ApiVersion)
{
    /// <summary>PEP 691 with the additions of PEP 700.</summary>
    public static readonly IndexMeta Current = new("1.1");
}

/// <summary>All projects of an index (PEP 691).</summary>
public sealed record IndexProjects(IndexMeta Meta, IReadOnlyList<IndexProject> Projects);

/// <summary>A project of an index, by its normalised name.</summary>
public sealed record IndexProject(string Name);

/// <summary>A file of a project.</summary>
/// <param name="Url">Path on this host.</param>
/// <param name="Hashes">Hex digits by algorithm.</param>
/// <param name="UploadTime">When the registry made it; absent for what came with the program.</param>
public sealed record IndexFile(
    string Filename, string Url, IReadOnlyDictionary<string, string> Hashes, [property: JsonPropertyName("requires-python")] string RequiresPython, long Size,
    [property: JsonPropertyName("upload-time")] DateTimeOffset? UploadTime)
{
    public static IndexFile Of(string filename, string url, string digest, string requiresPython, long size, long? madeAt) => new(
        filename, url, new Dictionary<string, string> { ["sha256"] = digest["sha256:".Length..] }, requiresPython, size,
        madeAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);
}

/// <summary>All files of a project (PEP 691, PEP 700), newest first.</summary>
public sealed record IndexFiles(string Name, IndexMeta Meta, IReadOnlyList<string> Versions, IReadOnlyList<IndexFile> Files);

/// <summary>Pages of the index in the form that a client asks for: HTML (PEP 503) or JSON (PEP 691).</summary>
internal static partial class SimpleIndex
{
    public const string Json = "application/vnd.pypi.simple.v1+json";
    public const string Html = "application/vnd.pypi.simple.v1+html";
    public const string OldHtml = "text/html";

    // The first for clients that take anything.
    private static readonly (string Asked, string Given)[] Offers =
        [(OldHtml, OldHtml), (Json, Json), (Html, Html), ("application/vnd.pypi.simple.latest+json", Json), ("application/vnd.pypi.simple.latest+html", Html)];

    [GeneratedRegex("[-_.]+", RegexOptions.CultureInvariant)]
    private static partial Regex Separators { get; }

    /// <summary>The name as the index has it (PEP 503): any spelling that pip would take for the same project finds it.</summary>
    public static string Normalized(string project) => Separators.Replace(project, "-").ToLowerInvariant();

    public static IResult Answer(HttpContext context, IndexProjects page, string root) => Answer(context, page,
        () => Page("Projects", page.Projects.Select(project => $"<a href=\"{Escaped(root)}{Escaped(project.Name)}/\">{Escaped(project.Name)}</a>")));

    public static IResult Answer(HttpContext context, IndexFiles page) => Answer(context, page, () => Page(page.Name, page.Files.Select(file =>
        $"<a href=\"{Escaped(file.Url)}#sha256={file.Hashes["sha256"]}\" data-requires-python=\"{Escaped(file.RequiresPython)}\">{Escaped(file.Filename)}</a>")));

    private static IResult Answer<T>(HttpContext context, T page, Func<string> html)
    {
        // One URL has several bodies, so the read cache, which goes by the URL, keeps none.
        context.Response.Headers.Vary = HeaderNames.Accept;
        switch (Chosen(context.Request))
        {
            case null:
                return new Refusal(406, "not-acceptable", "The answer has none of the forms asked for.",
                    $"Accept asks for none of {string.Join(", ", Offers.Select(offer => offer.Asked))}.").ToResult();
            case Json:
                return Served.Json(page, Json);
            case var type:
                var bytes = Encoding.UTF8.GetBytes(html());
                return new Served(bytes, type + "; charset=utf-8", Digest.Of(bytes), Served.Moving);
        }
    }

    /// <summary>Null when nothing of what there is may be sent (RFC 9110, 12.5.1).</summary>
    private static string? Chosen(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        if (accepted.Count == 0)
            return OldHtml;
        return Offers.Select(offer => (offer.Given, Weight: Weight(accepted, MediaTypeHeaderValue.Parse(offer.Asked)))).Where(offer => offer.Weight > 0)
            .OrderByDescending(offer => offer.Weight).Select(offer => offer.Given).FirstOrDefault();
    }

    private static double Weight(IList<MediaTypeHeaderValue> accepted, MediaTypeHeaderValue offer) => accepted
        .Where(range => range.MatchesAllTypes || (range.Type == offer.Type && (range.MatchesAllSubTypes || range.SubType == offer.SubType)))
        .OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0).Select(range => range.Quality ?? 1).FirstOrDefault();

    private static string Page(string title, IEnumerable<string> links) => string.Create(CultureInfo.InvariantCulture,
        $"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"pypi:repository-version\" content=\"{IndexMeta.Current.ApiVersion}\">\n<title>{Escaped(title)}</title>\n</head>\n<body>\n<h1>{Escaped(title)}</h1>\n{string.Concat(links.Select(link => link + "<br>\n"))}</body>\n</html>\n");

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);
}
