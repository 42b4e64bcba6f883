namespace Claimed.Database.Access;

/// <summary>How much of a limit was used in a window of time, by all nodes.</summary>
public sealed class RateCount
{
    /// <summary>Kind and who, such as <c>write token 17</c>.</summary>
    public required string Key { get; set; }

    /// <summary>Begin of the window.</summary>
    public long Window { get; set; }

    public long Used { get; set; }
}
