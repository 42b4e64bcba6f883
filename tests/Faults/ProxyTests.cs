using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults;

/// <summary>The tool of the other tests: a program that is killed and comes back, behind a line that does what lines do.</summary>
public sealed class ProxyTests
{
    [Fact]
    public async Task A_killed_registry_comes_back_on_its_folder_and_port_and_the_proxy_shows_each_fault()
    {
        await using var registry = await RegistryProcess.StartAsync();
        await using var proxy = TcpProxy.To(registry.Port);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{proxy.Port}/"), Timeout = TimeSpan.FromSeconds(5) };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("health/live")).StatusCode);

        proxy.Switch(ProxyMode.Refuse);
        proxy.Cut();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("health/live"));

        proxy.Switch(ProxyMode.Stall);
        var held = client.GetAsync("health/live");
        Assert.NotSame(held, await Task.WhenAny(held, Task.Delay(TimeSpan.FromMilliseconds(300))));
        proxy.Switch(ProxyMode.Forward);
        Assert.Equal(HttpStatusCode.OK, (await held).StatusCode);

        registry.Kill();
        Assert.Equal(137, registry.ExitCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("health/live"));
        await registry.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("health/live")).StatusCode);

        await registry.StopAsync();
        Assert.Equal(0, registry.ExitCode);
    }
}
