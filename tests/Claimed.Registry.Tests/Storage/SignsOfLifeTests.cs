using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Storage;

/// <summary>For how long a holder of a row counts as silent.</summary>
[Trait("Database", "any")]
public sealed class SignsOfLifeTests
{
    private static readonly TimeSpan _moment = TimeSpan.FromSeconds(10);

    private readonly ShiftedClock _clock = new();

    [Fact]
    public async Task A_holder_is_silent_for_as_long_as_its_row_is_seen_unchanged()
    {
        var signs = new SignsOfLife<long, long>(_clock);
        Assert.InRange(signs.Silence(1, await signs.LookAsync(() => Task.FromResult(5L))), TimeSpan.Zero, _moment);
        _clock.Shift += TimeSpan.FromMinutes(1);

        Assert.InRange(signs.Silence(1, await signs.LookAsync(() => Task.FromResult(5L))), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1) + _moment);
        Assert.InRange(signs.Silence(1, await signs.LookAsync(() => Task.FromResult(6L))), TimeSpan.Zero, _moment);
    }

    [Fact]
    public async Task The_time_in_which_nobody_could_look_counts_against_no_holder()
    {
        var signs = new SignsOfLife<long, long>(_clock);
        signs.Silence(1, await signs.LookAsync(() => Task.FromResult(5L)));
        _clock.Shift += TimeSpan.FromMinutes(1);
        await Assert.ThrowsAsync<TimeoutException>(() => signs.LookAsync<long>(() => throw new TimeoutException()));

        Assert.InRange(signs.Silence(1, await signs.LookAsync(() => Task.FromResult(5L))), TimeSpan.Zero, _moment);
    }

    [Fact]
    public async Task The_time_that_a_look_took_counts_against_no_holder()
    {
        var signs = new SignsOfLife<long, long>(_clock);
        signs.Silence(1, await signs.LookAsync(() => Task.FromResult(5L)));
        _clock.Shift += TimeSpan.FromSeconds(20);
        var row = await signs.LookAsync(() =>
        {
            _clock.Shift += TimeSpan.FromMinutes(1);
            return Task.FromResult(5L);
        });

        Assert.InRange(signs.Silence(1, row), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20) + _moment);
    }
}
