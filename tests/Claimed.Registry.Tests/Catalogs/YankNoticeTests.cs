using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>What Elyra's users read of a yanked version, by each connector, and that no reason or title breaks a palette or an export.</summary>
[Trait("Database", "any")]
public sealed class YankNoticeTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private static readonly string[] Reasons =
    [
        "Wrong.", "It says \"no\".", "Ends with \"", "\"\"\"", "a\"\"\"\nimport os\n\"\"\"", "C:\\new\\table\\", "\\\"\"\"", "two\nlines\n", "tab\tin", "'''", "it's: #1 {x} [y] - &a *b !c", "größe 漢字 🚀", "\\u0041 \\x41 \\N{DASH}", "{{ ds }} ${x} %s",
    ];

    // Elyra reads the text for the palette as it is, and for an export as Python takes it between three quotes. What the connectors show has the label that they give it.
    private const string Program = """
        import ast, json, sys, yaml

        def exported(text):
            return yaml.safe_load(ast.literal_eval('""' + '"' + text + '""' + '"'))

        def words(text):
            return " ".join(text.split())

        for case in json.load(sys.stdin):
            said = words("Yanked: " + case["reason"] + " Says one.")
            before = exported(case["before"])
            for client, text in case["texts"].items():
                after = exported(text)
                # What the Artifactory connector reads as Latin-1 has the other quote in what is shown.
                wanted = said.replace('"', "'") if client == "artifactory" and not said.isascii() else said
                assert words(after["description"]) == wanted, (client, after["description"], wanted)
                assert (after["implementation"], after["inputs"], after["outputs"]) == (before["implementation"], before["inputs"], before["outputs"]), (client, after)
                palette = yaml.safe_load(text)
                assert words(palette["description"]).startswith("Yanked: "), (client, palette)
                if "\\" not in said and '"' * 3 not in said:
                    assert words(palette["description"]) == wanted, (client, palette["description"], wanted)
        """;

    private readonly RegistryHost _host = registry.Host;

    private async Task<string> MlxAsync(string id)
    {
        using var tar = new TarReader(new GZipStream(new MemoryStream((await _host.GetAsync($"/apis/v1alpha1/components/{id}/download")).Bytes), CompressionMode.Decompress));
        using var reader = new StreamReader(tar.GetNextEntry(copyData: true)!.DataStream!);
        return await reader.ReadToEndAsync();
    }

    [Fact]
    public async Task Every_connector_shows_why_a_version_was_yanked_whatever_the_reason_is_and_runs_what_it_ran()
    {
        var cases = new List<object>();
        foreach (var (index, reason) in Reasons.Index())
        {
            var name = $"bad-{index}";
            await _host.PublishReadyAsync("acme", name, "1.0.0", "one");
            var before = await _host.ComponentAsync($"acme/{name}/versions/1.0.0/elyra.yaml");
            var patched = await _host.PatchAsync($"acme/{name}/versions/1.0.0", JsonSerializer.Serialize(new { yanked = true, reason }));
            Assert.True(patched.Message.IsSuccessStatusCode, patched.Text);
            var after = await _host.ComponentAsync($"acme/{name}/versions/1.0.0/elyra.yaml");
            Assert.NotEqual(before.ETag, after.ETag);
            Assert.Equal(before.Text, (await _host.ComponentAsync($"acme/{name}/versions/{before.ETag!.Trim('"')}/elyra.yaml")).Text);
            cases.Add(new
            {
                reason,
                before = before.Text,
                texts = new
                {
                    elyra = after.Text,
                    mlx = await MlxAsync($"acme--{name}--1.0.0"),
                    artifactory = (await _host.GetAsync($"/catalogs/artifactory/acme/{name}/1.0.0.yaml")).Text,
                },
            });
        }
        (await Shell.RunAsync("/usr/bin/python3", ["-c", Program], input: JsonSerializer.Serialize(cases))).Succeeded();
    }

    [Theory]
    [InlineData("yanked", """{"yanked": true, "reason": "Says \"\"\" and \\."}""")]
    [InlineData("deprecated", """{"deprecated": true}""")]
    public async Task What_the_SDKs_and_clusters_read_stays_as_it_is(string word, string patch)
    {
        string[] forms = ["component.yaml", "pipeline.yaml", "original.yaml", "job.yaml", "tool.cwl", "bundle"];
        await _host.PublishReadyAsync("acme", $"kept-{word}", "1.0.0", "one");
        var before = await ReadAsync();
        await _host.PatchAsync($"acme/kept-{word}/versions/1.0.0", patch);
        Assert.Equal("true", (await _host.ComponentAsync($"acme/kept-{word}/versions/1.0.0"))[word]);
        foreach (var (old, now) in before.Zip(await ReadAsync()))
            Assert.Equal((old.ETag, old.Text), (now.ETag, now.Text));

        Task<Answer[]> ReadAsync() => Task.WhenAll(forms.Select(form => _host.ComponentAsync($"acme/kept-{word}/versions/1.0.0/{form}")));
    }

    [Fact]
    public async Task A_title_that_would_break_the_palette_is_shown_without_what_breaks_it_by_every_connector()
    {
        await _host.PublishReadyAsync("titles", "say-x-y", "1.0.0", "one");
        var patched = await _host.PatchAsync("titles/say-x-y", """{"displayName": "say \"x\\y\""}""");
        Assert.True(patched["displayName"] == "say \"x\\y\"", patched.Text);
        const string Shown = "say 'x/y'";
        Assert.Equal(Shown, (await _host.GetAsync("/catalogs/elyra/titles/catalog.json")).Json.GetProperty("entries")[0].GetProperty("title").GetString());
        var listed = (await _host.GetAsync("/apis/v1alpha1/components")).Json.GetProperty("components").EnumerateArray().Single(component => component.GetProperty("id").GetString() == "titles--say-x-y");
        Assert.Equal($"{Shown} (titles)", listed.GetProperty("name").GetString());
        Assert.StartsWith("name: 'say ''x/y'' (titles)'\n", await MlxAsync("titles--say-x-y"), StringComparison.Ordinal);
        Assert.StartsWith("name: 'say ''x/y'' 1.0.0'\n", (await _host.GetAsync("/catalogs/artifactory/titles/say-x-y/1.0.0.yaml")).Text, StringComparison.Ordinal);
        Assert.StartsWith("name: 'say ''x/y'' 1.x'\n", (await _host.GetAsync("/catalogs/artifactory/titles/~/say-x-y/1.x.yaml")).Text, StringComparison.Ordinal);
    }
}
