namespace Claimed.Registry.Access;

/// <summary>Settings <c>Access__…</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>A JSON file that gives roles to groups of the identity provider; see <see cref="GroupRoles"/>.</summary>
    public string? File { get; set; }

    /// <summary>Who may create a namespace: <c>Administrators</c> (the default) or <c>Everyone</c> who is signed in, and owns it then.</summary>
    public NamespaceMakers NamespacesBy { get; set; } = NamespaceMakers.Administrators;

    /// <summary>Who vouches for CI jobs, by the name that trust rules call the issuer.</summary>
    public Dictionary<string, Trust.IssuerOptions> Issuers { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Public keys of secret scanners by their identifiers: PEM, or the path of a file with it.</summary>
    public Dictionary<string, string> LeakKeys { get; set; } = new(StringComparer.Ordinal);
}

/// <summary>Who may create namespaces.</summary>
public enum NamespaceMakers
{
    Administrators,
    Everyone,
}
