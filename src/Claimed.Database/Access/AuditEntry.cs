namespace Claimed.Database.Access;

/// <summary>Who did what, from where, and what came of it, refusals included.</summary>
public sealed class AuditEntry
{
    public long Id { get; set; }

    public long At { get; set; }

    /// <summary>Name of the caller: a user, a token, <c>anonymous</c>, or <c>registry</c> for what it does by itself.</summary>
    public required string Who { get; set; }

    /// <summary>Address of the caller.</summary>
    public string? Address { get; set; }

    public long? TokenId { get; set; }

    /// <summary>Kind of the event, or method and path of a refused request.</summary>
    public required string Action { get; set; }

    /// <summary>What it was done to, such as <c>acme/filter-csv</c>.</summary>
    public required string Subject { get; set; }

    /// <summary>The namespace of the subject, whose owners may read this; null for what belongs to none.</summary>
    public string? Namespace { get; set; }

    /// <summary><c>done</c>, or the type of the problem.</summary>
    public required string Outcome { get; set; }

    /// <summary>The event that came of it.</summary>
    public long? EventSerial { get; set; }
}
