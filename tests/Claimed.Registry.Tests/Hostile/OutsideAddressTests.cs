using System.Net;
using Claimed.Registry.Images;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Hostile;

/// <summary>A publisher names hosts freely: the registry asks public ones, and only for callers that it knows.</summary>
[Trait("Database", "any")]
public sealed class OutsideAddressTests(OutsideAddressTests.Strict registry) : IClassFixture<OutsideAddressTests.Strict>
{
    public sealed class Strict : SharedRegistry
    {
        protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["Images:AllowPrivateHosts"] = "false" };
    }

    private readonly RegistryHost _host = registry.Host;

    [Theory]
    [InlineData("field")]
    [InlineData("component.yaml")]
    public async Task A_validation_without_a_token_asks_no_other_registry(string where)
    {
        await using var open = await RegistryHost.StartAsync();
        var asked = 0;
        await using var inner = await Counting(() => asked++);
        var image = $"{inner.Authority}/team/tool:1";
        var upload = where == "field"
            ? new Multipart().Source("step.py", Samples.Script()).Field("image", image)
            : new Multipart().Source("component.yaml", Samples.ExistingImage(image: image));
        var anonymous = await open.Anonymous.SendAsync(HttpMethod.Post, "/api/v1/components/nobody/validate", upload.ToContent());
        Assert.Equal("true", anonymous["valid"]);
        Assert.Contains("image-not-checked", anonymous.FindingCodes);
        Assert.Equal(0, asked);
        Assert.Contains("image-not-found", (await open.PostAsync("/api/v1/components/nobody/validate", upload)).FindingCodes);
        Assert.NotEqual(0, asked);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task A_registry_with_a_private_address_is_not_asked(string name)
    {
        var asked = 0;
        await using var inner = await Counting(() => asked++);
        var image = $"{name}:{new Uri("http://" + inner.Authority).Port}/team/tool:1";
        var answer = await _host.PostAsync("/api/v1/components/nobody/validate", new Multipart().Source("component.yaml", Samples.ExistingImage(image: image)));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(0, asked);
        // What answers there, or whether anything does, is not told.
        Assert.DoesNotContain("image-not-found", answer.FindingCodes);
    }

    [Fact]
    public async Task An_image_of_this_registry_is_found_whatever_its_address()
    {
        var answer = await _host.PostAsync("/api/v1/components/nobody/validate",
            new Multipart().Source("component.yaml", Samples.ExistingImage(image: $"{_host.Address.Authority}/team/tool:1")));
        Assert.Contains("image-not-found", answer.FindingCodes);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.255.1.2", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd12:3456::1", false)]
    [InlineData("ff02::1", false)]
    public void Addresses_are_public_by_the_registries_of_special_ones(string address, bool isPublic) =>
        Assert.Equal(isPublic, OutsideAddress.IsPublic(IPAddress.Parse(address)));

    [Fact]
    public void Silent_hosts_are_remembered_up_to_a_bound()
    {
        var silent = new SilentHosts(TimeProvider.System);
        for (var number = 0; number < 10 * SilentHosts.MaxHosts; number++)
            silent.Learn($"host-{number}.example", OutsideImage.Unreachable("no answer") with { IsHostSilent = true });
        Assert.Equal(SilentHosts.MaxHosts, silent.Count);
        Assert.NotNull(silent.Find("host-1.example"));
    }

    private static Task<FakeRegistry> Counting(Action asked) => FakeRegistry.StartAsync((context, _) =>
    {
        asked();
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    });
}
