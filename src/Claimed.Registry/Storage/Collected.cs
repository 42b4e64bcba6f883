namespace Claimed.Registry.Storage;

/// <summary>What a collection removed of one kind, or would remove.</summary>
/// <param name="Kind">In plain words, such as <c>blobs without a row</c>.</param>
public sealed record Collected(string Kind, int Count, long Bytes = 0);
