using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

[Trait("Database", "any")]
public sealed class ImageNameTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task An_image_named_by_tag_whose_registry_does_not_answer_is_published_with_a_warning()
    {
        var answer = await _host.PublishAsync("images", "by-tag", "1.0.0", ("component.yaml", Samples.ExistingImage("word", "127.0.0.1:1/team/tool:1.2")));
        Assert.Equal("ready", answer["state"]);
        Assert.Equal("127.0.0.1:1/team/tool:1.2", answer["image"]);
        Assert.Null(answer["imageDigest"]);
        Assert.Contains("image-not-pinned", answer.FindingCodes);
    }

    [Fact]
    public async Task An_image_that_this_registry_does_not_have_is_an_error()
    {
        var own = $"127.0.0.1:{_host.Address.Port}/team/tool:1.2";
        var answer = await _host.PublishAsync("images", "own", "1.0.0", ("component.yaml", Samples.ExistingImage("word", own)));
        Assert.Equal("invalid-component", answer["type"]);
        Assert.Contains("image-not-found", answer.FindingCodes);
    }
}
