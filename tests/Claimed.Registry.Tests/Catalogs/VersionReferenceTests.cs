using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

[Trait("Database", "any")]
public sealed class VersionReferenceTests(VersionReferenceTests.Versions registry) : IClassFixture<VersionReferenceTests.Versions>
{
    /// <summary>acme/greet: 1.0.0, 1.2.0 (stable), 1.2.1, 2.0.0, 3.0.0-rc.1 ready; acme/waits: 1.0.0 queued.</summary>
    public sealed class Versions : SharedRegistry, IAsyncLifetime
    {
        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await base.InitializeAsync();
            foreach (var version in (string[])["1.0.0", "1.2.1", "2.0.0", "3.0.0-rc.1"])
                await Host.PublishReadyAsync("acme", "greet", version, version);
            await Host.PublishAsync("acme", "greet", "1.2.0",
                new Multipart().Source("component.yaml", Samples.ExistingImage("1.2.0")).Field("channel", "stable"));
            await Host.PublishAsync("acme", "waits", "1.0.0", ("step.py", Samples.Script()));
        }
    }

    private const string Url = "http://localhost:8080/api/v1/components/acme/greet/versions/";

    private readonly RegistryHost _host = registry.Host;

    [Theory]
    [InlineData("1.0.0", "1.0.0")]
    [InlineData("1.2", "1.2.0")]
    [InlineData("3.0.0-rc.1", "3.0.0-rc.1")]
    public async Task An_exact_version_stays_where_it_is(string reference, string version)
    {
        var answer = await _host.ComponentAsync($"acme/greet/versions/{reference}");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(version, answer["version"]);
        Assert.False(answer.Message.Content.Headers.Contains("Content-Location"));
    }

    [Theory]
    [InlineData("~1", "1.2.1")]
    [InlineData("^1.0", "1.2.1")]
    [InlineData("~1.2.0", "1.2.1")]
    [InlineData("%5E1.2", "1.2.1")]
    [InlineData("%7E1", "1.2.1")]
    [InlineData("%3E%3D1%20%3C2", "1.2.1")]
    [InlineData("*", "2.0.0")]
    [InlineData("=1.0.0", "1.0.0")]
    [InlineData("latest", "2.0.0")]
    [InlineData("stable", "1.2.0")]
    public async Task A_moving_reference_says_where_it_leads_and_is_not_cached(string reference, string version)
    {
        var document = await _host.ComponentAsync($"acme/greet/versions/{reference}");
        Assert.Equal(HttpStatusCode.OK, document.Status);
        Assert.Equal(version, document["version"]);
        Assert.Equal(Url + version, document.Message.Content.Headers.ContentLocation!.ToString());
        Assert.Equal("no-cache", document.Message.Headers.CacheControl!.ToString());
        var form = await _host.ComponentAsync($"acme/greet/versions/{reference}/component.yaml");
        Assert.Equal(Url + version + "/component.yaml", form.Message.Content.Headers.ContentLocation!.ToString());
        Assert.Equal("no-cache", form.Message.Headers.CacheControl!.ToString());
        Assert.Equal((await _host.ComponentAsync($"acme/greet/versions/{version}/component.yaml")).Text, form.Text);
    }

    [Fact]
    public async Task A_digest_names_the_bytes_for_ever()
    {
        var form = await _host.ComponentAsync("acme/greet/versions/1.0.0/elyra.yaml");
        var digest = form.ETag!.Trim('"');
        var pinned = await _host.ComponentAsync($"acme/greet/versions/{digest}/elyra.yaml");
        Assert.Equal(form.Text, pinned.Text);
        Assert.Contains("immutable", pinned.Message.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal("1.0.0", (await _host.ComponentAsync($"acme/greet/versions/{digest}"))["version"]);
        Assert.Equal("form-not-found", (await _host.ComponentAsync($"acme/greet/versions/{digest}/operator.py"))["type"]);
    }

    [Theory]
    [InlineData("1.x", "~1")]
    [InlineData("1.2.x", "~1")]
    [InlineData("1.2.3.4", "1.2.0")]
    [InlineData("1.0.0+build", "1.2.0")]
    [InlineData("^one", "^1.2")]
    [InlineData("sha256:abc", "64")]
    [InlineData("Not-A-Channel", "channel")]
    public async Task A_reference_that_cannot_be_read_is_refused_with_a_hint(string reference, string hint)
    {
        foreach (var path in (string[])[$"acme/greet/versions/{reference}", $"acme/greet/versions/{reference}/component.yaml"])
        {
            var answer = await _host.ComponentAsync(path);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Equal("bad-reference", answer["type"]);
            Assert.Contains(hint, answer["detail"], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("acme/greet/versions/9.0.0", "version-not-found")]
    [InlineData("acme/greet/versions/~9", "version-not-found")]
    [InlineData("acme/greet/versions/beta", "version-not-found")]
    [InlineData("acme/greet/versions/sha256:0000000000000000000000000000000000000000000000000000000000000000", "version-not-found")]
    [InlineData("acme/nothing/versions/1.0.0", "component-not-found")]
    [InlineData("acme/nothing", "component-not-found")]
    [InlineData("acme/nothing/versions", "component-not-found")]
    [InlineData("acme/greet/versions/1.0.0/other.yaml", "form-not-found")]
    [InlineData("acme/greet/versions/1.0.0/Dockerfile", "form-not-found")]
    [InlineData("acme/waits/versions/latest", "version-not-found")]
    public async Task What_does_not_exist_is_a_404_of_its_own_type(string path, string type)
    {
        var answer = await _host.ComponentAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal(type, answer["type"]);
    }

    [Fact]
    public async Task A_form_of_a_version_that_is_not_ready_tells_its_state()
    {
        var answer = await _host.ComponentAsync("acme/waits/versions/1.0.0/component.yaml");
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal("version-not-ready", answer["type"]);
        Assert.Equal("queued", answer["state"]);
        Assert.Equal(HttpStatusCode.OK, (await _host.ComponentAsync("acme/waits/versions/1.0.0/bundle")).Status);
    }

    [Theory]
    [InlineData("acme/greet", "application/json; charset=utf-8")]
    [InlineData("acme/greet/versions", "application/json; charset=utf-8")]
    [InlineData("acme/greet/versions/1.0.0", "application/json; charset=utf-8")]
    [InlineData("acme/greet/versions/1.0.0/component.yaml", "application/yaml; charset=utf-8")]
    [InlineData("acme/greet/versions/1.0.0/elyra.yaml", "application/yaml; charset=utf-8")]
    [InlineData("acme/greet/versions/1.0.0/operator.py", "text/x-python; charset=utf-8")]
    [InlineData("acme/greet/versions/1.0.0/original.yaml", "application/yaml")]
    [InlineData("acme/greet/versions/1.0.0/pipeline.yaml", "application/yaml; charset=utf-8")]
    [InlineData("acme/greet/versions/1.0.0/job.yaml", "application/yaml; charset=utf-8")]
    [InlineData("acme/greet/versions/1.0.0/tool.cwl", "application/cwl; charset=utf-8")]
    [InlineData("acme/greet/versions/1.0.0/usage", "text/plain; charset=utf-8")]
    [InlineData("acme/greet/versions/1.0.0/usage?client=kfp", "text/plain; charset=utf-8")]
    [InlineData("acme/greet/versions/1.0.0/bundle", "application/gzip")]
    public async Task Documents_and_forms_have_a_type_a_strong_tag_HEAD_and_304(string path, string type)
    {
        var full = await _host.ComponentAsync(path);
        Assert.Equal(type, full.ContentType);
        Assert.Matches("^\"sha256:[0-9a-f]{64}\"$", full.ETag);
        Assert.Equal($"\"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(full.Bytes))}\"", full.ETag);

        var head = await _host.Anonymous.SendAsync(HttpMethod.Head, $"/api/v1/components/{path}");
        Assert.Equal(HttpStatusCode.OK, head.Status);
        Assert.Empty(head.Bytes);
        Assert.Equal(full.ETag, head.ETag);
        Assert.Equal(full.Bytes.Length, head.Message.Content.Headers.ContentLength);

        foreach (var known in (string[])[full.ETag!, "W/" + full.ETag, "\"other\", " + full.ETag, "*"])
        {
            var unchanged = await _host.ComponentAsync(path, ("If-None-Match", known));
            Assert.Equal(HttpStatusCode.NotModified, unchanged.Status);
            Assert.Empty(unchanged.Bytes);
            Assert.Equal(full.ETag, unchanged.ETag);
        }
        Assert.Equal(HttpStatusCode.OK, (await _host.ComponentAsync(path, ("If-None-Match", "\"other\""))).Status);
    }

    [Theory]
    [InlineData("/catalogs/kfp/acme/packages")]
    [InlineData("/catalogs/kfp/acme/packages/greet/versions")]
    [InlineData("/catalogs/kfp/acme/packages/greet/tags/latest")]
    [InlineData("/catalogs/kfp/acme/context.json")]
    [InlineData("/catalogs/kfp/acme/greet/1.0.0")]
    [InlineData("/catalogs/kfp/store/acme/greet/component.yaml")]
    [InlineData("/apis/v1alpha1/components?page_size=1000")]
    [InlineData("/apis/v1alpha1/components/acme--greet/download")]
    [InlineData("/catalogs/artifactory/api/storage/acme/greet")]
    [InlineData("/catalogs/artifactory/acme/greet/1.0.0.yaml")]
    [InlineData("/catalogs/elyra/url-catalog.json")]
    [InlineData("/catalogs/airflow/simple/")]
    [InlineData("/catalogs/airflow/simple/claimed-acme/")]
    [InlineData("/catalogs/airflow/acme/elyra-package.zip")]
    public async Task What_every_client_reads_has_a_strong_tag_HEAD_and_304(string path)
    {
        var full = await _host.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, full.Status);
        Assert.Equal($"\"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(full.Bytes))}\"", full.ETag);
        var head = await _host.Anonymous.SendAsync(HttpMethod.Head, path);
        Assert.Equal((HttpStatusCode.OK, 0, full.ETag, full.Bytes.LongLength), (head.Status, head.Bytes.Length, head.ETag, head.Message.Content.Headers.ContentLength));
        var unchanged = await _host.GetAsync(path, ("If-None-Match", full.ETag!));
        Assert.Equal((HttpStatusCode.NotModified, 0, full.ETag), (unchanged.Status, unchanged.Bytes.Length, unchanged.ETag));
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync(path, ("If-None-Match", "\"other\""))).Status);
    }

    /// <summary>YAML and Python begin with a letter or a comment, with no mark of an encoding before it.</summary>
    [Theory]
    [InlineData("/api/v1/components/acme/greet/versions/1.0.0/component.yaml", "name: ")]
    [InlineData("/api/v1/components/acme/greet/versions/1.0.0/elyra.yaml", "name: ")]
    [InlineData("/api/v1/components/acme/greet/versions/1.0.0/original.yaml", "name: ")]
    [InlineData("/api/v1/components/acme/greet/versions/1.0.0/pipeline.yaml", "# ")]
    [InlineData("/api/v1/components/acme/greet/versions/1.0.0/job.yaml", "# ")]
    [InlineData("/api/v1/components/acme/greet/versions/1.0.0/tool.cwl", "# ")]
    [InlineData("/api/v1/components/acme/greet/versions/1.0.0/operator.py", "\"\"\"")]
    [InlineData("/api/v1/components/acme/greet/versions/1.0.0/usage", "")]
    [InlineData("/catalogs/kfp/acme/greet/1.0.0", "name: ")]
    [InlineData("/catalogs/artifactory/acme/greet/1.0.0.yaml", "name: ")]
    [InlineData("/catalogs/elyra/acme/url-catalog.json", "{")]
    [InlineData("/catalogs/elyra/acme/catalog.json", "{")]
    [InlineData("/catalogs/kfp/acme/packages", "{")]
    [InlineData("/apis/v1alpha1/components", "{")]
    public async Task A_text_begins_with_what_it_says(string path, string start)
    {
        var bytes = (await _host.GetAsync(path)).Bytes;
        Assert.InRange(bytes[0], (byte)'\n', (byte)'~');
        Assert.StartsWith(start, System.Text.Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_SDK_loads_every_form_that_it_reads_by_every_reference()
    {
        var urls = new List<string>();
        foreach (var form in (string[])["component.yaml", "elyra.yaml", "original.yaml", "pipeline.yaml"])
        {
            // What is rendered for whoever asks has no digest that names it.
            var digest = (await _host.ComponentAsync($"acme/greet/versions/1.2.0/{form}")).ETag!.Trim('"');
            foreach (var reference in (string[])["1.2.0", "1.2", "~1.2.0", "^1.0", "%5E1", "*", "stable", "latest", .. form == "pipeline.yaml" ? (string[])[] : [digest]])
                urls.Add($"{_host.Address}api/v1/components/acme/greet/versions/{reference}/{form}");
        }
        const string Program = """
            import json, sys
            from kfp import components
            for url in json.load(sys.stdin):
                try:
                    component = components.load_component_from_url(url)
                except Exception as problem:
                    sys.exit(f"{url}: {problem!r}")
                spec = getattr(component, "component_spec", component)
                assert [name.lower() for name in spec.inputs] == ["greeting"], (url, spec.inputs)
                assert spec.name.lower() == "greet", (url, spec.name)
            """;
        var sdk = Environment.GetEnvironmentVariable("KFP_SDK_PATH");
        (await Shell.RunAsync("/usr/bin/python3", ["-B", "-W", "ignore", "-c", Program], new Dictionary<string, string?>
        {
            ["PYTHONPATH"] = string.IsNullOrEmpty(sdk) ? RepositoryFolder.Of("tests/compatibility/standins") : sdk,
        }, System.Text.Json.JsonSerializer.Serialize(urls))).Succeeded();
    }

    [Fact]
    public async Task Versions_are_listed_highest_first() => Assert.Equal(["3.0.0-rc.1", "2.0.0", "1.2.1", "1.2.0", "1.0.0"],
        (await _host.ComponentAsync("acme/greet/versions")).Items.Select(item => item.GetProperty("version").GetString()));
}
