namespace Claimed.Database.Events;

/// <summary>A change, written in the same transaction as what it tells of.</summary>
public sealed class RegistryEvent
{
    /// <summary>Order of commits; no number is skipped.</summary>
    public long Serial { get; set; }

    public long At { get; set; }

    /// <summary>For example <c>version.published</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>For example <c>acme/filter</c>.</summary>
    public required string Subject { get; set; }

    /// <summary>JSON object; no address, no token.</summary>
    public required string Payload { get; set; }
}

/// <summary>The one row whose update is the last thing before a commit, so that serial order is commit order.</summary>
public sealed class EventHead
{
    public int Id { get; set; }

    public long Serial { get; set; }
}
