using System.Diagnostics;
using Claimed.Database.Builds;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Claimed.Faults.Roles;

/// <summary>Broker and database themselves are stopped under web and builders at work, and come back: nobody else is started again.</summary>
public sealed class ServerRestartTests(BusyFleet busy) : IClassFixture<BusyFleet>
{
    /// <summary>Longer than the lease: whoever cannot look must not take others for dead.</summary>
    private static readonly TimeSpan _outage = TimeSpan.FromSeconds(4);

    private Fleet Fleet => busy.Fleet;

    [Theory]
    [InlineData("stopped")]
    [InlineData("killed")]
    public async Task RabbitMQ_that_comes_back_has_lost_no_build_and_calls_builders_again(string how)
    {
        for (var round = 0; round < Figures.Restarts; round++)
        {
            var began = 0L;
            var published = await busy.WhilePublishingAsync(new Progress(), async accepted =>
            {
                await busy.Looking.Engine.UntilSentAsync("/build?", Patience.Limit);
                await (how == "stopped" ? busy.Broker.StopAsync() : busy.Broker.KillAsync());
                await busy.UntilBrokerAsync(isAway: true);
                await accepted.UntilAsync(3);
                await busy.Broker.StartAgainAsync();
                began = Stopwatch.GetTimestamp();
                await busy.UntilBrokerAsync(isAway: false);
                await accepted.UntilAsync(3);
            });
            // With nothing under way, only a call makes that builder look.
            await new Invariants(Fleet.Web, Fleet.Store).SettleAsync(Patience.Limit);
            busy.Looking.Engine.Vanish();
            published.Add(await Fleet.PublishAsync($"called-{how}", $"1.{round}.0"));
            Assert.Equal("ready", (await Fleet.EndedAsync(published[^1]))["state"]);
            busy.Looking.Mend();
            await Fleet.HoldAsync($"RabbitMQ {how} and started again", published, began);
        }
    }

    [Fact]
    public async Task PostgreSQL_that_ends_at_once_in_the_middle_of_builds_has_each_built_once()
    {
        for (var round = 0; round < Figures.Restarts; round++)
        {
            // One build that is at its engine all the time; the other builder takes those that the publishers make.
            busy.Looking.Engine.Vanish();
            var asked = busy.Called.Engine.UntilSentAsync("/build?", Patience.Limit);
            var held = await Fleet.PublishAsync("held", $"1.{round}.0");
            await asked;
            busy.Called.Engine.Switch(ProxyMode.Stall);
            busy.Looking.Mend();

            var (began, refused) = (0L, new Progress());
            var published = await busy.WhilePublishingAsync(refused, async accepted =>
            {
                await busy.Looking.Engine.UntilSentAsync("/build?", Patience.Limit);
                var later = refused.UntilAsync(1);
                await busy.Database.StopAsync();
                await later;
                var catalog = await Fleet.Web.Anonymous.SendAsync(HttpMethod.Get, "/api/v1/components");
                Assert.Equal(System.Net.HttpStatusCode.OK, catalog.Status);
                await Task.Delay(_outage);
                await busy.Database.StartAgainAsync();
                began = Stopwatch.GetTimestamp();
                await accepted.UntilAsync(3);
            });
            var after = await Fleet.PublishAsync("after", $"1.{round}.0");
            Assert.Equal("ready", (await Fleet.EndedAsync(after))["state"]);
            busy.Called.Mend();
            await Fleet.HoldAsync("PostgreSQL ended at once and started again", [held, after, .. published], began);

            await using var db = Fleet.Store.Open(Fleet.Web);
            var build = await db.Builds.SingleAsync(build => build.Version!.Component!.Name == "held" && build.Version.Number == held.Number);
            Assert.Equal((BuildState.Succeeded, 1), (build.State, build.Attempt));
        }
    }
}
