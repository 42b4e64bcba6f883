using Claimed.Registry.Builds;
using Claimed.Registry.Builds.Engine;
using Xunit;

namespace Claimed.Registry.Tests.Builds.Engine;

/// <summary>An engine that accepts a build and then stands still.</summary>
[Trait("Database", "any")]
public sealed class EngineWatchTests
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task A_build_ends_when_its_engine_stands_still()
    {
        await using var watch = new EngineWatch(token => Task.Delay(Timeout.Infinite, token), TimeProvider.System, CancellationToken.None, _interval);

        var fault = await Assert.ThrowsAsync<EngineUnavailableException>(() => watch.GuardAsync(() => Task.Delay(Timeout.Infinite, watch.Token)));

        Assert.Contains("did not answer", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_goes_on_as_long_as_its_engine_answers_now_and_then()
    {
        var (asked, answered) = (0, new TaskCompletionSource());
        await using var watch = new EngineWatch(async token =>
        {
            // Three silences, then an answer, three times over.
            if (++asked % 4 != 0)
                await Task.Delay(Timeout.Infinite, token);
            if (asked == 12)
                answered.SetResult();
        }, TimeProvider.System, CancellationToken.None, _interval);

        await watch.GuardAsync(() => answered.Task.WaitAsync(watch.Token));

        Assert.False(watch.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_cancelled_build_is_no_fault_of_the_engine()
    {
        using var cancelled = new CancellationTokenSource();
        await using var watch = new EngineWatch(_ => Task.CompletedTask, TimeProvider.System, cancelled.Token, _interval);
        var work = watch.GuardAsync(() => Task.Delay(Timeout.Infinite, watch.Token));
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
    }
}
