using System.Text.Json;
using Claimed.Registry.Builds;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Mirrors;

/// <summary>A version that was built at the origin comes with its image, its Dockerfile and what is signed of it.</summary>
public sealed class MirroredBuildTests
{
    [Fact]
    public async Task A_built_version_comes_with_its_image_and_what_is_said_of_it()
    {
        using var engine = new PretendEngine(1);
        await using var pair = new MirrorPair
        {
            OriginSettings = new Dictionary<string, string> { ["Builds:Enabled"] = "true" },
            AdjustOrigin = builder => builder.Services.AddSingleton<IImageBuilder>(engine),
        };
        await pair.InitializeAsync();
        await pair.Origin.PublishAsync("acme", "filter", "1.0.0", ("step.py", Samples.Script()));
        var built = await pair.Origin.UntilAsync("/api/v1/components/acme/filter/versions/1.0.0", answer => answer["state"] is "ready" or "failed");
        Assert.True(built["state"] == "ready", built.Text);

        (await pair.OnceAsync()).AssertDid(copied: 1, changed: 0);
        await pair.AssertSameByDigestAsync("acme/filter", "1.0.0");
        var image = built["imageDigest"]!;
        foreach (var form in new[] { "Dockerfile", "provenance.json", "contents.json", "contents.spdx.json" })
            Assert.Equal((await pair.Origin.ComponentAsync($"acme/filter/versions/1.0.0/{form}")).Bytes, (await pair.Copy.ComponentAsync($"acme/filter/versions/1.0.0/{form}")).Bytes);
        Assert.Contains($"{MirrorPair.CopyHost}/acme/filter@{image}", (await pair.Copy.ComponentAsync("acme/filter/versions/1.0.0/component.yaml")).Text, StringComparison.Ordinal);
        foreach (var path in new[] { $"/v2/acme/filter/referrers/{image}", $"/v2/acme/filter/manifests/{image.Replace(':', '-')}.att", $"/v2/acme/filter/manifests/{image.Replace(':', '-')}.sig", "/v2/acme/filter/manifests/1.0.0" })
            Assert.Equal(Sorted(await pair.Origin.GetAsync(path)), Sorted(await pair.Copy.GetAsync(path)));
        Assert.Equal(["1.0.0", "latest"], await pair.Copy.TagsAsync("acme/filter"));
        Assert.Equal(Digest.Of((await pair.Origin.GetAsync($"/v2/acme/filter/manifests/{image}")).Bytes), Digest.Of((await pair.Copy.GetAsync($"/v2/acme/filter/manifests/{image}")).Bytes));
        (await pair.OnceAsync()).AssertDid(copied: 0, changed: 0);
    }

    /// <summary>Referrers come in the order of their times.</summary>
    private static IReadOnlyList<string> Sorted(Answer answer)
    {
        Assert.True((int)answer.Status == 200, answer.Text);
        return JsonDocument.Parse(answer.Bytes).RootElement.TryGetProperty("manifests", out var manifests)
            ? [.. manifests.EnumerateArray().Select(one => one.GetRawText()).Order(StringComparer.Ordinal)] : [answer.Text];
    }
}
