using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>Images that the builder reads from the engine and stores itself, where an engine cannot reach the registry.</summary>
[Trait("Database", "any")]
public sealed class DeliveryTests(RegistryWithEngine registry)
{
    private static readonly (string, string)[] _byBuilder =
    [
        ("Builds:Delivery", "Builder"),
        // Nothing listens there: an engine that tried to push would fail.
        ("Builds:PushHost", "127.0.0.1:1"),
    ];

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task An_image_that_the_builder_stored_is_pulled_and_run_like_any_other(string name)
    {
        var site = await registry.OnAsync(name);
        await using var host = await site.StartAsync(_byBuilder);
        const string steps = "RUN echo one >/one\nRUN echo two >/two && ln -s two /three\nCMD [\"cat\", \"/one\", \"/three\"]";

        var version = await host.PublishStepsAsync("delivery/first", steps);
        version.AssertReady();

        var image = $"localhost:{host.Address.Port}/delivery/first@{version["imageDigest"]}";
        (await registry.Engine.DockerAsync("pull", image)).Succeeded();
        Assert.Equal("one\ntwo", (await registry.Engine.DockerAsync("run", "--rm", "--network", "none", image)).Succeeded());
        var log = await host.LogOfAsync(version);
        Assert.Contains("Reading the image from the engine", log, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(host.DataPath, "contexts")));

        // The layer of the base image is the same bytes each time, here and in another repository.
        var second = await host.PublishStepsAsync("delivery/second", $"{steps}\nENV OTHER=1");
        second.AssertReady();
        Assert.Equal((await LayersAsync(host, version))[0], (await LayersAsync(host, second))[0]);
        Assert.Contains("Layer already exists", await host.LogOfAsync(second), StringComparison.Ordinal);
        await NoBuiltImageStaysAsync(site);
    }

    [Fact]
    public async Task Two_registries_make_the_same_layers_of_the_same_image()
    {
        var site = await registry.OnAsync("docker");
        const string steps = "RUN echo equal >/equal";
        await using var one = await site.StartAsync([.. _byBuilder, ("Images:PublicHost", "same.example.org")]);
        var first = await one.PublishStepsAsync("delivery/equal", steps);
        await using var two = await site.StartAsync([.. _byBuilder, ("Images:PublicHost", "same.example.org")]);
        var second = await two.PublishStepsAsync("delivery/equal", steps);
        // The base image's layer at least: what a step writes has the time of its writing.
        Assert.Equal((await LayersAsync(one, first))[0], (await LayersAsync(two, second))[0]);
    }

    [Fact]
    public async Task A_namespace_without_room_fails_the_build_in_words()
    {
        var site = await registry.OnAsync("docker");
        await using var host = await site.StartAsync(_byBuilder);
        await host.CreateNamespaceAsync("delivery", false);
        using var limited = await host.Admin.PatchAsJsonAsync("/api/v1/namespaces/delivery", new { quota = new { bytes = 1000 } });
        Assert.True(limited.IsSuccessStatusCode, await limited.Content.ReadAsStringAsync());

        var version = await host.PublishStepsAsync("delivery/full", "RUN true");

        Assert.Equal("failed", (string?)version["state"]);
        Assert.Contains("quota of this namespace", (string?)version["reason"], StringComparison.Ordinal);
    }

    private static async Task<List<string>> LayersAsync(RegistryHost host, JsonNode version)
    {
        var repository = ((string)version["image"]!).Split('@')[0];
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/{repository[(repository.IndexOf('/') + 1)..]}/manifests/{version["imageDigest"]}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.oci.image.manifest.v1+json"));
        using var answer = await host.Admin.SendAsync(request);
        var manifest = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        return [.. manifest["layers"]!.AsArray().Select(layer => (string)layer!["digest"]!)];
    }

    private static async Task NoBuiltImageStaysAsync(EngineSite site)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        // Podman fails to list while one is being removed.
        while (await site.Engine.DockerAsync("images", "--format", "{{.Tag}}") is var listed && (listed.ExitCode != 0 || listed.Out.Contains("build-", StringComparison.Ordinal)))
            limit.Token.ThrowIfCancellationRequested();
    }
}
