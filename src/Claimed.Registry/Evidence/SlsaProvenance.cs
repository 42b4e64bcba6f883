using Claimed.Database.Builds;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Evidence;

/// <summary>How an image came to be: the predicate of SLSA provenance, version 1.</summary>
public sealed record SlsaProvenance(SlsaBuildDefinition BuildDefinition, SlsaRunDetails RunDetails)
{
    /// <summary>What our builds do with their parameters: docs/evidence.md describes it.</summary>
    public const string BuildType = "urn:claimed-registry:component-build:v1";

    /// <param name="builds">Those that made it, one for each platform, with their bases; the first is the one that ends it.</param>
    public static SlsaProvenance Of(BuiltVersion built, IReadOnlyList<Build> builds, string program, DateTimeOffset at, RegistryUrls urls)
    {
        var version = built.Version;
        var url = urls.Version(built.Space, built.Name, version.Number);
        var external = new SortedDictionary<string, object>(StringComparer.Ordinal)
        {
            ["component"] = built.Repository,
            ["version"] = version.Number,
            ["bundle"] = version.BundleDigest,
            ["options"] = new SortedDictionary<string, string>(built.Options.ToDictionary(), StringComparer.Ordinal),
        };
        if (version.Repository is { } source)
            external["repository"] = source;
        if (version.Revision is { } revision)
            external["revision"] = revision;
        var internals = new SortedDictionary<string, object>(StringComparer.Ordinal);
        var platforms = builds.Select(build => build.Platform).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (platforms.Count > 0)
            internals["platforms"] = platforms;
        if (builds.Select(build => build.Recipe).OfType<string>().ToList() is { Count: > 0 } recipes)
            internals["recipes"] = recipes;
        // Another build had the same files, bases and options: its image was taken.
        if (builds.Select(build => build.SameAs).OfType<long>().Select(urls.Build).Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } same)
            internals["imageOfBuilds"] = same;
        SlsaResource[] bundle = [new SlsaResource($"{url}/bundle", Hashes(version.BundleBlob)) { Name = "bundle", Annotations = Note("bundleDigest", version.BundleDigest) }];
        var bases = builds.SelectMany(build => build.Bases).DistinctBy(row => (row.Name, row.Digest, row.ImageId))
            .OrderBy(row => row.Name, StringComparer.Ordinal).ThenBy(row => row.Digest, StringComparer.Ordinal).ThenBy(row => row.ImageId, StringComparer.Ordinal).Select(Base);
        var engines = builds.Select(build => build.Engine).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var metadata = new SlsaMetadata(urls.Build(builds[0].Id), Time(builds.Min(build => build.StartedAt)), at);
        return new SlsaProvenance(
            new SlsaBuildDefinition(BuildType, external, internals, [.. bundle, .. bases]),
            new SlsaRunDetails(new SlsaBuilder(urls.Base, new SortedDictionary<string, string>(StringComparer.Ordinal) { ["claimed-registry"] = program, ["engine"] = string.Join(", ", engines) }),
                metadata, [.. built.Forms.OrderBy(form => form.Form, StringComparer.Ordinal).Select(form => new SlsaResource($"{url}/{form.Form}", Hashes(form.Digest)) { Name = form.Form })]));
    }

    private static SlsaResource Base(BuildBase row) => new($"docker://{row.Name}", row.Digest is null ? null : Hashes(row.Digest))
    {
        Name = "base",
        // One that no registry has is known by what the engine calls it alone.
        Annotations = row.ImageId is null ? null : Note("imageId", row.ImageId),
    };

    private static Dictionary<string, string> Hashes(string digest) => new() { [Digest.AlgorithmOf(digest).Name!.ToLowerInvariant()] = digest[(digest.IndexOf(':') + 1)..] };

    private static Dictionary<string, string> Note(string name, string value) => new() { [name] = value };

    private static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;
}

/// <summary>What was asked for, and what it was made from.</summary>
/// <param name="ExternalParameters">What the publisher chose.</param>
/// <param name="InternalParameters">What the registry chose.</param>
/// <param name="ResolvedDependencies">The bundle and the base images.</param>
public sealed record SlsaBuildDefinition(
    string BuildType, IReadOnlyDictionary<string, object> ExternalParameters, IReadOnlyDictionary<string, object> InternalParameters, IReadOnlyList<SlsaResource> ResolvedDependencies);

/// <summary>Something with a digest.</summary>
public sealed record SlsaResource(string Uri, IReadOnlyDictionary<string, string>? Digest)
{
    public string? Name { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}

/// <summary>Who built, and when.</summary>
public sealed record SlsaRunDetails(SlsaBuilder Builder, SlsaMetadata Metadata, IReadOnlyList<SlsaResource> Byproducts);

/// <param name="Id">The address of the registry.</param>
/// <param name="Version">Of its program and of the container engine.</param>
public sealed record SlsaBuilder(string Id, IReadOnlyDictionary<string, string> Version);

/// <param name="InvocationId">The build's address.</param>
public sealed record SlsaMetadata(string InvocationId, DateTimeOffset? StartedOn, DateTimeOffset FinishedOn);
