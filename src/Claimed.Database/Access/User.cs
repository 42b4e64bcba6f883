namespace Claimed.Database.Access;

/// <summary>A person.</summary>
public sealed class User
{
    public long Id { get; set; }

    /// <summary>Unique; what members and the audit call the person.</summary>
    public required string Name { get; set; }

    /// <summary>The identity provider that vouches for the person; null for a local user.</summary>
    public string? Issuer { get; set; }

    /// <summary>The provider's immutable id of the person.</summary>
    public string? Subject { get; set; }

    public string DisplayName { get; set; } = "";

    /// <summary>Hash of a local user's password, in the form of ASP.NET Core Identity.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>JSON array: the groups at the last sign-in.</summary>
    public string Groups { get; set; } = "[]";

    public bool IsAdministrator { get; set; }

    /// <summary>Raised when the password changes, the person signs out or is disabled: older sign-ins then are over.</summary>
    public long Stamp { get; set; }

    public long CreatedAt { get; set; }

    public long? DisabledAt { get; set; }
}
