namespace Claimed.Database.Events;

/// <summary>How far this registry has followed another one.</summary>
public sealed class Mirror
{
    public long Id { get; set; }

    /// <summary>Scheme, host and port of the other registry.</summary>
    public required string Origin { get; set; }

    /// <summary>Up to this event of the other registry everything is done, or stands in <see cref="Pending"/>.</summary>
    public long Serial { get; set; }

    /// <summary>The last event that was read, as <c>serial digest</c>: by it another registry behind the same address is known. Null before the first.</summary>
    public string? Mark { get; set; }

    /// <summary>Digest over what is followed and what the token sees: when it changes, there is more to read than the events tell.</summary>
    public required string Sight { get; set; }

    /// <summary>JSON array: components of which something could not be copied; they are tried again.</summary>
    public string Pending { get; set; } = "[]";

    public long UpdatedAt { get; set; }
}
