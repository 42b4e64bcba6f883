using System.Net;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Channels;

/// <summary>A channel and the image tag of its name are one thing. The versions here run images that lie in their own repository.</summary>
public sealed class ChannelTagTests(ImageHost host) : IClassFixture<ImageHost>
{
    private readonly RegistryHost _registry = host.Registry;

    [Fact]
    public async Task Setting_moving_and_deleting_a_channel_moves_its_tag()
    {
        var (one, two) = (await PublishAsync("tagged", "1.0.0"), await PublishAsync("tagged", "2.0.0"));
        Assert.Equal(two, await TagAsync("tagged", "latest"));
        await _registry.SetChannelAsync("tags/tagged", "stable", "1.0.0");
        Assert.Equal(one, await TagAsync("tagged", "stable"));
        await _registry.SetChannelAsync("tags/tagged", "stable", "2.0.0");
        Assert.Equal(two, await TagAsync("tagged", "stable"));
        await _registry.SetChannelAsync("tags/tagged", "latest", "1.0.0");
        Assert.Equal(one, await TagAsync("tagged", "latest"));
        await _registry.DeleteChannelAsync("tags/tagged", "stable");
        Assert.Null(await TagAsync("tagged", "stable"));
        await _registry.DeleteChannelAsync("tags/tagged", "latest");
        Assert.Equal(two, await TagAsync("tagged", "latest"));
    }

    [Fact]
    public async Task A_yank_moves_the_tag_latest_to_the_next_highest_stable_version_and_back()
    {
        var (one, two) = (await PublishAsync("yanked", "1.0.0"), await PublishAsync("yanked", "2.0.0"));
        await PublishAsync("yanked", "3.0.0-rc.1");
        await _registry.PatchAsync("tags/yanked/versions/2.0.0", """{"yanked": true}""");
        Assert.Equal(one, await TagAsync("yanked", "latest"));
        Assert.Equal(two, await TagAsync("yanked", two));
        await _registry.PatchAsync("tags/yanked/versions/1.0.0", """{"yanked": true}""");
        Assert.Null(await TagAsync("yanked", "latest"));
        await _registry.PatchAsync("tags/yanked/versions/2.0.0", """{"yanked": false}""");
        Assert.Equal(two, await TagAsync("yanked", "latest"));
    }

    [Fact]
    public async Task A_version_whose_image_is_elsewhere_takes_the_tag_away()
    {
        await PublishAsync("elsewhere", "1.0.0");
        await _registry.PublishReadyAsync("tags", "elsewhere", "2.0.0", "other");
        Assert.Equal("2.0.0", (await _registry.ComponentAsync("tags/elsewhere/versions/latest"))["version"]);
        Assert.Null(await TagAsync("elsewhere", "latest"));
    }

    /// <summary>Publishes a version that runs an image of its own repository; returns the image's digest.</summary>
    private async Task<string> PublishAsync(string name, string version)
    {
        var digest = await host.PushImageAsync($"tags/{name}", "push-" + version, name + version);
        var answer = await _registry.PublishAsync("tags", name, version, ("component.yaml", Samples.ExistingImage(version, $"localhost:8080/tags/{name}@{digest}")));
        Assert.Equal((HttpStatusCode.Created, "ready", digest), (answer.Status, answer["state"], answer["imageDigest"]));
        return digest;
    }

    private async Task<string?> TagAsync(string name, string tag)
    {
        var answer = await _registry.Anonymous.SendAsync(HttpMethod.Head, $"/v2/tags/{name}/manifests/{tag}");
        return answer.Status == HttpStatusCode.OK ? answer.Message.Headers.GetValues("Docker-Content-Digest").Single() : null;
    }
}
