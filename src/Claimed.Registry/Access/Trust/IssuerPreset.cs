namespace Claimed.Registry.Access.Trust;

/// <summary>What is known of the claims of each kind of issuer.</summary>
/// <param name="Immutable">Claims that no one else can come to have: a rule names one of them at least, because names are given anew.</param>
/// <param name="Repository">Claim with the repository's path, or null.</param>
/// <param name="Revision">Claim with the revision, or null.</param>
/// <param name="Recorded">Claims that are kept with a version, beside those of the rule.</param>
/// <param name="RepositoryHost">What stands before the path; null for the issuer's own host.</param>
public sealed record IssuerPreset(
    IReadOnlyList<string> Immutable, string? Repository, string? Revision, IReadOnlyList<string> Recorded, string? RepositoryHost = null)
{
    private static readonly IssuerPreset Generic = new(["sub"], null, null, ["sub"]);

    private static readonly IssuerPreset GitHub = new(["repository_id", "repository_owner_id"], "repository", "sha",
        ["repository_id", "repository_owner_id", "ref", "job_workflow_ref", "event_name", "run_id", "run_attempt"], "https://github.com");

    private static readonly IssuerPreset GitLab = new(["project_id", "namespace_id"], "project_path", "sha",
        ["project_id", "namespace_id", "ref", "ci_config_ref_uri", "pipeline_source", "pipeline_id", "job_id"]);

    // A service account that is made anew under its name has another uid; its name is given by those who run the cluster.
    private static readonly IssuerPreset Kubernetes = new(["kubernetes.io.serviceaccount.uid", "sub"], null, null,
        ["sub", "kubernetes.io.serviceaccount.uid", "kubernetes.io.pod.name"]);

    public static IssuerPreset Of(IssuerKind kind) => kind switch
    {
        IssuerKind.GitHub => GitHub,
        IssuerKind.GitLab => GitLab,
        IssuerKind.Kubernetes => Kubernetes,
        _ => Generic,
    };
}
