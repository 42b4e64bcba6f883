using Claimed.Registry.Builds;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

/// <summary>A node without a builder knows nothing of builders but what the queue shows.</summary>
[Trait("Database", "any")]
public sealed class NobodyBuildsTests : IAsyncLifetime
{
    private const string Ready = "/health/ready";
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(
        new Dictionary<string, string> { ["Builds:LookInterval"] = "00:00:01", ["Builds:Lease"] = "00:00:05" });

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Only_a_build_that_nobody_takes_is_degraded()
    {
        Assert.Equal("[]", (await _host.GetAsync(Ready))["degraded"]);
        var first = await PublishAsync("first");
        Assert.Null(first["build.reason"]);
        Assert.Equal("[]", (await _host.GetAsync(Ready))["degraded"]);
        await _host.UntilAsync(Ready, answer => answer["degraded"]!.Contains("no builder takes them", StringComparison.Ordinal));
        Assert.Contains("no builder takes them", (await _host.ComponentAsync("acme/first/versions/0.1.0"))["build.reason"], StringComparison.Ordinal);

        // Somebody builds: the second one waits for its turn.
        var lease = await _host.Services.GetRequiredService<BuildQueue>().TakeAsync(new BuilderOffer("elsewhere"), CancellationToken.None);
        var second = await PublishAsync("second");
        await _host.UntilAsync(Ready, answer => answer["degraded"] == "[]");
        await _host.PostAsync($"/api/v1/builds/{second["build.id"]}/cancel");
        await _host.Services.GetRequiredService<BuildQueue>().FailAsync(lease!, "failed", "for the test", null, CancellationToken.None);
        Assert.Equal("[]", (await _host.GetAsync(Ready))["degraded"]);
    }

    private Task<Answer> PublishAsync(string name) => _host.PublishAsync("acme", name, null, ("step.py", Samples.Script()));
}
