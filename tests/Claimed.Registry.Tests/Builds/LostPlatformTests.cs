using System.Net;
using Claimed.Registry.Builds;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

/// <summary>Of a version for several platforms one image is removed before the last one is made.</summary>
public sealed class LostPlatformTests
{
    [Fact]
    public async Task The_image_that_is_gone_is_built_again_and_the_version_becomes_ready_with_all_of_them()
    {
        RegistryHost? host = null;
        var pushes = 0;
        using var engine = new PretendEngine(1) { Platforms = ["linux/amd64", "linux/arm64"] };
        engine.Pushed = () =>
        {
            if (++pushes != 2)
                return;
            var first = host!.GetAsync("/api/v1/builds?state=succeeded").GetAwaiter().GetResult().Items.Single();
            using var gone = host!.Admin.DeleteAsync($"/v2/acme/both/manifests/{first.GetProperty("imageDigest").GetString()}").GetAwaiter().GetResult();
            Assert.Equal(HttpStatusCode.Accepted, gone.StatusCode);
        };
        await using var disposed = host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Builds:Enabled"] = "true", ["Builds:Concurrency"] = "1", ["Builds:LookInterval"] = "00:00:01" },
            adjust: builder => builder.Services.AddSingleton<IImageBuilder>(engine));

        await host.PublishAsync("acme", "both", "1.0.0", new Multipart().Source("step.py", Samples.Script()).Field("platform", "linux/amd64,linux/arm64"));
        var version = await host.UntilAsync("/api/v1/components/acme/both/versions/1.0.0", answer => answer["state"] is "ready" or "failed");

        Assert.True(version["state"] == "ready", version.Text);
        Assert.Equal(3, pushes);
        var index = await host.GetAsync($"/v2/acme/both/manifests/{version["imageDigest"]}");
        var children = index.Json.GetProperty("manifests").EnumerateArray().Select(child => child.GetProperty("digest").GetString()!).ToList();
        Assert.Equal(2, children.Count);
        foreach (var child in children)
            Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"/v2/acme/both/manifests/{child}")).Status);
        Assert.Equal(["1", "2"], (await host.GetAsync("/api/v1/builds")).Items.Select(build => build.GetProperty("attempt").GetInt32().ToString()).Order(StringComparer.Ordinal));
        Assert.Contains(await host.EventsAsync(), told => told.GetProperty("kind").GetString() == "build.requeued");
    }
}
