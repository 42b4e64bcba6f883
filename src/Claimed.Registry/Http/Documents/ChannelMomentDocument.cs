namespace Claimed.Registry.Http.Documents;

/// <summary>What a channel meant at a moment.</summary>
/// <param name="At">The moment that was asked for.</param>
/// <param name="Version">The version that it meant.</param>
/// <param name="Since">Since when.</param>
/// <param name="SetBy"><c>publisher</c>, or <c>registry</c> for <c>latest</c> while nobody had set it.</param>
/// <param name="State">Of the version now.</param>
/// <param name="Image">What the version runs, pinned; absent when it was purged.</param>
/// <param name="Links"><c>channel</c> and <c>version</c>.</param>
public sealed record ChannelMomentDocument(
    string Namespace, string Name, string Channel, DateTimeOffset At, string Version, DateTimeOffset Since, string SetBy, string? State, string? Image, IReadOnlyDictionary<string, string> Links);
