using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;
using Claimed.Components.Sources.Kfp;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Publish;
using Claimed.Registry.Storage;
using Semver;

namespace Claimed.Registry.Catalogs.Kfp;

/// <summary>The uploading call: a publish, with what the SDK can say. Tags are channels; one that is a number names the version.</summary>
internal static class KfpUpload
{
    private static readonly UploadForm Form = new(null, null, "content", ["tags"]);

    // The SDK sends headers along (`extra_headers`) and has no other place for what a publish can say.
    private static readonly (string Header, string Field)[] Headers = [("description", "message"), ("breaking", "breaking")];

    private const string Answer = "filter-csv/sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

    public static void MapKfpUpload(this IEndpointRouteBuilder host) => host.MapPost("", UploadAsync).DisableAntiforgery()
        .Needs(Deed.Publish).AddEndpointFilter<RouteHandlerBuilder, PublishCount>()
        .WithName("uploadKfpPackage").WithSummary("Upload a component or a compiled pipeline, for the KFP SDK")
        .WithDescription("A publish under the name that the file has. A multipart/form-data request: `content` is a component.yaml, a compiled pipeline, or a zip or tar.gz with one of them; "
            + "`tags` is a comma list of channels, of which one may be the version (`1.2.0`), else the next minor is taken. A header `description` becomes the message of the version, "
            + "and a header `breaking: allow` publishes what breaks the pipelines of those who use it. The same bytes again are the same version, and bring it back when it was deleted.")
        .WithMetadata(new MultipartBody(Form))
        .Returns<string>(200, "Package and version, `package/sha256:…`.", Answer, "text/plain")
        .Refuses(400, "malformed-upload", "bad-version").Refuses(401, "unauthorized").Refuses(403, "forbidden", "only-trusted").Refuses(404, "namespace-invalid")
        .Refuses(409, "version-exists", "version-yanked", "no-next-version", "other-kind", "proxy-namespace").Refuses(413, "upload-too-large").Refuses(415, "not-multipart")
        .Refuses(422, "invalid-component", "bad-field", "bad-path", "bad-archive", "no-files", "provenance-contradicted").Refuses(503, "uploads-busy");

    private static async Task<IResult> UploadAsync(string @namespace, HttpContext context, PublishRequest publish, UploadReader reader)
    {
        var (digest, number) = ("", (SemVersion?)null);
        var done = await publish.PublishAsync(context, @namespace, name: null, async () => (await reader.ReadAsync(context.Request, Form, sent =>
        {
            var (files, definition) = Files(sent.Files);
            digest = Digest.Of(definition.Content.Span);
            (var fields, number) = Fields(sent.Fields.GetValueOrDefault("tags"), context.Request.Headers);
            return (files, PublishFields.From(fields));
        }, context.RequestAborted), number));
        return Results.Text($"{done.Component.Name}/{digest}", "text/plain");
    }

    /// <summary>A compiled pipeline is its file alone; a component has what lies beside it, such as a Dockerfile. The same bytes get the same name, whatever the sender calls them.</summary>
    internal static (IReadOnlyList<SourceFile> Files, SourceFile Definition) Files(IReadOnlyList<SourceFile> sent)
    {
        var definition = sent is [{ Path: UploadForm.Unnamed } alone] ? alone : Definition(sent);
        var named = definition with { Path = KfpFile.IsPipeline(definition.Content.Span) ? RenditionForm.Pipeline : RenditionForm.Component };
        return (named.Path == RenditionForm.Pipeline ? [named] : [.. sent.Select(file => file == definition ? named : file)], named);
    }

    private static SourceFile Definition(IReadOnlyList<SourceFile> sent)
    {
        var candidates = sent.Where(file => !file.Path.Contains('/') && Path.GetExtension(file.Path) is ".yaml" or ".yml").ToList();
        return candidates.Find(file => Path.GetFileNameWithoutExtension(file.Path) is "component" or "pipeline") ?? (candidates is [var only] ? only
            : throw UploadRefusal.Unprocessable("no-files", "The upload has no definition.", "The archive has neither component.yaml nor pipeline.yaml at its top: pack one of them."));
    }

    private static (Dictionary<string, string> Fields, SemVersion? Number) Fields(string? tags, IHeaderDictionary headers)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (header, field) in Headers)
        {
            if (headers[header] is [{ } said])
                fields[field] = said;
        }
        var words = (tags ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var numbers = words.Where(word => char.IsAsciiDigit(word[0])).ToList();
        fields["channel"] = string.Join(',', words.Except(numbers, StringComparer.Ordinal));
        if (numbers.Count == 0)
            return (fields, null);
        return numbers is [var one] && SemanticVersion.TryParse(one, out var number)
            ? (fields, number)
            : throw new RefusedException(new Refusal(400, "bad-version", "The version cannot be used.",
                $"Of the tags, {VersionReference.Quoted(string.Join(", ", numbers))} would be the version: send one semantic version, such as 1.2.0, and begin other tags with a letter."));
    }
}
