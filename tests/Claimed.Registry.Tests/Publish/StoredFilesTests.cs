using System.Net;
using System.Text;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

/// <summary>What of an upload is kept, and what of it is served.</summary>
[Trait("Database", "any")]
public sealed class StoredFilesTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task A_notebook_is_stored_without_outputs_and_running_it_again_makes_no_new_version()
    {
        var first = await _host.PublishAsync("kept", "plots", null, ("plots.ipynb", Run(1, "first")));
        var second = await _host.PublishAsync("kept", "plots", null, ("plots.ipynb", Run(27, "second")));
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.Status, second.Status));
        Assert.Equal((first["version"], first["bundleDigest"]), (second["version"], second["bundleDigest"]));
        Assert.Equal(Run(null, null), await StoredAsync("plots", first["version"]!));
    }

    [Fact]
    public async Task Outputs_are_kept_for_whoever_wants_that()
    {
        var kept = await _host.PublishAsync("kept", "keeps", null, new Multipart().Source("keeps.ipynb", Run(1, "first")).Field("outputs", "keep"));
        var bare = await _host.PublishAsync("kept", "keeps", null, ("keeps.ipynb", Run(1, "first")));
        Assert.NotEqual(kept["bundleDigest"], bare["bundleDigest"]);
        Assert.Equal(Run(1, "first"), await StoredAsync("keeps", kept["version"]!));
    }

    [Fact]
    public async Task Findings_name_the_lines_of_the_notebook_as_it_was_sent()
    {
        var notebook = "{\"cells\": [{\"cell_type\": \"code\", \"execution_count\": 1,\n\"outputs\": [\n1,\n2],\n\"source\": \"x = os.environ[name]\"}], \"nbformat\": 4}";
        var answer = await _host.PublishAsync("kept", "lines", "1.0.0", ("lines.ipynb", notebook));
        var finding = answer.Json.GetProperty("findings").EnumerateArray().Single(one => one.GetProperty("code").GetString() == "input-name-computed");
        Assert.Equal(5, finding.GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task The_readme_of_an_upload_is_served_byte_for_byte()
    {
        const string text = "# Greet\r\n\r\n<b>é</b>\n";
        var answer = await _host.PublishAsync("kept", "greet", "1.0.0", ("component.yaml", Samples.ExistingImage("readme")), ("ReadMe.md", text));
        Assert.EndsWith("/versions/1.0.0/readme", answer["links.readme"], StringComparison.Ordinal);
        var readme = await _host.ComponentAsync("kept/greet/versions/latest/readme");
        Assert.Equal(("text/markdown; charset=utf-8", text), (readme.ContentType, readme.Text));
        await _host.PublishAsync("kept", "silent", "1.0.0", ("component.yaml", Samples.ExistingImage("silent")));
        Assert.Equal(HttpStatusCode.NotFound, (await _host.ComponentAsync("kept/silent/versions/1.0.0/readme")).Status);
    }

    private async Task<string> StoredAsync(string name, string version)
    {
        var archive = (await _host.ComponentAsync($"kept/{name}/versions/{version}/bundle")).Bytes;
        return Encoding.UTF8.GetString(Assert.Single(await Bundle.UnpackAsync(new MemoryStream(archive), CancellationToken.None)).Content.Span);
    }

    private static string Run(int? count, string? output) => $$"""
        {"cells": [{"cell_type": "code", "execution_count": {{count?.ToString() ?? "null"}}, "metadata": {},
          "outputs": [{{(output is null ? "" : $"{{\"output_type\": \"stream\", \"text\": \"{output}\"}}")}}], "source": "x = 1"}], "metadata": {}, "nbformat": 4}
        """;
}
