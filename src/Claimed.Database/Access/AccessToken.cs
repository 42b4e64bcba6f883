namespace Claimed.Database.Access;

/// <summary>A token; only its hash is kept.</summary>
public sealed class AccessToken
{
    public long Id { get; set; }

    /// <summary>What its maker calls it.</summary>
    public required string Name { get; set; }

    /// <summary>Lower-case hex SHA-256 of the token.</summary>
    public required string Hash { get; set; }

    /// <summary>The person it acts for, whose rights it never exceeds; null for the token of a namespace or of the instance.</summary>
    public long? UserId { get; set; }

    /// <summary>What it may do, as words with spaces between: <c>publish yank pull push manage admin</c>.</summary>
    public string Scopes { get; set; } = "";

    /// <summary>Where it may: <c>*</c>, <c>acme/*</c>, <c>acme/filter-csv</c> or <c>acme/filter-*</c>.</summary>
    public string Pattern { get; set; } = "*";

    /// <summary>The trust rule that a CI job exchanged its own token under; null for all others.</summary>
    public long? TrustRuleId { get; set; }

    /// <summary>Claims of that job's token, as JSON.</summary>
    public string? TrustClaims { get; set; }

    /// <summary>The token that it was made with, whose end by revocation is its own; null when a person made it in a session.</summary>
    public long? ParentId { get; set; }

    /// <summary>Who made it.</summary>
    public string? CreatedBy { get; set; }

    public long CreatedAt { get; set; }

    /// <summary>Null: never.</summary>
    public long? ExpiresAt { get; set; }

    /// <summary>To the minute.</summary>
    public long? LastUsedAt { get; set; }

    public long? RevokedAt { get; set; }
}
