using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>Which network a step of a build has.</summary>
[Trait("Database", "any")]
public sealed partial class NetworkTests(RegistryWithEngine registry)
{
    // What ends there is what the step sees, and the name of its namespace.
    private const string Look = "RUN echo namespace $(readlink /proc/self/ns/net) sees $(cut -s -d: -f1 /proc/net/dev) and routes $(tail -n +2 /proc/net/route | wc -l) at $(ip -4 addr show scope global | awk '$1 == \"inet\" { print $2 }')";

    private static readonly string _machines = new FileInfo("/proc/self/ns/net").LinkTarget!;

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task With_none_a_step_sees_nothing_but_itself(string engine)
    {
        var seen = await SeenAsync(engine, "none");

        Assert.Contains(" sees lo and routes 0 at", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(_machines, seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task With_host_a_step_has_the_network_of_the_machine(string engine) =>
        Assert.Contains($"namespace {_machines} sees ", await SeenAsync(engine, "host"), StringComparison.Ordinal);

    [Theory]
    [InlineData("docker", "bridge")]
    [InlineData("podman", "podman")]
    public async Task By_default_a_step_is_in_the_engines_own_network(string engine, string network)
    {
        var seen = await SeenAsync(engine, "");

        Assert.DoesNotContain(_machines, seen, StringComparison.Ordinal);
        // The tests' dockerd may have been told to make none.
        if (await SubnetAsync(engine, network) is { } subnet)
            Assert.Contains(subnet, AddressesIn(seen));
        else
            Assert.Contains(" sees lo and routes 0 at", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task With_a_name_a_step_is_in_the_network_of_that_name(string engine)
    {
        var site = await registry.OnAsync(engine);
        (await site.Engine.DockerAsync("network", "create", "team-network")).Succeeded();
        try
        {
            var seen = await SeenAsync(engine, "team-network");

            Assert.DoesNotContain(_machines, seen, StringComparison.Ordinal);
            Assert.Contains((await SubnetAsync(engine, "team-network"))!.Value, AddressesIn(seen));
        }
        finally
        {
            (await site.Engine.DockerAsync("network", "rm", "team-network")).Succeeded();
        }
    }

    /// <summary>The addresses of a network of the engine; null when it has none of that name.</summary>
    private async Task<IPNetwork?> SubnetAsync(string engine, string network)
    {
        var asked = await (await registry.OnAsync(engine)).Engine.DockerAsync("network", "inspect", "--format", "{{(index .IPAM.Config 0).Subnet}}", network);
        return asked.ExitCode == 0 ? IPNetwork.Parse(asked.Out.Trim()) : null;
    }

    /// <summary>The networks in which the step has an address.</summary>
    private static IEnumerable<IPNetwork> AddressesIn(string seen) => Address.Matches(seen).Select(match =>
    {
        var (address, bits) = (IPAddress.Parse(match.Groups[1].Value).GetAddressBytes(), int.Parse(match.Groups[2].ValueSpan));
        for (var bit = bits; bit < 32; bit++)
            address[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(address), bits);
    });

    [GeneratedRegex(@" at (\d+\.\d+\.\d+\.\d+)/(\d+)")]
    private static partial Regex Address { get; }

    private async Task<string> SeenAsync(string engine, string mode)
    {
        var site = await registry.OnAsync(engine);
        await using var host = await site.StartAsync(("Builds:NetworkMode", mode), ("Builds:AllowHostNetwork", "true"));
        // The same step is in the engine's cache by the second mode.
        var version = await host.PublishStepsAsync("networks/looks", $"ENV MODE={mode}.\n{Look}");
        version.AssertReady();
        var log = await host.LogOfAsync(version);
        Assert.Contains("namespace net:[", log, StringComparison.Ordinal);
        return log;
    }
}
