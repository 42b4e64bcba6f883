using System.Net;
using System.Text;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>What the published Artifactory connector for Elyra reads.</summary>
[Trait("Database", "any")]
public sealed class ArtifactoryTests : IAsyncLifetime
{
    private const string Root = "/catalogs/artifactory";

    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task<string[]> FolderAsync(string path, params (string, string)[] headers)
    {
        var answer = await _host.GetAsync($"{Root}/api/storage/{path}", headers);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        // Letter by letter, as the connector compares it.
        Assert.Equal("application/vnd.org.jfrog.artifactory.storage.FolderInfo+json", answer.ContentType);
        return [.. answer.Json.GetProperty("children").EnumerateArray().Select(child => child.GetProperty("uri").GetString() + (child.GetProperty("folder").GetBoolean() ? "/" : ""))];
    }

    private async Task<string> FileAsync(string path)
    {
        var answer = await _host.GetAsync($"{Root}/{path}");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal("text/plain", answer.ContentType);
        return answer.Text;
    }

    [Fact]
    public async Task A_namespace_is_a_repository_with_a_folder_for_each_component_and_a_file_for_each_version()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.10.0", "two");
        await _host.PublishReadyAsync("acme", "hello", "0.1.0", "three");
        await _host.SeedAsync(new() { Name = "building", State = "building" });
        foreach (var root in (string[])["acme", "acme/", "acme//"])
            Assert.Equal(["/greet/", "/hello/"], await FolderAsync(root));
        Assert.Equal(["/__COMPONENT__", "/1.10.0.yaml", "/1.0.0.yaml"], await FolderAsync("acme/greet"));
        Assert.StartsWith("name: 'Greet 1.10.0'\ndescription: 'Says two.'\n", await FileAsync("acme/greet/1.10.0.yaml"), StringComparison.Ordinal);
        Assert.StartsWith("name: 'Greet 0.1.0 (hello)'\n", await FileAsync("acme/hello/0.1.0.yaml"), StringComparison.Ordinal);
        Assert.Empty(await FileAsync("acme/greet/__COMPONENT__"));
        // A list, and not null.
        await _host.CreateNamespaceAsync("empty");
        Assert.Empty(await FolderAsync("empty"));
    }

    [Fact]
    public async Task Below_the_tilde_files_move_within_a_major()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        Assert.Equal(["/greet/"], await FolderAsync("acme/~"));
        Assert.Equal(["/__COMPONENT__", "/1.x.yaml"], await FolderAsync("acme/~/greet"));
        var before = await FileAsync("acme/~/greet/1.x.yaml");
        Assert.StartsWith("name: 'Greet 1.x'\ndescription: 'Says two.'\n", before, StringComparison.Ordinal);
        await _host.PublishReadyAsync("acme", "greet", "2.0.0", "three");
        Assert.Equal(["/__COMPONENT__", "/2.x.yaml", "/1.x.yaml"], await FolderAsync("acme/~/greet"));
        Assert.Equal(before, await FileAsync("acme/~/greet/1.x.yaml"));
    }

    [Fact]
    public async Task A_yanked_version_leaves_its_folder_and_stays_where_it_is_pinned()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        await _host.PatchAsync("acme/greet/versions/1.1.0", """{"yanked": true, "reason": "Wrong."}""");
        Assert.Equal(["/__COMPONENT__", "/1.0.0.yaml"], await FolderAsync("acme/greet"));
        Assert.Contains("Says two.", await FileAsync("acme/greet/1.1.0.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_namespace_opens_to_a_token_in_each_way_that_the_connector_sends_one()
    {
        await _host.CreateNamespaceAsync("hidden", isPrivate: true, ("rita", "reader"));
        await _host.PublishReadyAsync("hidden", "greet", "1.0.0", "one");
        var token = await _host.TokenAsync("rita", "pull");
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync($"{Root}/api/storage/hidden/")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync($"{Root}/hidden/greet/1.0.0.yaml", ("X-JFrog-Art-Api", "nonsense"))).Status);
        foreach (var header in ((string, string)[])[("X-JFrog-Art-Api", token), ("Authorization", $"Bearer {token}"), ("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"anyone:{token}")))])
        {
            Assert.Equal(["/greet/"], await FolderAsync("hidden/", header));
            Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync($"{Root}/hidden/greet/1.0.0.yaml", header)).Status);
        }
        // The header counts here alone.
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync("/api/v1/components/hidden/greet", ("X-JFrog-Art-Api", token))).Status);
    }

    [Fact]
    public async Task What_is_read_as_Latin_1_means_the_same_to_the_palette_and_to_an_export()
    {
        // The connector takes text/plain for Latin-1; Elyra pastes what it got between three quotes of a Python file.
        const string Component = """"
            name: Größe
            description: "Says 数, it's \"so\" 😀"
            inputs:
            - {name: text, type: String, default: 'é ''x'' "y" \ z', description: Ein Wörtchen}
            - {name: plain, type: String, default: 'it''s'}
            outputs:
            - {name: said, type: Dataset}
            implementation:
              container:
                image: 127.0.0.1:1/team/tool@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
                command:
                - sh
                - -c
                - |
                  # Größe \n "x" 'y' """ 数
                  	echo "$0" > "$1"

                  true
                - {inputValue: text}
                - {inputValue: plain}
                - {outputPath: said}

            """";
        var made = await _host.PublishAsync("acme", "size", "1.0.0", ("component.yaml", Component));
        Assert.True(made["state"] == "ready", made.Text);
        var answer = await _host.GetAsync($"{Root}/acme/size/1.0.0.yaml");
        Assert.All(answer.Bytes, letter => Assert.True(letter < 0x80));
        const string Program = """
            import json, sys, yaml
            got, own, elyra = json.load(sys.stdin)
            exported = yaml.safe_load(eval('\"\"\"' + got + '\"\"\"'))
            palette = yaml.safe_load(got)
            name = exported.pop('name')
            assert name == 'Größe 1.0.0 (size)', name
            wanted = yaml.safe_load(eval('\"\"\"' + elyra + '\"\"\"'))
            wanted.pop('name')
            # In what is shown, and in a default, Elyra makes this of a quote anyway.
            wanted['description'] = wanted['description'].replace('"', "'")
            wanted['inputs'][0]['default'] = wanted['inputs'][0]['default'].replace('"', "'")
            assert exported == wanted, (exported, wanted)
            assert exported['implementation']['container']['command'][2] == yaml.safe_load(own)['implementation']['container']['command'][2]
            assert palette['description'] == wanted['description'] == "Says 数, it's 'so' 😀", palette['description']
            assert [p['name'] for p in palette['inputs']] == ['text', 'plain'] and palette['inputs'][1]['default'] == "it's", palette
            """;
        var texts = System.Text.Json.JsonSerializer.Serialize(new[]
        {
            Encoding.Latin1.GetString(answer.Bytes), (await _host.ComponentAsync("acme/size/versions/1.0.0/component.yaml")).Text, (await _host.ComponentAsync("acme/size/versions/1.0.0/elyra.yaml")).Text,
        });
        (await Shell.RunAsync("/usr/bin/python3", ["-c", Program], input: texts)).Succeeded();
    }

    [Theory]
    [InlineData("acme/greet/2.0.0.yaml")]
    [InlineData("acme/greet/1.0.0")]
    [InlineData("acme/greet/~1.yaml")]
    [InlineData("acme/greet/latest.yaml")]
    [InlineData("acme/~/greet/1.yaml")]
    [InlineData("acme/~/greet/2.x.yaml")]
    [InlineData("acme/~/greet/1.0.0.yaml")]
    [InlineData("acme/none/1.0.0.yaml")]
    [InlineData("acme/greet/1.0.0.yaml/more")]
    [InlineData("acme")]
    [InlineData("none/greet/1.0.0.yaml")]
    [InlineData("api/storage/none/")]
    [InlineData("api/storage/acme/none")]
    [InlineData("api/storage/acme/greet/more")]
    [InlineData("api/storage/acme/..%2f..%2fother")]
    public async Task What_is_not_there_is_a_problem_that_says_why(string path)
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        var answer = await _host.GetAsync($"{Root}/{path}");
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (answer.Status, answer.ContentType));
        Assert.NotEmpty(answer["detail"]!);
    }
}
