using System.Text;
using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Catalogs.Elyra;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs.Artifactory;

/// <summary>
/// <c>/catalogs/artifactory</c>: as much of Artifactory's API as its connector for Elyra asks for. A namespace is a repository, a component a
/// folder, a version a file of it; below <c>~</c> the files are majors, which move.
/// </summary>
public static class ArtifactoryEndpoints
{
    private const string Root = "/catalogs/artifactory";

    /// <summary>Compared letter by letter by the connector, as <see cref="TextType"/> is.</summary>
    private const string FolderType = "application/vnd.org.jfrog.artifactory.storage.FolderInfo+json";

    private const string TextType = "text/plain";
    private const string Extension = ".yaml";
    private const string Majors = "~";

    /// <summary>A file that says to the connector that its folder is a component.</summary>
    private const string Marker = "__COMPONENT__";

    private static readonly ElyraSelection All = new(ElyraRuntime.Kfp, null, null, null, false);

    public static void MapArtifactory(this IEndpointRouteBuilder routes)
    {
        var artifactory = routes.MapGroup(Root).WithTags("Clients");
        artifactory.MapMethods("api/storage/{namespace}/{**path}", Reading.Methods, Folder).BySight().WithName("listArtifactoryFolder")
            .WithSummary("List a folder, for Elyra's Artifactory connector")
            .WithDescription("`path` is empty (the components), `{name}` (its versions, and the file `__COMPONENT__`), `~` (the components again) or `~/{name}` (a file for each major, which moves within it). "
                + "Yanked versions are left out. A token as Bearer, as the password of Basic, or in the header `X-JFrog-Art-Api`.")
            .Returns<ArtifactoryFolder>(200, "The folder.", """{"repo":"claimed","path":"/filter-csv","children":[{"uri":"/__COMPONENT__","folder":false},{"uri":"/1.2.0.yaml","folder":false}]}""", FolderType)
            .Refuses(404, "namespace-not-found", "component-not-found");
        artifactory.MapMethods("{namespace}/{**path}", Reading.Methods, FileAsync).BySight().WithName("getArtifactoryFile")
            .WithSummary("Download a definition, for Elyra's Artifactory connector")
            .WithDescription("`path` is `{name}/{version}.yaml`, or `~/{name}/{major}.x.yaml` for the highest version of a major: `elyra.yaml` under a name that says which version it is, in ASCII, because the connector takes text for Latin-1.")
            .Returns<string>(200, "The text.", Examples.ComponentYaml, TextType).Refuses(404, "namespace-not-found", "component-not-found", "version-not-found")
            .Refuses(410, "version-purged", "version-expired").Refuses(503, "blob-missing");
    }

    private static IResult Folder(string @namespace, string? path, HttpContext context)
    {
        var view = CatalogView.Of(context);
        if (view.Namespace(@namespace) is null)
            return Missing.Components(@namespace).ToResult();
        var parts = Parts(path);
        var areMajors = parts is [Majors, ..];
        var rest = areMajors ? parts[1..] : parts;
        IEnumerable<ArtifactoryChild> children;
        if (rest.Length == 0)
            children = view.InNamespace(@namespace).Where(component => Files(component, areMajors).Any()).Select(component => new ArtifactoryChild($"/{component.Name}", true));
        else if (rest is [var name] && view.Find(@namespace, name) is { Kind: ComponentKind.Component } component)
            children = Files(component, areMajors).Prepend(Marker).Select(file => new ArtifactoryChild($"/{file}", false));
        else
            return Missing.Component(@namespace, string.Join('/', rest)).ToResult();
        return Served.Json(new ArtifactoryFolder(@namespace, "/" + string.Join('/', parts), [.. children]), FolderType) with { Until = view.Freshness };
    }

    private static async Task<IResult> FileAsync(string @namespace, string? path, HttpContext context, IBlobStore blobs, RegistryUrls urls, TimeProvider clock, VersionNotice notice, CancellationToken cancellation)
    {
        var view = CatalogView.Of(context);
        if (view.Namespace(@namespace) is null)
            return Missing.Components(@namespace).ToResult();
        var parts = Parts(path);
        var areMajors = parts is [Majors, ..];
        var rest = areMajors ? parts[1..] : parts;
        if (rest is not [var name, var file] || view.Find(@namespace, name) is not { Kind: ComponentKind.Component } component)
            return Missing.Component(@namespace, rest.ElementAtOrDefault(0) ?? "").ToResult();
        if (file == Marker)
            return new Served(Array.Empty<byte>(), TextType, Digest.Of([]), Served.Moving) { Until = component.Freshness };
        if (Reference(file, areMajors) is not { } reference)
            return Missing.Version(component.Subject, ShownText.Of(file, 80)).ToResult();
        var resolved = VersionReference.Resolve(component, reference, clock);
        if (resolved.Version is not { } version)
            return resolved.Refusal!.ToResult();
        if (!version.Renditions.ContainsKey(ElyraRuntime.Kfp.Form))
            return Missing.Version(component.Subject, version.Number.ToString()).ToResult();
        var label = PaletteText.Label(component, areMajors ? PaletteText.Major(version.Number) : version.Number.ToString(), space: false);
        var text = ElyraText.Ascii(ElyraText.Named(await NoticedForm.ReadElyraAsync(component, version, blobs, urls, cancellation), label));
        var bytes = Encoding.ASCII.GetBytes(text);
        return await notice.OnAsync(new Served(bytes, TextType, Digest.Of(bytes), Served.Moving) { Until = version.ExpiresAt is null ? component.Freshness : null, Tally = context.TallyOf(version) },
            component, version, ElyraRuntime.Kfp.Form, cancellation);
    }

    /// <summary>Paths of all files of a component that folders list.</summary>
    internal static IEnumerable<string> FilesOf(ComponentEntry component) =>
        from areMajors in (bool[])[false, true]
        from file in Files(component, areMajors)
        select $"{Root}/{component.Namespace}/{(areMajors ? Majors + "/" : "")}{component.Name}/{file}";

    private static string[] Parts(string? path) => (path ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What files stand for in a version reference; null for what is none.</summary>
    private static string? Reference(string file, bool isMajor)
    {
        if (!file.EndsWith(Extension, StringComparison.Ordinal))
            return null;
        var name = file[..^Extension.Length];
        if (isMajor)
            return name.EndsWith(".x", StringComparison.Ordinal) && name.Length > 2 && name[..^2].All(char.IsAsciiDigit) ? $"~{name[..^2]}" : null;
        return SemanticVersion.TryParse(name, out _) ? name : null;
    }

    /// <summary>Highest version first.</summary>
    private static IEnumerable<string> Files(ComponentEntry component, bool areMajors)
    {
        if (component.Kind != ComponentKind.Component)
            return [];
        return areMajors
            ? All.Majors(component).Where(version => !version.Number.IsPrerelease).Select(version => PaletteText.Major(version.Number) + Extension)
            : component.Versions.Where(version => version.IsListed && version.Renditions.ContainsKey(ElyraRuntime.Kfp.Form)).Select(version => version.Number + Extension);
    }
}

/// <summary>A folder as Artifactory shows one.</summary>
/// <param name="Repo">The namespace.</param>
/// <param name="Path">From the repository's root.</param>
public sealed record ArtifactoryFolder(string Repo, string Path, IReadOnlyList<ArtifactoryChild> Children);

/// <param name="Uri">A slash and the name.</param>
public sealed record ArtifactoryChild(string Uri, bool Folder);
