using System.Net;
using Claimed.TestKit;

namespace Claimed.Registry.Tests.Access;

/// <summary>The system's clock, set ahead by hand.</summary>
internal sealed class SetClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    /// <summary>Asks who a client is; when the clock was set ahead, the registry first looks whether its tokens still hold.</summary>
    public static async Task<HttpStatusCode> AskAsync(HttpClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var answer = await client.JsonAsync(HttpMethod.Get, "/api/v1/me");
            if (answer.Status != HttpStatusCode.ServiceUnavailable)
                return answer.Status;
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);
}
