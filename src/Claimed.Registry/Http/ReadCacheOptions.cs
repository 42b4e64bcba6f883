namespace Claimed.Registry.Http;

/// <summary>Settings <c>ReadCache__…</c>: how much memory answers may take that are kept for the next reader.</summary>
public sealed record ReadCacheOptions
{
    /// <summary>Bytes of all kept answers together, their URLs and headers included; 0 keeps none.</summary>
    public long MaxBytes { get; init; } = 12 * 1024 * 1024;

    /// <summary>Larger answers are made anew each time.</summary>
    public int MaxAnswerBytes { get; init; } = 128 * 1024;
}
