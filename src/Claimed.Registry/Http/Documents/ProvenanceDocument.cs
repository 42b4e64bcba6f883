using Claimed.Registry.Access.Trust;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Http.Documents;

/// <summary>Where a version comes from, and who says so.</summary>
/// <param name="Verified">Repository and revision are what the issuer of the publishing CI job says; otherwise the publisher states them.</param>
/// <param name="StatedBy">The publisher; when it is not verified.</param>
/// <param name="Issuer">Name of the issuer that vouched for the job.</param>
/// <param name="Rule">Number of the trust rule that let it in.</param>
/// <param name="Claims">What the issuer said of the job.</param>
public sealed record ProvenanceDocument(
    string? Repository, string? Revision, bool Verified, string? StatedBy, string? Issuer, long? Rule, IReadOnlyDictionary<string, string>? Claims)
{
    public static ProvenanceDocument? Of(VersionEntry version)
    {
        var job = version.TrustClaims is { } claims ? Json.Read<TrustedJob>(claims) : null;
        if (job is null && version.Repository is null && version.Revision is null)
            return null;
        var verified = job?.Repository is not null && version.Repository == job.Repository && version.Revision == job.Revision;
        return new ProvenanceDocument(version.Repository, version.Revision, verified, verified ? null : version.StatedBy, job?.Issuer, job?.Rule, job?.Claims);
    }
}
