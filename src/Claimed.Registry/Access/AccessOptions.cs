using Claimed.Registry.Access.People;
using Microsoft.Extensions.Options;

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

    /// <summary>Addresses or networks (<c>10.0.0.0/8</c>) of proxies that are believed what they say of a request: from where it came, and that it came over TLS.</summary>
    public IReadOnlyList<string> TrustedProxies { get; set; } = [];

    public ProviderOptions Oidc { get; set; } = new();
}

/// <summary>Who may create namespaces.</summary>
public enum NamespaceMakers
{
    Administrators,
    Everyone,
}

/// <summary>Says at start what is wrong with <see cref="AccessOptions"/>.</summary>
public sealed class AccessOptionsCheck : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        if (options.TrustedProxies.FirstOrDefault(proxy => TrustedProxies.Read(proxy) is null) is { } unread)
            return ValidateOptionsResult.Fail($"Access__TrustedProxies has \"{unread}\": give addresses such as 10.1.2.3, or networks such as 10.0.0.0/8");
        if (GroupFault(options.File) is { } groups)
            return ValidateOptionsResult.Fail($"Access__File is \"{options.File}\": {groups}");
        return options.Oidc.Fault() is { } fault ? ValidateOptionsResult.Fail(fault) : ValidateOptionsResult.Success;
    }

    private static string? GroupFault(string? file)
    {
        try
        {
            if (file is not null)
                GroupTable.Read(File.ReadAllText(file));
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException)
        {
            return fault.Message;
        }
    }
}
