using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs.Kfp;

/// <summary>One version of a package: the version, and the bytes that its digest names.</summary>
/// <param name="Definition">The definition as it was uploaded; of what was published as something else, its <c>component.yaml</c>.</param>
internal sealed record KfpVersion(VersionEntry Version, RenditionEntry Definition)
{
    /// <summary>The bytes.</summary>
    /// <param name="isPinned">Whether the URL names the digest.</param>
    public async Task<Served> ServeAsync(HttpContext context, ComponentEntry component, bool isPinned, IBlobStore blobs, VersionNotice notice, CancellationToken cancellation) =>
        await notice.OnAsync(FormBytes.Of(Definition.Form, await blobs.ReadAllAsync(Definition.Digest, cancellation), Definition.Digest, isPinned ? Served.Immutable : Served.Moving) with
        {
            Until = Version.ExpiresAt is null ? component.Freshness : null,
            Tally = context.TallyOf(Version),
        }, component, Version, component.Kind == ComponentKind.Pipeline ? RenditionForm.Pipeline : RenditionForm.Component, cancellation);
}

/// <summary>
/// A component as the KFP SDK's registry client sees it. Packages are components, tags are channels and, immovable, the numbers of versions;
/// a version is named by the SHA-256 of its definition. What somebody deleted through such a client is not there.
/// </summary>
internal sealed class KfpPackage(ComponentEntry component, TimeProvider clock)
{
    /// <summary>Which forms a digest may name, the first that a version has being the one that lists show.</summary>
    private static readonly string[] Forms = [RenditionForm.Original, RenditionForm.Component, RenditionForm.Pipeline];

    /// <summary>The package, when the caller sees it and something of it is there.</summary>
    public static KfpPackage? Find(HttpContext context, string space, string name, TimeProvider clock) =>
        CatalogView.Of(context).Find(space, name) is { } component && new KfpPackage(component, clock) is { Exists: true } package ? package : null;

    public ComponentEntry Component => component;

    public string Name => component.Name;

    /// <summary>Whether anything of it can be downloaded, if only by who knows its digest.</summary>
    public bool Exists => component.Versions.Any(version => IsThere(version) && Of(version) is not null);

    /// <summary>Whether lists have it.</summary>
    public bool IsListed => component.IsListed && Versions.Any();

    /// <summary>Highest first; one for each digest.</summary>
    public IEnumerable<KfpVersion> Versions =>
        component.Versions.Where(version => version.IsListed).Select(Of).OfType<KfpVersion>().DistinctBy(version => version.Definition.Digest);

    /// <summary>By name. A channel that means what cannot be downloaded is left out.</summary>
    public IEnumerable<(string Tag, KfpVersion Version)> Tags =>
        component.Channels.Select(channel => (Tag: channel.Name, Version: component.Find(channel.Version) is { } version ? Of(version) : null))
            .Concat(component.Versions.Where(version => version.IsListed).Select(version => (Tag: version.Number.ToString(), Version: Of(version))))
            .Where(tag => tag.Version is not null).Select(tag => (tag.Tag, tag.Version!)).OrderBy(tag => tag.Tag, StringComparer.Ordinal);

    /// <summary>What a digest names, also of a yanked version and of an older revision; null when nothing here has these bytes. Of several versions that have them, the lowest.</summary>
    public KfpVersion? ByDigest(string digest) => AllByDigest(digest).FirstOrDefault();

    /// <summary>All versions that have these bytes, lowest first.</summary>
    public IEnumerable<KfpVersion> AllByDigest(string digest)
    {
        if (!Sha256.TryParse(digest, out var wanted) || !component.MayHave(wanted))
            return [];
        return There.Where(version => version.Renditions.FormsWith(wanted).Any(form => Forms.Contains(form, StringComparer.Ordinal)))
            .Select(version => new KfpVersion(version, version.Renditions.WithDigest(wanted)!));
    }

    /// <summary>What a channel or the number of a version means now; null when nothing does.</summary>
    public KfpVersion? ByTag(string tag)
    {
        var version = SemanticVersion.TryParse(tag, out var number) ? component.Find(number) : component.Channel(tag) is { } channel ? component.Find(channel.Version) : null;
        return version is not null && IsThere(version) ? Of(version) : null;
    }

    /// <summary>What <c>sha256:…</c> or a tag names.</summary>
    public KfpVersion? Find(string reference) => Digest.IsSha256(reference) ? ByDigest(reference) : ByTag(reference);

    /// <summary>What can be downloaded, if only by who knows its digest, lowest first.</summary>
    public IEnumerable<VersionEntry> There => component.Versions.Reverse().Where(IsThere);

    private bool IsThere(VersionEntry version) => version is { IsReady: true, Withdrawn: false } && !version.HasExpired(clock);

    private static KfpVersion? Of(VersionEntry version) =>
        version.IsReady && Forms.Select(form => version.Renditions.GetValueOrDefault(form)).FirstOrDefault(form => form is not null) is { } definition
            ? new KfpVersion(version, definition)
            : null;
}
