namespace Claimed.Database.Access;

/// <summary>A token; only its hash is kept.</summary>
public sealed class AccessToken
{
    public long Id { get; set; }

    public required string Name { get; set; }

    /// <summary>Lower-case hex SHA-256 of the token.</summary>
    public required string Hash { get; set; }

    public long CreatedAt { get; set; }

    public long? RevokedAt { get; set; }
}

/// <summary>Who did what, from where, and what came of it, refusals included.</summary>
public sealed class AuditEntry
{
    public long Id { get; set; }

    public long At { get; set; }

    public required string Who { get; set; }

    public string? Address { get; set; }

    public long? TokenId { get; set; }

    public required string Action { get; set; }

    public required string Subject { get; set; }

    public required string Outcome { get; set; }

    public long? EventSerial { get; set; }
}
