namespace Claimed.Database.Access;

/// <summary>Lets CI jobs that an issuer vouches for publish without a stored secret.</summary>
public sealed class TrustRule
{
    public long Id { get; set; }

    /// <summary><c>acme/filter-csv</c>, <c>acme/filter-*</c> or <c>acme/*</c>; the components need not exist yet.</summary>
    public required string Pattern { get; set; }

    /// <summary>Namespace of the pattern.</summary>
    public required string Namespace { get; set; }

    /// <summary>Name of a configured issuer.</summary>
    public required string Issuer { get; set; }

    /// <summary>JSON object: claim → the exact value it must have.</summary>
    public required string Claims { get; set; }

    public required string CreatedBy { get; set; }

    public long CreatedAt { get; set; }

    public long? RevokedAt { get; set; }
}

/// <summary>A CI job's token that was exchanged already.</summary>
public sealed class UsedAssertion
{
    /// <summary>Hex SHA-256 of issuer and <c>jti</c>.</summary>
    public required string Key { get; set; }

    /// <summary>After this the token is refused by its own time, and the row may go.</summary>
    public long ExpiresAt { get; set; }
}
