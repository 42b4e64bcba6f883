namespace Claimed.Registry.Access;

/// <summary>Settings <c>Access__…</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>A JSON file that gives roles to groups of the identity provider; see <see cref="GroupRoles"/>.</summary>
    public string? File { get; set; }

    /// <summary>Who may create a namespace: <c>Administrators</c> (the default) or <c>Everyone</c> who is signed in, and owns it then.</summary>
    public NamespaceMakers NamespacesBy { get; set; } = NamespaceMakers.Administrators;
}

/// <summary>Who may create namespaces.</summary>
public enum NamespaceMakers
{
    Administrators,
    Everyone,
}
