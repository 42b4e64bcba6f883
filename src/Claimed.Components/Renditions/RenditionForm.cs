namespace Claimed.Components.Renditions;

/// <summary>The names under which a version's bytes are served to clients; each is the last segment of a URL.</summary>
public static class RenditionForm
{
    public const string Component = "component.yaml";
    public const string Original = "original.yaml";
    public const string Elyra = "elyra.yaml";
    public const string Operator = "operator.py";
    public const string Dockerfile = "Dockerfile";
    public const string Pipeline = "pipeline.yaml";
    public const string Job = "job.yaml";
    public const string Cwl = "tool.cwl";
    public const string Usage = "usage";

    /// <summary>The README.md of the upload, as it came.</summary>
    public const string Readme = "readme";

    /// <summary>The icon.svg or icon.png of the upload, as it came.</summary>
    public const string Icon = "icon";

    /// <summary>How the image was built, signed; only images that a build made have it.</summary>
    public const string Provenance = "provenance.json";

    /// <summary>The packages in the image, signed.</summary>
    public const string Contents = "contents.json";

    /// <summary>The list that <see cref="Contents"/> signs, alone, as programs that look for weaknesses read it.</summary>
    public const string Spdx = "contents.spdx.json";

    /// <summary>Those of which a version has bytes that stay what they are, whatever becomes of the renderers.</summary>
    public static readonly IReadOnlyList<string> Kept = [Component, Original, Elyra, Operator, Dockerfile, Readme, Icon, Provenance, Contents];

    /// <summary>Those that are rendered for whoever asks, from what the version says; few do.</summary>
    public static readonly IReadOnlyList<string> OnRequest = [Pipeline, Job, Cwl, Usage];

    public static readonly IReadOnlyList<string> All = [.. Kept, .. OnRequest, Spdx];
}

/// <summary>Everything a rendition is made from.</summary>
/// <param name="Definition">The typed component, which has the category and group that the version was published with; what its component says later changes no version.</param>
/// <param name="Namespace">Owner.</param>
/// <param name="Name">The component's name in its URL.</param>
/// <param name="Version">SemVer text.</param>
/// <param name="Image">What to run, pinned where possible: <c>host/namespace/name@sha256:…</c>.</param>
/// <param name="BundleDigest"><c>sha256:…</c> of what was published.</param>
/// <param name="VersionUrl">Absolute URL of the version's document, without trailing slash.</param>
public sealed record RenditionSource(
    Definition Definition, string Namespace, string Name, string Version, string Image, string BundleDigest, string VersionUrl);
