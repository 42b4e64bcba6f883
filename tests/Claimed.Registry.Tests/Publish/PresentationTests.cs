using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

public sealed class PresentationTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task A_patch_changes_what_it_names_and_null_clears()
    {
        await _host.PublishReadyAsync("shows", "patched", "1.0.0");
        var forms = (await _host.ComponentAsync("shows/patched/versions/1.0.0/elyra.yaml")).Text;
        var first = await _host.PatchAsync("shows/patched",
            """{"displayName": "Greeter", "description": "Greets.\nTwice.", "category": "Talk", "group": "Hello", "tags": ["a", " b "]}""");
        Assert.Equal(HttpStatusCode.OK, first.Status);
        Assert.Equal(["Greeter", "Greets.\nTwice.", "Talk", "Hello", """["a","b"]"""], Shown(first));
        Assert.Equal(first.Text, (await _host.ComponentAsync("shows/patched")).Text);
        Assert.Equal(["Greeter", "Greets.\nTwice.", "Talk", null, """["a","b"]"""], Shown(await _host.PatchAsync("shows/patched", """{"group": null}""")));
        var cleared = await _host.PatchAsync("shows/patched", """{"displayName": null, "description": null, "category": null, "tags": null}""");
        Assert.Equal(["Greet", "Says word.", null, null, "[]"], Shown(cleared));
        Assert.Equal(["component.changed", "component.changed", "component.changed"], (await _host.EventKindsAsync("shows/patched")).TakeLast(3));
        Assert.Equal(forms, (await _host.ComponentAsync("shows/patched/versions/1.0.0/elyra.yaml")).Text);
    }

    [Fact]
    public async Task A_patch_that_changes_nothing_tells_nothing()
    {
        await _host.PublishReadyAsync("shows", "still", "1.0.0");
        var first = await _host.PatchAsync("shows/still", """{"category": "Talk", "tags": ["a"]}""");
        var events = await _host.EventKindsAsync("shows/still");
        Assert.Equal(first.Text, (await _host.PatchAsync("shows/still", """{"category": "Talk", "tags": ["a"]}""")).Text);
        Assert.Equal(first.Text, (await _host.PatchAsync("shows/still", "{}")).Text);
        Assert.Equal(events, await _host.EventKindsAsync("shows/still"));
    }

    [Theory]
    [InlineData("""{"category": "a\"b"}""", "invalid-component")]
    [InlineData("""{"category": 1}""", "bad-field")]
    [InlineData("""{"tags": "a,b"}""", "bad-field")]
    [InlineData("""{"tags": ["a,b"]}""", "bad-field")]
    [InlineData("""{"tags": [1]}""", "bad-field")]
    [InlineData("""{"displayName": "a\nb"}""", "bad-field")]
    [InlineData("""{"description": "a\u0000b"}""", "bad-field")]
    [InlineData("""{"readme": "text"}""", "bad-field")]
    [InlineData("""{"name": "other"}""", "bad-field")]
    public async Task A_patch_passes_the_checks_of_a_publish(string body, string type)
    {
        await _host.PublishReadyAsync("shows", "checked", "1.0.0");
        var before = (await _host.ComponentAsync("shows/checked")).Text;
        var answer = await _host.PatchAsync("shows/checked", body);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, type), (answer.Status, answer["type"]));
        Assert.Equal(before, (await _host.ComponentAsync("shows/checked")).Text);
    }

    [Fact]
    public async Task If_Match_lets_only_one_of_two_readers_change_a_component()
    {
        await _host.PublishReadyAsync("shows", "matched", "1.0.0");
        var read = (await _host.ComponentAsync("shows/matched")).ETag!;
        var first = await _host.PatchAsync("shows/matched", """{"category": "One"}""", ("If-Match", read));
        Assert.Equal(HttpStatusCode.OK, first.Status);
        var second = await _host.PatchAsync("shows/matched", """{"category": "Two"}""", ("If-Match", read));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "precondition-failed", first.ETag), (second.Status, second["type"], second["etag"]));
        Assert.Equal("component-not-found", (await _host.PatchAsync("shows/nobody", "{}", ("If-Match", read)))["type"]);
    }

    [Fact]
    public async Task The_same_bundle_again_applies_what_is_said_beside_it()
    {
        await _host.PublishReadyAsync("shows", "again", "1.0.0", "one");
        await _host.PublishReadyAsync("shows", "again", "1.1.0", "two");
        var again = await _host.PublishAsync("shows", "again", null, new Multipart().Source("component.yaml", Samples.ExistingImage("one"))
            .Field("channel", "stable").Field("category", "Talk").Field("group", "Hello").Field("tags", "a,b").Field("displayName", "Greeter"));
        Assert.Equal((HttpStatusCode.OK, "1.0.0"), (again.Status, again["version"]));
        var component = await _host.ComponentAsync("shows/again");
        Assert.Equal(["Greeter", "Says two.", "Talk", "Hello", """["a","b"]"""], Shown(component));
        Assert.Equal(["1.0.0", "1.1.0"], [component["channels.stable"], component["version"]]);
        Assert.Equal(["component.changed", "channel.moved"], (await _host.EventKindsAsync("shows/again")).TakeLast(2));
        var events = await _host.EventKindsAsync("shows/again");
        await _host.PublishAsync("shows", "again", null, new Multipart().Source("component.yaml", Samples.ExistingImage("one")).Field("channel", "stable").Field("category", "Talk"));
        await _host.PublishReadyAsync("shows", "again", null, "one");
        Assert.Equal(events, await _host.EventKindsAsync("shows/again"));
        Assert.Equal(component.Text, (await _host.ComponentAsync("shows/again")).Text);
    }

    [Fact]
    public async Task The_same_bundle_of_a_yanked_version_gets_no_channel()
    {
        await _host.PublishReadyAsync("shows", "yanked", "1.0.0");
        await _host.PatchAsync("shows/yanked/versions/1.0.0", """{"yanked": true}""");
        var answer = await _host.PublishAsync("shows", "yanked", "1.0.0", new Multipart().Source("component.yaml", Samples.ExistingImage()).Field("channel", "stable"));
        Assert.Equal((HttpStatusCode.Conflict, "version-yanked"), (answer.Status, answer["type"]));
    }

    private static string?[] Shown(Answer component) =>
        [component["displayName"], component["description"], component["category"], component["group"], component["tags"]];
}
