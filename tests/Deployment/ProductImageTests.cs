using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Deployment;

/// <summary>The registry in a container of the product's image.</summary>
public sealed class ProductImageTests(ProductImage image) : IAsyncDisposable
{
    private const string Version = "/api/v1/components/acme/told/versions/1.0.0";
    private readonly string _name = $"registry-{Guid.CreateVersion7():N}";
    private readonly int _port = FreePorts.Next();

    [Fact]
    public async Task It_serves_as_any_user_of_group_0_keeps_its_volume_and_stops_within_the_grace()
    {
        (await RunAsync(
            [
                "--detach", "--health-interval", "1s", "--user", "12345:0", "-e", $"ASPNETCORE_URLS=http://*:{_port}", "-e", $"Registry__PublicUrl=http://localhost:{_port}",
                "-e", $"Registry__AdminToken={RegistryHost.AdminToken}",
            ])).Succeeded();
        await image.UntilHealthyAsync(_name);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RegistryHost.AdminToken);
        var published = await client.SendAsync(HttpMethod.Put, Version, new Multipart().Source("component.yaml", Samples.ExistingImage("word")).ToContent());
        Assert.Equal(HttpStatusCode.Created, published.Status);
        var form = await client.SendAsync(HttpMethod.Get, Version + "/component.yaml");
        Assert.Equal(HttpStatusCode.OK, form.Status);

        var began = Stopwatch.GetTimestamp();
        (await image.Engine.DockerAsync("stop", "--time", "60", _name)).Succeeded();
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(50));
        Assert.Equal(0, (await image.InspectAsync(_name)).GetProperty("State").GetProperty("ExitCode").GetInt32());

        (await image.Engine.DockerAsync("start", _name)).Succeeded();
        await image.UntilHealthyAsync(_name);
        Assert.Equal(form.Bytes, (await client.SendAsync(HttpMethod.Get, Version + "/component.yaml")).Bytes);
    }

    [Fact]
    public async Task The_words_are_its_commands()
    {
        var help = (await RunAsync(["--rm"], "help")).Succeeded();
        foreach (var word in (string[])["serve", "web", "build", "migrate", "keys"])
            Assert.Matches($"(?m)^  {word} ", help);
        Assert.Contains("up to date", (await RunAsync(["--rm"], "migrate")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync(["--rm"], "nonsense")).ExitCode);
    }

    [Fact]
    public async Task It_has_a_user_without_rights_a_port_a_volume_and_labels()
    {
        var config = (await image.InspectAsync(ProductImage.Name)).GetProperty("Config");
        Assert.Equal("10001:0", config.GetProperty("User").GetString());
        Assert.True(config.GetProperty("ExposedPorts").TryGetProperty("8080/tcp", out _));
        Assert.True(config.GetProperty("Volumes").TryGetProperty("/data", out _));
        Assert.Equal("Claimed.Registry", config.GetProperty("Labels").GetProperty("org.opencontainers.image.title").GetString());
    }

    public async ValueTask DisposeAsync()
    {
        await image.Engine.DockerAsync("rm", "--force", "--volumes", _name);
        await image.Engine.DockerAsync("volume", "rm", "--force", _name);
    }

    private Task<ShellResult> RunAsync(string[] options, params string[] command) => image.Engine.DockerAsync(
        ["run", "--name", _name, "--network", "host", "--volume", $"{_name}:/data", .. options, ProductImage.Name, .. command]);
}
