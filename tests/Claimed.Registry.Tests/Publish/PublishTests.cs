using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

public sealed class PublishTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task A_script_becomes_a_queued_version_with_its_interface()
    {
        var answer = await _host.PublishAsync("kinds", "filter-rows", "1.0.0", ("filter_rows.py", Samples.Script()));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("http://localhost:8080/api/v1/components/kinds/filter-rows/versions/1.0.0", answer.Message.Headers.Location!.ToString());
        Assert.Equal(["kinds", "filter-rows", "1.0.0", "component", "queued", "queued"],
            [answer["namespace"], answer["name"], answer["version"], answer["kind"], answer["state"], answer["build.state"]]);
        Assert.Null(answer["image"]);
        Assert.Matches("^sha256:[0-9a-f]{64}$", answer["bundleDigest"]);
        Assert.Matches("^sha256:[0-9a-f]{64}$", answer["definitionDigest"]);
        Assert.Equal(["log_level", "input_rows", "wanted"], answer.Json.GetProperty("inputs").EnumerateArray().Select(port => port.GetProperty("name").GetString()));
        Assert.Equal(["rows"], answer.Json.GetProperty("outputs").EnumerateArray().Select(port => port.GetProperty("name").GetString()));
        Assert.Equal(answer.Message.Headers.Location!.ToString(), answer["links.self"]);
    }

    [Fact]
    public async Task A_notebook_becomes_a_queued_version()
    {
        var answer = await _host.PublishAsync("kinds", "count-rows", "1.0.0", ("count_rows.ipynb", Samples.Notebook()));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("queued", answer["state"]);
        Assert.Contains("Counts the rows with a word.", answer["description"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_KFP_component_with_an_image_is_ready_at_once_and_keeps_its_bytes()
    {
        var yaml = Samples.ExistingImage();
        var answer = await _host.PublishAsync("kinds", "greet", "1.0.0", ("component.yaml", yaml));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("ready", answer["state"]);
        Assert.Equal(Samples.Image, answer["image"]);
        Assert.Null(answer["build"]);
        Assert.Equal(Samples.Image.Split('@')[1], answer["imageDigest"]);
        Assert.DoesNotContain("image-not-pinned", answer.FindingCodes);
        Assert.Equal(yaml, (await _host.ComponentAsync("kinds/greet/versions/1.0.0/original.yaml")).Text);
        Assert.Contains(Samples.Image, (await _host.ComponentAsync("kinds/greet/versions/1.0.0/component.yaml")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_notebook_with_an_existing_image_is_not_built()
    {
        var answer = await _host.PublishAsync("kinds", "count-elsewhere", "1.0.0",
            new Multipart().Source("count.ipynb", Samples.Notebook()).Field("image", Samples.Image));
        Assert.Equal("ready", answer["state"]);
        Assert.Equal(Samples.Image, answer["image"]);
        Assert.Null(answer["build"]);
        Assert.Contains("count.ipynb", (await _host.ComponentAsync("kinds/count-elsewhere/versions/1.0.0/component.yaml")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_files_in_tar_zip_or_parts_give_the_same_bundle_digest()
    {
        (string, string)[] files = [("step.py", Samples.Script()), ("lib/words.txt", "a\nb\n")];
        var parts = await _host.PublishAsync("packing", "parts", "1.0.0", files);
        var tar = await _host.PublishAsync("packing", "tar", "1.0.0", new Multipart().Bundle(Archives.TarGz(files)));
        var zip = await _host.PublishAsync("packing", "zip", "1.0.0", new Multipart().Bundle(Archives.Zip([files[1], files[0]])));
        var folder = await _host.PublishAsync("packing", "folder", "1.0.0",
            new Multipart().Bundle(Archives.TarGz(("./folder/step.py", Samples.Script()), ("./folder/lib/words.txt", "a\nb\n"))));
        Assert.All([parts, tar, zip, folder], answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.All([tar, zip, folder], answer => Assert.Equal(parts["bundleDigest"], answer["bundleDigest"]));
        Assert.Equal(parts["definitionDigest"], zip["definitionDigest"]);
    }

    [Fact]
    public async Task An_option_that_shapes_the_image_is_part_of_the_bundle_digest()
    {
        var plain = await _host.PublishAsync("packing", "plain", "1.0.0", ("step.py", Samples.Script()));
        var based = await _host.PublishAsync("packing", "plain", "1.1.0",
            new Multipart().Source("step.py", Samples.Script()).Field("baseImage", "127.0.0.1:1/base/python:3"));
        Assert.Equal(HttpStatusCode.Created, based.Status);
        Assert.NotEqual(plain["bundleDigest"], based["bundleDigest"]);
    }

    [Fact]
    public async Task The_bundle_comes_back_with_the_files_as_they_were()
    {
        await _host.PublishAsync("packing", "round-trip", "1.0.0", ("step.py", Samples.Script()), ("lib/words.txt", "ä\r\n"));
        var bundle = await _host.ComponentAsync("packing/round-trip/versions/1.0.0/bundle");
        Assert.Equal("application/gzip", bundle.ContentType);
        var again = await _host.PublishAsync("packing", "round-trip", "1.0.0", new Multipart().Bundle(bundle.Bytes));
        Assert.Equal(HttpStatusCode.OK, again.Status);
    }

    [Theory]
    [InlineData("filter_rows.py", "filter-rows")]
    [InlineData("claimed-count.ipynb", "count")]
    [InlineData("Make_Plots.py", "make-plots")]
    public async Task The_name_comes_from_the_file_when_the_URL_has_none(string file, string name)
    {
        var source = file.EndsWith(".py", StringComparison.Ordinal) ? Samples.Script() : Samples.Notebook();
        var answer = await _host.PostAsync("/api/v1/components/naming", new Multipart().Source(file, source));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(name, answer["name"]);
        Assert.Equal("0.1.0", answer["version"]);
    }

    [Fact]
    public async Task Fields_say_how_the_component_shows_itself()
    {
        var answer = await _host.PublishAsync("fields", "shown", "1.0.0", new Multipart().Source("step.py", Samples.Script())
            .Field("category", "Transform").Field("group", "Rows").Field("tags", "csv, rows ,").Field("displayName", "Shown")
            .Field("repository", "https://git.example.org/team/rows").Field("revision", "abc123").Field("message", "First\nversion"));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(["Transform", "Rows", "Shown", "abc123", "First\nversion", """["csv","rows"]"""],
            [answer["category"], answer["group"], answer["displayName"], answer["revision"], answer["message"], answer["tags"]]);
    }

    [Fact]
    public async Task A_channel_given_with_a_publish_names_the_version_once_it_is_ready()
    {
        await _host.PublishAsync("fields", "channelled", "1.0.0",
            new Multipart().Source("component.yaml", Samples.ExistingImage()).Field("channel", "stable"));
        Assert.Equal("1.0.0", (await _host.ComponentAsync("fields/channelled/versions/stable"))["version"]);
        Assert.Equal("1.0.0", (await _host.ComponentAsync("fields/channelled"))["channels.stable"]);
    }
}
