using Claimed.Registry.Http;
using Claimed.Registry.Storage.Snapshot;
using Claimed.Registry.Telemetry;

namespace Claimed.Registry.Webhooks;

/// <summary>Tells one webhook its events, one after the other; an event that was not taken is told again before any later one.</summary>
internal sealed class WebhookDeliveries(WebhookRows rows, WebhookPost post, WebhookSecrets secrets, SnapshotFeed feed, RegistryUrls urls, RegistryMetrics metrics)
{
    /// <param name="most">Events before others have their turn.</param>
    /// <param name="stopping">Ends between two events.</param>
    /// <param name="cut">Ends at once.</param>
    public async Task RunAsync(WebhookLease lease, int most, CancellationToken stopping, CancellationToken cut)
    {
        if (secrets.Open(lease.Secret) is not { } secret)
        {
            await rows.StopAsync(lease, "The registry does not have the keys that its secret was stored with: give it a new secret.", cut);
            return;
        }
        for (var told = 0; told < most && !stopping.IsCancellationRequested; told++)
        {
            var (next, lookedTo) = await rows.NextAsync(lease.Space, lease.Kinds, lease.Cursor, cut);
            if (next is null)
            {
                lease = lease with { Cursor = Math.Max(lease.Cursor, lookedTo) };
                break;
            }
            var posted = await post.SendAsync(lease.Url, secret, WebhookMessage.Of(next, feed.Current, urls), lease.Id, lease.Failures + 1, cut);
            metrics.WebhookTold(posted.Error is null, posted.Milliseconds);
            if (posted.Error is not null)
            {
                await rows.FailedAsync(lease, next.Serial, posted, cut);
                return;
            }
            if (await rows.DeliveredAsync(lease, next.Serial, posted, cut) is not { } held)
                return;
            lease = held;
        }
        await rows.ReleaseAsync(lease, cut);
    }
}
