namespace Claimed.Registry.Access.Trust;

/// <summary>Settings <c>Access__Issuers__{name}__…</c>: who vouches for CI jobs.</summary>
public sealed class IssuerOptions
{
    /// <summary>Which claims say what, and which of them never go over to another owner.</summary>
    public IssuerKind Kind { get; set; }

    /// <summary>The <c>iss</c> of its tokens; discovery is below it.</summary>
    public string Url { get; set; } = "";

    /// <summary>The <c>aud</c> that a job must ask for; the registry's public URL when absent.</summary>
    public string? Audience { get; set; }

    /// <summary>Lets the issuer be asked over http, for one on a private network.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>A file or a URL with its keys (JWKS), where there is no discovery.</summary>
    public string? Jwks { get; set; }

    /// <summary>The claim that holds the URL of the source repository; the kind's when absent.</summary>
    public string? RepositoryClaim { get; set; }

    /// <summary>What stands before a repository's path, such as <c>https://git.example.org</c>; the kind's when absent.</summary>
    public string? RepositoryHost { get; set; }

    /// <summary>The claim that holds the revision; the kind's when absent.</summary>
    public string? RevisionClaim { get; set; }
}

/// <summary>Whose jobs an issuer vouches for.</summary>
public enum IssuerKind
{
    /// <summary>Anything with OpenID Connect.</summary>
    Generic,

    GitHub,

    GitLab,

    /// <summary>Tokens of service accounts.</summary>
    Kubernetes,
}
