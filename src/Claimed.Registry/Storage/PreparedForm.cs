namespace Claimed.Registry.Storage;

/// <summary>Bytes of a form, already in the blob store.</summary>
public sealed record PreparedForm(string Form, string Digest, long Size);
