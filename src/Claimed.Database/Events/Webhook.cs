namespace Claimed.Database.Events;

/// <summary>An address that is told what happens in a namespace.</summary>
public sealed class Webhook
{
    public long Id { get; set; }

    public long NamespaceId { get; set; }

    public required string Url { get; set; }

    /// <summary>What deliveries are signed with, protected by the registry's keys.</summary>
    public required string Secret { get; set; }

    /// <summary>JSON array of the kinds of events that it is told.</summary>
    public required string Kinds { get; set; }

    /// <summary>Why nothing is sent any more; null while it is.</summary>
    public string? Disabled { get; set; }

    public long CreatedAt { get; set; }

    public string? CreatedBy { get; set; }

    /// <summary>Serial of the last event that it needs not be told any more.</summary>
    public long Cursor { get; set; }

    /// <summary>Attempts in a row that failed.</summary>
    public int Failures { get; set; }

    /// <summary>Not to be tried before this time (backoff).</summary>
    public long NotBefore { get; set; }

    /// <summary>The process that delivers at the moment.</summary>
    public string? Holder { get; set; }

    /// <summary>Raised whenever a process takes the row; its later writes must name it.</summary>
    public long Fence { get; set; }

    /// <summary>Raised by the holder while it lives.</summary>
    public long Beat { get; set; }
}

/// <summary>One attempt to tell an event; the newest of each webhook are kept.</summary>
public sealed class WebhookDelivery
{
    public long Id { get; set; }

    public long WebhookId { get; set; }

    /// <summary>The event; 0 for a trial that somebody asked for.</summary>
    public long Serial { get; set; }

    public int Attempt { get; set; }

    public long At { get; set; }

    /// <summary>HTTP status of the answer; null when none came.</summary>
    public int? Status { get; set; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Error { get; set; }

    /// <summary>How long it took.</summary>
    public long Milliseconds { get; set; }
}
