using Claimed.Components;
using Claimed.Components.Failures;
using Claimed.Components.Renditions;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Http.Documents;

/// <summary>A version as the API shows it.</summary>
public sealed record VersionDocument
{
    /// <example>acme</example>
    public required string Namespace { get; init; }

    /// <example>filter-csv</example>
    public required string Name { get; init; }

    /// <summary>SemVer 2.0.0 without build metadata.</summary>
    /// <example>1.2.0</example>
    public required string Version { get; init; }

    /// <summary><c>component</c> or <c>pipeline</c>.</summary>
    /// <example>component</example>
    public required string Kind { get; init; }

    /// <summary><c>queued</c>, <c>building</c>, <c>ready</c> or <c>failed</c>.</summary>
    /// <example>ready</example>
    public required string State { get; init; }

    /// <summary>Why the version failed.</summary>
    public string? Reason { get; init; }

    /// <summary>sha256 over the published files and the options that shape the result.</summary>
    public required string BundleDigest { get; init; }

    /// <summary>sha256 of the typed definition.</summary>
    public required string DefinitionDigest { get; init; }

    /// <summary>Digest of the image's OCI manifest, once known.</summary>
    public string? ImageDigest { get; init; }

    /// <summary>What to run, pinned by digest where possible; absent until ready.</summary>
    /// <example>localhost:8080/acme/filter-csv@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</example>
    public string? Image { get; init; }

    /// <summary>Whether <c>image</c> is named by digest, so that every run uses the same bytes; absent until ready.</summary>
    /// <example>true</example>
    public bool? Pinned { get; init; }

    public required string DisplayName { get; init; }

    public required string Description { get; init; }

    public string? Category { get; init; }

    public string? Group { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required IReadOnlyList<PortDocument> Inputs { get; init; }

    public required IReadOnlyList<PortDocument> Outputs { get; init; }

    /// <summary>Warnings and suggestions that stayed with the version.</summary>
    public required IReadOnlyList<FindingDocument> Findings { get; init; }

    /// <summary>Per client: <c>kfp-v2</c>, <c>kfp-v1</c>, <c>elyra-palette</c>, <c>elyra-submit</c>, <c>airflow</c>, <c>kubernetes</c>, <c>cwl</c>.</summary>
    public required IReadOnlyDictionary<string, ClientVerdict> Verdicts { get; init; }

    public bool Yanked { get; init; }

    public string? YankReason { get; init; }

    /// <summary>True for a yanked version that somebody deleted through a KFP client, for which it is gone; absent otherwise.</summary>
    public bool? Withdrawn { get; init; }

    public bool Deprecated { get; init; }

    public string? Successor { get; init; }

    /// <summary>Source repository; <c>provenance</c> says whether that is verified.</summary>
    public string? Repository { get; init; }

    /// <summary>Revision in that repository.</summary>
    public string? Revision { get; init; }

    /// <summary>Who says where the version comes from; absent when no one does.</summary>
    public ProvenanceDocument? Provenance { get; init; }

    public string? Message { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>When the version goes by itself, with its image; absent for one that stays.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The newest build; absent when nothing had to be built.</summary>
    public BuildDocument? Build { get; init; }

    /// <summary>URLs of this version: <c>self</c>, <c>bundle</c>, <c>evidence</c>, <c>reads</c>, <c>log</c> and one per form that exists.</summary>
    public required IReadOnlyDictionary<string, string> Links { get; init; }

    /// <summary>Who has used it, in the answer to a yank or a deprecation; else at <c>links.reads</c>.</summary>
    public ReadsDocument? Reads { get; init; }

    public static VersionDocument From(ComponentEntry component, VersionEntry version, RegistryUrls urls, Notices notices)
    {
        var self = urls.Version(component.Namespace, component.Name, version.Number.ToString());
        var links = new Dictionary<string, string>(StringComparer.Ordinal) { ["self"] = self, ["bundle"] = self + "/bundle" };
        foreach (var form in RenditionForm.Kept.Where(version.Renditions.ContainsKey))
            links[form] = $"{self}/{form}";
        if (component.Kind == ComponentKind.Pipeline && version.IsReady)
            links[RenditionForm.Pipeline] = $"{self}/{RenditionForm.Pipeline}";
        foreach (var form in RequestedForms.Has(version) ? RenditionForm.OnRequest : [])
            links[form] = $"{self}/{form}";
        if (version.Renditions.ContainsKey(RenditionForm.Contents))
            links[RenditionForm.Spdx] = $"{self}/{RenditionForm.Spdx}";
        if (version.IsReady)
            (links["evidence"], links["reads"]) = (self + "/evidence.tar.gz", self + "/reads");
        if (version.Build is { } build)
            links["log"] = urls.Build(build.Id) + "/log";
        var (definition, findings) = (version.Definition, version.Findings);
        return new VersionDocument
        {
            Namespace = component.Namespace,
            Name = component.Name,
            Version = version.Number.ToString(),
            Kind = component.Kind,
            State = version.State,
            Reason = version.Reason,
            BundleDigest = version.BundleDigest,
            DefinitionDigest = version.DefinitionDigest,
            ImageDigest = version.ImageDigest,
            Image = version.Image,
            Pinned = version.Image?.Contains("@sha256:", StringComparison.Ordinal),
            DisplayName = component.DisplayName,
            Description = definition.Description,
            Category = component.Category,
            Group = component.Group,
            Tags = component.Tags,
            Inputs = [.. definition.Inputs.Select(PortDocument.From)],
            Outputs = [.. definition.Outputs.Select(PortDocument.From)],
            Findings = [.. findings.Select(FindingDocument.From)],
            Verdicts = ClientVerdicts.Of(definition, findings),
            Yanked = version.Yanked,
            YankReason = version.YankReason,
            Withdrawn = version.Withdrawn ? true : null,
            Deprecated = version.Deprecated,
            Successor = version.Successor,
            Repository = version.Repository,
            Revision = version.Revision,
            Provenance = ProvenanceDocument.Of(version),
            Message = version.Message,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(version.CreatedAt),
            ReadyAt = version.ReadyAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
            ExpiresAt = version.ExpiresAt is { } over ? DateTimeOffset.FromUnixTimeMilliseconds(over) : null,
            Build = version.Build is null ? null : BuildDocument.From(version.Build, self, urls, notices),
            Links = links,
        };
    }
}

/// <summary>An input or output.</summary>
/// <param name="Name">As the publisher wrote it.</param>
/// <param name="Type">For example <c>String</c>, <c>Integer</c>, <c>Dataset</c>.</param>
/// <param name="Passing"><c>value</c> or <c>file</c>.</param>
/// <param name="Default">Text that the container receives when the input is left out.</param>
/// <param name="Optional">Whether it may be left out.</param>
/// <param name="Secret">Whether it is a password, token or key.</param>
public sealed record PortDocument(string Name, string Type, PortPassing Passing, string? Default, bool Optional, bool Secret, string? Description)
{
    public static PortDocument From(Port port) =>
        new(port.Name, port.Type, port.Passing, port.Secret ? null : port.Default, port.Optional, port.Secret, port.Description);
}

/// <summary>One attempt to make a version's image.</summary>
/// <param name="State"><c>deferred</c> until somebody asks for the version, then <c>queued</c>, <c>building</c>, <c>succeeded</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Reason">Why it failed, or why it still waits.</param>
/// <param name="Engine">The container engine that made it.</param>
/// <param name="Platform">What the image is for, such as <c>linux/amd64</c>; absent until a builder has it, where the publisher named none.</param>
/// <param name="Seconds">Duration, once ended.</param>
public sealed record BuildDocument(
    long Id, string State, int Attempt, string? Reason, string? Engine, string? Platform, DateTimeOffset QueuedAt, DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt, double? Seconds, string? ImageDigest, IReadOnlyDictionary<string, string> Links)
{
    /// <summary>Images that the build began with, as they were found; null within a version's document.</summary>
    public IReadOnlyList<BaseDocument>? Bases { get; init; }

    /// <summary>The earlier build whose image this one took, because everything that shapes it was the same; null when it made its own.</summary>
    public long? SameAs { get; init; }

    /// <summary>Which step failed, why, and which line of the published files asked for it; absent unless a step failed.</summary>
    public BuildFailure? Failure { get; init; }

    /// <summary>What it is expected to take; absent where nobody said, and once it has ended.</summary>
    public BuildEstimate? Estimate { get; init; }

    public static BuildDocument From(BuildEntry build, string versionUrl, RegistryUrls urls, Notices notices) => new(
        build.Id, build.State, build.Attempt, ReasonOf(build, versionUrl, urls, notices), build.Engine, build.Platform, Time(build.QueuedAt)!.Value, Time(build.StartedAt), Time(build.EndedAt),
        build is { StartedAt: { } began, EndedAt: { } ended } ? (ended - began) / 1000.0 : null, build.ImageDigest,
        LinksOf(build, versionUrl, urls))
    {
        Failure = build.Failure is { } failure ? Json.Read<BuildFailure>(failure) : null,
        Estimate = BuildState.HasEnded(build.State) ? null : build.Estimate,
    };

    private static string? ReasonOf(BuildEntry build, string versionUrl, RegistryUrls urls, Notices notices) => build.State switch
    {
        BuildState.Queued => notices.WaitOf(build.Platform) ?? build.Reason,
        BuildState.Deferred => $"It is built when it is first asked for: GET {versionUrl}/{RenditionForm.Component}, a pull of its image, or POST {urls.Build(build.Id)}/retry by who may publish. {build.Estimate?.InWords()}".TrimEnd(),
        _ => build.Reason,
    };

    private static Dictionary<string, string> LinksOf(BuildEntry build, string versionUrl, RegistryUrls urls)
    {
        var links = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["self"] = urls.Build(build.Id),
            ["log"] = urls.Build(build.Id) + "/log",
            ["version"] = versionUrl,
        };
        if (build.HasDockerfile)
            (links["dockerfile"], links["context"]) = (urls.Build(build.Id) + "/Dockerfile", urls.Build(build.Id) + "/context");
        return links;
    }

    private static DateTimeOffset? Time(long? milliseconds) =>
        milliseconds is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
}

/// <summary>An image that a build began with.</summary>
/// <param name="Name">As the Dockerfile names it.</param>
/// <param name="Digest">Of its manifest; null for an image that no registry has.</param>
/// <param name="ImageId">As the engine that built names it.</param>
public sealed record BaseDocument(string Name, string? Digest, string? ImageId);
