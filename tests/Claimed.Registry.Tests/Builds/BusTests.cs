using Claimed.TestKit;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

[Trait("Database", "any")]
public sealed class BusTests
{
    [Fact]
    public async Task The_library_of_the_bus_tells_its_makers_nothing_of_this_registry()
    {
        await using var host = await RegistryHost.StartAsync();
        Assert.False(host.Services.GetRequiredService<IOptions<UsageTelemetryOptions>>().Value.Enabled);
    }
}
