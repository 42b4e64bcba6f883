using Claimed.Registry.Access.Trust;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>What exchanges leave behind goes, and not before its time.</summary>
public sealed class TrustLeftoverTests
{
    [Fact]
    public async Task Used_tokens_and_ended_ones_are_removed_once_their_own_time_is_over()
    {
        await using var issuer = await TestIssuer.StartAsync();
        var clock = new SetClock();
        await using var host = await RegistryHost.StartAsync(Trust.Settings(("github", "GitHub", issuer)), adjust: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await host.CreateNamespaceAsync("left");
        await host.TrustAsync("left/*", "github", ("repository_id", "1296269"));
        await host.ExchangeAsync(issuer.SignJob(), "left");
        var kept = await host.NamespaceTokenAsync("left/*", "pull");
        var leftovers = host.Services.GetServices<IHostedService>().OfType<TrustLeftovers>().Single();

        // The job's token ends after 5 minutes, clocks may differ by 1, and it stays for an hour more.
        Assert.Equal((1, 1), await AfterAsync(TimeSpan.FromMinutes(65)));
        Assert.Equal((0, 1), await AfterAsync(TimeSpan.FromMinutes(67)));
        Assert.Equal((0, 1), await AfterAsync(TimeSpan.FromHours(24)));
        Assert.Equal((0, 0), await AfterAsync(TimeSpan.FromHours(25)));
        Assert.Equal(System.Net.HttpStatusCode.OK, await SetClock.AskAsync(host.With(kept)));

        async Task<(int Used, int Tokens)> AfterAsync(TimeSpan time)
        {
            clock.Ahead = time;
            await leftovers.RemoveAsync(CancellationToken.None);
            return ((await TestDatabase.QueryAsync(host.DataPath, "SELECT \"Key\" FROM used_assertions")).Count,
                (await TestDatabase.QueryAsync(host.DataPath, "SELECT \"Id\" FROM tokens WHERE \"TrustRuleId\" IS NOT NULL")).Count);
        }
    }
}
