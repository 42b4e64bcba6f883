using System.Diagnostics.Metrics;

namespace Claimed.Registry.Telemetry;

/// <summary>
/// What the registry counts and measures of itself; docs/operations.md has the names. The other parts say what happened; gauges show
/// what was said last, so that a scrape never waits for a database.
/// </summary>
public sealed class RegistryMetrics
{
    public const string MeterName = "Claimed.Registry";

    private readonly Counter<long> _publishes;
    private readonly Counter<long> _blobs;
    private readonly Counter<long> _blobBytes;
    private readonly Histogram<double> _buildDuration;
    private readonly Histogram<double> _webhookDuration;
    private readonly TimeProvider _clock;
    private int _running;
    private volatile WebhookLook? _webhooks;
    private volatile bool _busDegraded;
    private volatile QueueLook? _queue;
    private volatile SnapshotLook? _snapshot;

    private sealed record QueueLook(int Length, long? OldestQueuedAt);

    private sealed record SnapshotLook(long Serial, long SeenAt);

    private sealed record WebhookLook(int Failing);

    public RegistryMetrics(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        var meter = meters.Create(MeterName);
        _publishes = meter.CreateCounter<long>("claimed.publishes", "{publish}", "Publish requests by outcome; refused ones by reason.");
        _blobs = meter.CreateCounter<long>("claimed.blobs", "{blob}", "Blobs that were stored and were not there before.");
        _blobBytes = meter.CreateCounter<long>("claimed.blob.written", "By", "Bytes of these blobs.");
        _buildDuration = meter.CreateHistogram("claimed.build.duration", "s", "Builds by outcome, from the moment a builder took them.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600] });
        meter.CreateObservableUpDownCounter("claimed.builds.running", () => Volatile.Read(ref _running), "{build}", "Builds that this process runs.");
        meter.CreateObservableGauge("claimed.build.queue.length", () => Known(_queue, look => look.Length), "{build}", "Queued builds, of all builders.");
        meter.CreateObservableGauge("claimed.build.queue.age", () => Known(_queue, Age), "s", "How long the oldest queued build waits; 0 without one.");
        meter.CreateObservableGauge("claimed.snapshot.serial", () => Known(_snapshot, look => look.Serial), null, "Serial of the last event that readers see.");
        meter.CreateObservableGauge("claimed.snapshot.age", () => Known(_snapshot, look => _clock.GetElapsedTime(look.SeenAt).TotalSeconds), "s",
            "Since the catalog in memory was last known to be up to date.");
        _webhookDuration = meter.CreateHistogram("claimed.webhook.duration", "s", "Deliveries to webhooks by outcome, from the request to its answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30] });
        meter.CreateObservableGauge("claimed.webhooks.failing", () => Known(_webhooks, look => look.Failing), "{webhook}", "Enabled webhooks whose last delivery failed.");
        meter.CreateObservableGauge("claimed.bus.degraded", () => _busDegraded ? 1 : 0, null, "1 while the message bus takes no messages.");
    }

    /// <summary>Whether the message bus failed to take the last message.</summary>
    public bool BusDegraded
    {
        set => _busDegraded = value;
    }

    /// <param name="isNew">False when the component already had this bundle.</param>
    public void PublishAccepted(bool isNew) => _publishes.Add(1, new KeyValuePair<string, object?>("outcome", isNew ? "created" : "known"));

    /// <param name="reason">The type of the problem, such as <c>version-exists</c>; never free text.</param>
    public void PublishRefused(string reason) =>
        _publishes.Add(1, new KeyValuePair<string, object?>("outcome", "refused"), new KeyValuePair<string, object?>("reason", reason));

    public void BuildStarted() => Interlocked.Increment(ref _running);

    public void BuildEnded(BuildOutcome outcome, TimeSpan duration)
    {
        Interlocked.Decrement(ref _running);
        _buildDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome.ToString().ToLowerInvariant()));
    }

    /// <param name="oldestQueuedAt">Unix milliseconds; null when the queue is empty.</param>
    public void QueueSeen(int length, long? oldestQueuedAt) => _queue = new QueueLook(length, oldestQueuedAt);

    /// <summary>The snapshot holds everything up to this serial, which is the database's highest at this moment.</summary>
    public void SnapshotSeen(long serial) => _snapshot = new SnapshotLook(serial, _clock.GetTimestamp());

    public void WebhookTold(bool isDelivered, long milliseconds) =>
        _webhookDuration.Record(milliseconds / 1000.0, new KeyValuePair<string, object?>("outcome", isDelivered ? "delivered" : "failed"));

    public void WebhooksSeen(int failing) => _webhooks = new WebhookLook(failing);

    public void BlobStored(long bytes)
    {
        _blobs.Add(1);
        _blobBytes.Add(bytes);
    }

    private double Age(QueueLook look) => look.OldestQueuedAt is { } oldest
        ? Math.Max(0, (_clock.GetUtcNow().ToUnixTimeMilliseconds() - oldest) / 1000.0)
        : 0;

    // Nothing is shown before the first look: 0 would be a lie.
    private static IEnumerable<Measurement<T>> Known<TLook, T>(TLook? look, Func<TLook, T> value) where TLook : class where T : struct =>
        look is null ? [] : [new Measurement<T>(value(look))];
}

/// <summary>How one run of a build ended.</summary>
public enum BuildOutcome
{
    Succeeded,
    Failed,
    Cancelled,

    /// <summary>Handed back to the queue: the engine failed or the process stopped.</summary>
    Requeued,

    /// <summary>Another builder has it, or the database was away too long.</summary>
    Lost,
}
