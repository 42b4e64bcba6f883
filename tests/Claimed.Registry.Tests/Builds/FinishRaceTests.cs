using System.Net;
using Claimed.Registry.Builds;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

public sealed class FinishRaceTests
{
    private const int Builds = 8;

    [Fact]
    public async Task Versions_that_become_ready_in_one_moment_leave_latest_and_channels_with_their_tags()
    {
        using var engine = new PretendEngine(Builds);
        await using var host = await RegistryHost.StartAsync(
            new Dictionary<string, string> { ["Builds:Enabled"] = "true", ["Builds:Concurrency"] = $"{Builds}" },
            adjust: builder => builder.Services.AddSingleton<IImageBuilder>(engine));
        // The highest neither first nor last, so that neither the first nor the last to end is right by chance.
        int[] minors = [3, 1, 7, 0, 5, 2, 6, 4];
        var answers = await Race.RunAsync(Builds, number => host.PublishAsync("finish", "together", $"1.{minors[number]}.0",
            new Multipart().Source("step.py", Samples.Script($"w{number}")).Field("channel", number % 2 == 0 ? "even" : "odd")));
        Assert.Equal("8×201", answers.Statuses());
        await host.UntilAsync("/api/v1/components/finish/together/versions",
            page => page.Items.All(version => version.GetProperty("state").GetString() is "ready" or "failed"));
        var images = (await host.ComponentAsync("finish/together/versions")).Items
            .ToDictionary(version => version.GetProperty("version").GetString()!, version => version.GetProperty("imageDigest").GetString());

        Assert.Equal(Builds, images.Count);
        var channels = (await host.ComponentAsync("finish/together")).Json.GetProperty("channels");
        Assert.Equal("1.7.0", channels.GetProperty("latest").GetString());
        foreach (var channel in (string[])["latest", "even", "odd"])
            Assert.Equal($"{channel} {images[channels.GetProperty(channel).GetString()!]}", $"{channel} {await TagAsync(channel)}");
        foreach (var (version, image) in images)
            Assert.Equal(image, await TagAsync(version));
        Assert.Equal(Builds, (await host.EventKindsAsync("finish/together")).Count(kind => kind == "version.ready"));

        async Task<string?> TagAsync(string tag)
        {
            var answer = await host.Anonymous.SendAsync(HttpMethod.Head, $"/v2/finish/together/manifests/{tag}");
            return answer.Status == HttpStatusCode.OK ? answer.Message.Headers.GetValues("Docker-Content-Digest").Single() : null;
        }
    }
}
