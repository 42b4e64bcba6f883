using Claimed.Components;
using Claimed.Components.Sources;
using Claimed.Database.Catalog;

namespace Claimed.Registry.Publish;

/// <summary>An upload that was read and found publishable.</summary>
/// <param name="Definition">What the renditions are made from.</param>
/// <param name="Name">The URL's name, or the source's.</param>
/// <param name="Findings">Warnings and suggestions; no errors.</param>
/// <param name="Image">The existing image to run, pinned where possible; null when one is to be built, and for a pipeline.</param>
/// <param name="ImageDigest">Its digest, when it could be found out.</param>
public sealed record Candidate(
    Definition Definition, string Name, IReadOnlyList<Finding> Findings, Upload Upload, string BundleDigest, string? Image, string? ImageDigest)
{
    /// <summary>The base image that the build begins with, as it is named; null where that is not known before.</summary>
    public string? BaseName { get; init; }

    public bool IsBuilt => Image is null && Kind == ComponentKind.Component;

    /// <summary>One of <see cref="ComponentKind"/>.</summary>
    public string Kind => Definition.Language == SourceLanguage.Pipeline ? ComponentKind.Pipeline : ComponentKind.Component;

    public IReadOnlyList<SourceFile> Files => Upload.Files;

    public PublishFields Fields => Upload.Fields;
}
