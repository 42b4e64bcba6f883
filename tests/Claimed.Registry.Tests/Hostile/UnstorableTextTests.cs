using System.Net;
using System.Text;
using Claimed.Registry.Images;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Hostile;

/// <summary>U+0000 and halves of characters, which no database can store, wherever a text enters.</summary>
public sealed class UnstorableTextTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private const string Digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private readonly RegistryHost _host = registry.Host;

    public static TheoryData<string, string> RefusedSources => new()
    {
        { "step.ipynb", Notebook("\"# T\\u0000\"", "\"x = 1\"") },
        { "step.ipynb", Notebook("\"# T\\ud800\"", "\"x = 1\"") },
        { "step.ipynb", Notebook("\"# T\"", "\"import os\\nos.environ.get('a', '\\udfff')\"") },
        { "component.yaml", Yaml("description: \"a\\0b\"") },
        { "component.yaml", Yaml("description: \"a\\ud800b\"") },
        { "component.yaml", Yaml("metadata: {annotations: {\"a\\0\": b}}") },
        { "component.yaml", Yaml("inputs: [{name: a, type: String, default: \"\\0\"}]") },
        { "step.py", "x = '\0'\n" },
        { "step.sh", "# \0\n: ${a:?b}\n" },
    };

    [Theory]
    [MemberData(nameof(RefusedSources), DisableDiscoveryEnumeration = true)]
    public async Task A_source_that_holds_what_cannot_be_stored_is_refused(string path, string text)
    {
        var before = await StoredThings.InAsync(_host);
        var answer = await _host.PublishAsync("nul", "step", "1.0.0", (path, text));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal("invalid-component", answer["type"]);
        Assert.Equal(before, await StoredThings.InAsync(_host));
    }

    /// <summary>Escapes in Python mean any character; what cannot be stored is shown as U+FFFD or left out.</summary>
    [Theory]
    [InlineData("docstring", "'''Keeps \\x00 and \\ud800 rows.'''\nimport os\n# about a\na = os.environ['a']\n")]
    [InlineData("default", "'''Rows.'''\nimport os\n# about a\na = os.environ.get('a', '\\x00\\udfff')\n")]
    public async Task A_python_source_whose_escapes_cannot_be_stored_is_published_without_them(string name, string text)
    {
        var answer = await _host.PublishAsync("nul", name, "1.0.0", ("step.py", text));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.DoesNotContain("\\u0000", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\\ud800", answer.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync($"/components/nul/{name}")).Status);
    }

    [Theory]
    [InlineData("/api/v1/components?q=%00")]
    [InlineData("/api/v1/components?cursor=a%00b")]
    [InlineData("/api/v1/builds?state=%00")]
    [InlineData("/api/v1/builds?cursor=%00")]
    [InlineData("/catalogs/elyra/claimed/catalog.json?category=%00")]
    [InlineData("/components/claimed/x?version=%00")]
    public async Task A_query_with_NUL_is_a_bad_request(string path)
    {
        var answer = await _host.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("bad-request", answer["type"]);
        Assert.Contains("%00", answer["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v2/acme/x/tags/list?last=%00")]
    [InlineData("/v2/acme/x/referrers/" + Digest + "?artifactType=%00")]
    public async Task A_query_of_an_image_client_with_NUL_is_a_bad_request(string path)
    {
        var answer = await _host.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("UNSUPPORTED", answer.Json.GetProperty("errors")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_mount_from_a_repository_with_NUL_is_a_bad_request() => Assert.Equal(HttpStatusCode.BadRequest,
        (await _host.PostAsync($"/v2/acme/x/blobs/uploads/?mount={Digest}&from=a%00b")).Status);

    [Theory]
    [InlineData("\"annotations\": {\"a\": \"\\u0000\"}")]
    [InlineData("\"annotations\": {\"\\u0000\": \"a\"}")]
    [InlineData("\"annotations\": {\"a\": \"\\ud800\"}")]
    [InlineData("\"annotations\": {\"\\ud800\": \"a\"}")]
    [InlineData("\"artifactType\": \"\\u0000\"")]
    [InlineData("\"artifactType\": \"\\udfff\"")]
    [InlineData("\"annotations\": []")]
    [InlineData("\"annotations\": {\"a\": 1}")]
    public async Task A_manifest_with_what_cannot_be_stored_is_refused(string part)
    {
        var before = await StoredThings.InAsync(_host);
        var body = $$$"""{"schemaVersion": 2, "config": {"mediaType": "a/b", "digest": "{{{Digest}}}", "size": 2}, "layers": [], {{{part}}}}""";
        var answer = await _host.Admin.SendAsync(HttpMethod.Put, "/v2/acme/nul/manifests/one", Multipart.Content(Encoding.UTF8.GetBytes(body), MediaTypes.OciManifest));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("MANIFEST_INVALID", answer.Json.GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.Equal(before, await StoredThings.InAsync(_host));
    }

    /// <summary>Each was once looked up by reading all of them again.</summary>
    [Fact]
    public async Task A_manifest_full_of_annotations_is_read_in_time_that_grows_with_its_length()
    {
        var annotations = string.Join(",", Enumerable.Range(0, 150_000).Select(number => $"\"k{number}\": \"v\""));
        var body = $$$"""{"schemaVersion": 2, "config": {"mediaType": "a/b", "digest": "{{{Digest}}}", "size": 2}, "layers": [], "annotations": {{{{annotations}}}}}""";
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var content = Multipart.Content(Encoding.UTF8.GetBytes(body), MediaTypes.OciManifest);
        // What it needs is missing, which is only looked for once it was read.
        Assert.Equal(HttpStatusCode.BadRequest, (await _host.Admin.PutAsync("/v2/acme/nul/manifests/one", content, limit.Token)).StatusCode);
    }

    private static string Notebook(string markdown, string code) =>
        $$$"""{"cells": [{"cell_type": "markdown", "source": {{{markdown}}}}, {"cell_type": "code", "source": {{{code}}}, "outputs": []}], "metadata": {}, "nbformat": 4}""";

    private static string Yaml(string more) => $"{Samples.ExistingImage().Split("inputs:")[0].Replace("description: Says word.\n", "")}{more}\nimplementation: {{container: {{image: {Samples.Image}, command: [sh]}}}}\n";
}
