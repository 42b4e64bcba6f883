namespace Claimed.TestKit;

/// <summary>The system's clock, moved on by a test.</summary>
public sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(Shift.TotalSeconds * TimestampFrequency);

    /// <summary>Lets the time go on and waits until the registry, which then has not heard of its database for as long, knows tokens again.</summary>
    public async Task PassAsync(TimeSpan span, RegistryHost host)
    {
        Shift += span;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await host.Admin.SendAsync(HttpMethod.Get, "/api/v1/tokens")).Status == global::System.Net.HttpStatusCode.ServiceUnavailable)
            await timer.WaitForNextTickAsync();
    }
}
