using System.Net.Http.Headers;
using System.Security.Cryptography;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Deployment;

/// <summary>docker-compose.yml as people run it.</summary>
public sealed class ComposeTests(ProductImage image)
{
    private static readonly string _file = RepositoryFolder.Of("docker-compose.yml");

    private static readonly Dictionary<string, string?> _secrets = new()
    {
        ["REGISTRY_TOKEN"] = RegistryHost.AdminToken,
        ["POSTGRES_PASSWORD"] = "postgrespassword",
        ["RABBITMQ_PASSWORD"] = "rabbitmqpassword",
    };

    [Theory]
    [InlineData("REGISTRY_TOKEN")]
    [InlineData("POSTGRES_PASSWORD")]
    [InlineData("RABBITMQ_PASSWORD")]
    public async Task Without_a_secret_it_does_not_start_and_says_which(string secret)
    {
        var refused = await ComposeAsync(_file, new(_secrets) { [secret] = null }, "config");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains($"set {secret}", refused.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_image_and_address_comes_from_a_variable_with_a_default()
    {
        var usual = (await ComposeAsync(_file, _secrets, "config")).Succeeded();
        Assert.Contains("docker.io/library/postgres:", usual, StringComparison.Ordinal);
        Assert.Contains("docker.io/library/rabbitmq:", usual, StringComparison.Ordinal);
        Assert.Contains("Registry__PublicUrl: http://localhost:8080", usual, StringComparison.Ordinal);
        var chosen = (await ComposeAsync(_file, new(_secrets)
        {
            ["REGISTRY_IMAGE"] = "own/registry:2",
            ["POSTGRES_IMAGE"] = "own/postgres:2",
            ["RABBITMQ_IMAGE"] = "own/rabbitmq:2",
            ["SDK_IMAGE"] = "own/sdk:2",
            ["RUNTIME_IMAGE"] = "own/runtime:2",
            ["REGISTRY_PORT"] = "9090",
            ["REGISTRY_URL"] = "https://registry.example.org",
            ["PUSH_HOST"] = "127.0.0.1:9090",
        }, "config")).Succeeded();
        foreach (var ours in (string[])["registry", "postgres", "rabbitmq", "sdk", "runtime"])
            Assert.Contains($"own/{ours}:2", chosen, StringComparison.Ordinal);
        Assert.DoesNotContain("8080\n", chosen.Replace(":8080/tcp\n", "", StringComparison.Ordinal).Replace("target: 8080\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("docker.io", chosen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Web_and_builder_meet_in_PostgreSQL_and_RabbitMQ_and_build_what_is_published()
    {
        // The tests' engine gives no networks: the same services on this machine's own, on a loopback address of their own.
        var address = $"127.{RandomNumberGenerator.GetInt32(10, 250)}.{RandomNumberGenerator.GetInt32(1, 250)}.{RandomNumberGenerator.GetInt32(2, 250)}";
        var file = Path.Combine(Directory.CreateTempSubdirectory("claimed-compose-").FullName, "docker-compose.json");
        await File.WriteAllTextAsync(file, (await Shell.RunAsync(
            "/usr/bin/python3", [RepositoryFolder.Of("tests/Deployment/StandIns/on-host-network.py"), _file, address])).Succeeded());
        var socket = image.Engine.Endpoint["unix://".Length..];
        var settings = new Dictionary<string, string?>(_secrets)
        {
            ["DOCKER_HOST"] = image.Engine.Endpoint,
            ["DOCKER_SOCKET"] = socket,
            ["DOCKER_GID"] = (await Shell.RunAsync("stat", ["-c", "%g", socket])).Succeeded(),
            ["REGISTRY_IMAGE"] = ProductImage.Name,
            ["POSTGRES_IMAGE"] = "claimed/test-postgres:1",
            ["RABBITMQ_IMAGE"] = "claimed/test-rabbitmq:1",
            ["REGISTRY_URL"] = $"http://{address}:8080",
            ["PUSH_HOST"] = $"{address}:8080",
        };
        try
        {
            (await ComposeAsync(file, settings, "up", "--detach")).Succeeded();
            foreach (var service in (string[])["registry", "builder"])
                await image.UntilHealthyAsync((await ComposeAsync(file, settings, "ps", "--quiet", service)).Succeeded());
            using var client = new HttpClient { BaseAddress = new Uri($"http://{address}:8080"), Timeout = TimeSpan.FromMinutes(6) };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RegistryHost.AdminToken);

            var version = await client.SendAsync(HttpMethod.Put, "/api/v1/components/acme/composed/versions/1.0.0?wait=300",
                new Multipart().Source("component.yaml", "{name: Composed, implementation: {container: {image: '', command: [echo, composed]}}}\n")
                    .Source("Dockerfile", $"FROM {BaseImages.Busybox}\nCMD [\"echo\", \"composed\"]\n").ToContent());

            Assert.True(version["state"] == "ready", version.Text + (await ComposeAsync(file, settings, "logs")).Out);
            (await image.Engine.DockerAsync("pull", version["image"]!)).Succeeded();
            Assert.Equal("composed", (await image.Engine.DockerAsync("run", "--rm", "--network", "none", version["image"]!)).Succeeded());
            Assert.Matches("(?m)^claimed_bus_degraded(\\{\\})? 0$", (await client.SendAsync(HttpMethod.Get, "/metrics")).Text);
        }
        catch (Exception fault) when (fault is TimeoutException or InvalidOperationException)
        {
            throw new InvalidOperationException($"{fault.Message}\n{(await ComposeAsync(file, settings, "logs")).Out}", fault);
        }
        finally
        {
            (await ComposeAsync(file, settings, "down", "--volumes", "--timeout", "60")).Succeeded();
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    private static Task<ShellResult> ComposeAsync(string file, Dictionary<string, string?> settings, params string[] words) =>
        Shell.RunAsync("docker-compose", ["--project-name", "claimed-compose-test", "--file", file, .. words], settings, limit: TimeSpan.FromMinutes(10));
}
