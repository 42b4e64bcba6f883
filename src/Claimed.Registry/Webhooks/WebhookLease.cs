namespace Claimed.Registry.Webhooks;

/// <summary>A webhook that this process delivers. Writes for it count only while the row still has this fence.</summary>
/// <param name="Space">Name of its namespace.</param>
/// <param name="Secret">As it is stored.</param>
/// <param name="Cursor">Serial of the last event that it need not be told any more.</param>
/// <param name="Failures">Attempts in a row that failed.</param>
internal sealed record WebhookLease(
    long Id, string Space, Uri Url, string Secret, IReadOnlyList<string> Kinds, long Fence, long Cursor, int Failures);

/// <summary>A webhook that is not disabled, as a look finds it.</summary>
internal sealed record WebhookSight(
    long Id, string Space, string Url, string Secret, string Kinds, string? Holder, long Fence, long Beat, long Cursor, int Failures, long NotBefore)
{
    public WebhookLease Taken() => new(Id, Space, new Uri(Url), Secret, Http.Json.Read<string[]>(Kinds), Fence + 1, Cursor, Failures);
}
