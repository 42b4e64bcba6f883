using Claimed.Registry.Builds;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

/// <summary>What a source says of its base image, its licence and the machine it wants.</summary>
[Trait("Database", "any")]
public sealed class SourceWishesTests
{
    private const string Source = """
        "Counts."
        # claimed: license=Apache-2.0 base=claimed/base-special:2
        # claimed: cpu=500m memory=2Gi gpu=1 storage=10Gi
        import os
        api_key = os.environ.get('api_key')
        os.environ['count'] = '1'
        """;

    [Fact]
    public async Task It_reaches_the_image_and_every_form()
    {
        using var engine = new PretendEngine(1);
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Builds:Enabled"] = "true" },
            adjust: builder => builder.Services.AddSingleton<IImageBuilder>(engine));
        await host.PublishAsync("acme", "count", "1.0.0", new Multipart().Source("count.py", Source).Field("repository", "https://example.org/acme/count").Field("revision", "abc123"));
        var version = await host.UntilAsync("/api/v1/components/acme/count/versions/1.0.0", answer => answer["state"] == "ready");
        Assert.True(version.Json.GetProperty("pinned").GetBoolean());

        async Task<string> TextAsync(string form) => (await host.ComponentAsync($"acme/count/versions/1.0.0/{form}")).Text;
        var dockerfile = await TextAsync("Dockerfile");
        // Pinned to what the engine holds; the forms below have the name.
        Assert.Contains("\nFROM ", dockerfile, StringComparison.Ordinal);
        foreach (var (label, value) in new[] { ("source", "https://example.org/acme/count"), ("revision", "abc123"), ("licenses", "Apache-2.0") })
            Assert.Contains($"LABEL \"org.opencontainers.image.{label}\"=\"{value}\"\n", dockerfile, StringComparison.Ordinal);
        foreach (var form in (string[])["component.yaml", "elyra.yaml", "job.yaml"])
        {
            var text = (await TextAsync(form)).Replace("'", "", StringComparison.Ordinal);
            foreach (var line in (string[])["cpu: 500m", "memory: 2Gi", "gpu: 1", "storage: 10Gi", "license: Apache-2.0", "base-image: claimed/base-special:2"])
                Assert.Contains($"claimed.registry/{line}", text, StringComparison.Ordinal);
        }
        Assert.Contains("ephemeral-storage: 10Gi", (await TextAsync("job.yaml")).Replace("'", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("""{"requests": {"cpu": "500m", "memory": "2Gi", "ephemeral-storage": "10Gi"}""", await TextAsync("operator.py"), StringComparison.Ordinal);
        Assert.StartsWith("# acme/count 1.0.0: count\n# Base image: claimed/base-special:2\n# Asks for: cpu 500m, memory 2Gi, gpu 1, storage 10Gi\n", await TextAsync("usage"), StringComparison.Ordinal);
        Assert.Contains("ramMin: 2048", await TextAsync("tool.cwl"), StringComparison.Ordinal);
    }
}
