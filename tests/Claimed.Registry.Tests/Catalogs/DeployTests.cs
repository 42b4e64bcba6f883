using System.Net;
using Claimed.Registry.Catalogs.Kfp.Servers;
using Claimed.Registry.Tests.Publish;
using Claimed.TestKit;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>Versions on a KFP API server.</summary>
[Trait("Database", "any")]
public sealed class DeployTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-deploy-").FullName;
    private KfpApiServer _server = null!;
    private RegistryHost _host = null!;

    private string TokenFile => Path.Combine(_folder, "token");

    public async ValueTask InitializeAsync()
    {
        _server = await KfpApiServer.StartAsync();
        await File.WriteAllTextAsync(TokenFile, "secret-of-kfp\n");
        _host = await RegistryHost.StartAsync(new Dictionary<string, string>
        {
            ["Kfp:Targets:prod:Url"] = _server.Url,
            ["Kfp:Targets:prod:TokenFile"] = TokenFile,
            ["Kfp:Targets:prod:KfpNamespace"] = "team",
            ["Kfp:Targets:elsewhere:Url"] = "http://127.0.0.1:1/kfp/",
            ["Kfp:Targets:private:Url"] = _server.Url,
            ["Kfp:Targets:private:Namespaces:0"] = "other",
        });
        _server.Token = "secret-of-kfp";
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<Answer> DeployAsync(string reference = "1.0.0", string target = "prod", HttpClient? who = null, string component = "acme/greet") =>
        (who ?? _host.Admin).SendAsync(HttpMethod.Post, $"/api/v1/components/{component}/versions/{reference}/deploy", Changes.Json($$"""{"target": "{{target}}"}"""));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_first_version_makes_the_pipeline_and_later_ones_are_added_each_once(bool keepsSource)
    {
        _server.KeepsSource = keepsSource;
        var first = await DeployAsync("latest");
        Assert.Equal((HttpStatusCode.Created, "acme--greet", "1.0.0"), (first.Status, first["pipeline"], first["version"]));
        var uploaded = Assert.Single(_server.Versions);
        var self = (await _host.ComponentAsync("acme/greet/versions/1.0.0"))["links.self"];
        Assert.Equal(("acme--greet", "Greet", $"Says one.\n\nFrom {self}", "acme--greet.yaml", keepsSource ? self : ""), (uploaded.Name, uploaded.DisplayName, uploaded.Description, uploaded.File, uploaded.Source));
        Assert.Equal((await _host.ComponentAsync("acme/greet/versions/1.0.0/pipeline.yaml")).Text, uploaded.Text);
        Assert.Contains(_server.Requests, request => request.StartsWith("POST /apis/v2beta1/pipelines/upload?", StringComparison.Ordinal) && request.Contains("namespace=team", StringComparison.Ordinal));

        var again = await DeployAsync();
        Assert.Equal((HttpStatusCode.OK, first["pipelineId"], uploaded.Id), (again.Status, again["pipelineId"], again["pipelineVersionId"]));
        foreach (var number in new[] { "1.1.0", "1.2.0", "1.3.0" })
        {
            await _host.PublishReadyAsync("acme", "greet", number, number);
            var next = await DeployAsync(number);
            Assert.Equal((HttpStatusCode.Created, first["pipelineId"], number), (next.Status, next["pipelineId"], _server.Versions[^1].Name));
        }
        // Found on the second page of the server's list, too.
        Assert.Equal(HttpStatusCode.OK, (await DeployAsync()).Status);
        Assert.Equal(4, _server.Versions.Count);
    }

    [Theory]
    [InlineData("latest")]
    [InlineData("^0.1")]
    [InlineData("0.1.0")]
    public async Task A_version_whose_build_waits_to_be_asked_for_is_asked_for(string reference)
    {
        using var folder = new SmallLibrary().With("metric/heavy").Beside("starter.txt", "input/elsewhere").Beside("heavy.txt", "metric/heavy 1Gi 2m");
        await folder.PublishAsync(_host);
        Assert.Equal("target-not-found", (await DeployAsync(reference, "nowhere", component: "claimed/heavy"))["type"]);
        Assert.Equal("deferred", (await _host.ComponentAsync("claimed/heavy/versions/0.1.0"))["build.state"]);

        var first = await DeployAsync(reference, component: "claimed/heavy");
        Assert.Equal((HttpStatusCode.Conflict, "version-not-ready", "queued", TimeSpan.FromMinutes(2)), (first.Status, first["type"], first["state"], first.Message.Headers.RetryAfter?.Delta));
        Assert.Contains("0.1.0 is queued; it can be deployed once its image is known. It has just been asked for", first["detail"], StringComparison.Ordinal);
        Assert.Equal("queued", (await _host.ComponentAsync("claimed/heavy/versions/0.1.0"))["build.state"]);
        Assert.Null((await DeployAsync(reference, component: "claimed/heavy")).Message.Headers.RetryAfter);
        Assert.Empty(_server.Versions);
    }

    [Theory]
    [InlineData(false, "description=mine", "it says \"mine\"")]
    [InlineData(false, "code_source_url=https://example.org/mine", "it says nothing of its source")]
    [InlineData(true, "code_source_url=https://example.org/mine", "https://example.org/mine")]
    public async Task Another_s_version_of_the_same_name_is_not_taken_for_this_one(bool keepsSource, string query, string told)
    {
        _server.KeepsSource = keepsSource;
        Assert.Equal(HttpStatusCode.Created, (await DeployAsync()).Status);
        using var form = new MultipartFormDataContent { { new ByteArrayContent("x: 1"u8.ToArray()), "uploadfile", "x.yaml" } };
        var pipeline = _server.Versions[0].PipelineId;
        using var client = new HttpClient { DefaultRequestHeaders = { { "Authorization", "Bearer secret-of-kfp" } } };
        (await client.PostAsync($"{_server.Url}/apis/v2beta1/pipelines/upload_version?name=1.1.0&pipelineid={pipeline}&{query}", form)).EnsureSuccessStatusCode();
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        var other = await DeployAsync("1.1.0");
        Assert.Equal((HttpStatusCode.Conflict, "target-has-other"), (other.Status, other["type"]));
        Assert.Contains(told, other["detail"], StringComparison.Ordinal);
        Assert.Equal(2, _server.Versions.Count);
    }

    [Fact]
    public async Task Many_at_once_upload_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => DeployAsync()));
        Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Created, answer.Text));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Single(_server.Versions);
    }

    [Fact]
    public async Task What_the_server_says_against_it_is_passed_on()
    {
        _server.Before = async context =>
        {
            if (context.Request.Method != "POST")
                return false;
            context.Response.StatusCode = 400;
            await context.Response.WriteAsJsonAsync(new { error_message = "Failed to validate the spec: unknown task", error_details = "at pipeline_server.go" });
            return true;
        };
        var refused = await DeployAsync();
        Assert.Equal((HttpStatusCode.BadGateway, "target-refused"), (refused.Status, refused["type"]));
        Assert.Contains("Failed to validate the spec: unknown task", refused["detail"], StringComparison.Ordinal);
        _server.Before = async context =>
        {
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync("<html>Sign in</html>");
            return true;
        };
        var html = await DeployAsync();
        Assert.Contains("something else than JSON", html["detail"], StringComparison.Ordinal);
        Assert.DoesNotContain("http://", html["detail"], StringComparison.Ordinal);
        _server.Before = async context =>
        {
            await context.Response.WriteAsJsonAsync(new { filler = new string('x', 9 << 20) });
            return true;
        };
        Assert.Contains("more than 8 MiB", (await DeployAsync())["detail"], StringComparison.Ordinal);
        _server.Before = async context =>
        {
            if (context.Request.Method != "POST")
                return false;
            await context.Response.WriteAsJsonAsync(new { name = "acme--greet" });
            return true;
        };
        Assert.Equal("target-refused", (await DeployAsync())["type"]);
    }

    [Fact]
    public async Task The_token_is_read_for_each_deployment_and_never_shown()
    {
        await File.WriteAllTextAsync(TokenFile, "old-secret");
        var refused = await DeployAsync();
        Assert.Equal((HttpStatusCode.BadGateway, "target-refused"), (refused.Status, refused["type"]));
        Assert.Contains("no user identity", refused["detail"], StringComparison.Ordinal);
        Assert.DoesNotContain("old-secret", refused.Text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(TokenFile, "secret-of-kfp");
        Assert.Equal(HttpStatusCode.Created, (await DeployAsync()).Status);
        File.Delete(TokenFile);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "target-away"), await DeployAsync() is var gone ? (gone.Status, gone["type"]) : default);
    }

    [Fact]
    public async Task A_target_that_is_away_unknown_or_not_for_the_namespace_is_said()
    {
        var away = await DeployAsync(target: "elsewhere");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "target-away"), (away.Status, away["type"]));
        Assert.DoesNotContain("127.0.0.1", away.Text, StringComparison.Ordinal);
        foreach (var target in new[] { "private", "none" })
        {
            var unknown = await DeployAsync(target: target);
            Assert.Equal((HttpStatusCode.NotFound, "target-not-found"), (unknown.Status, unknown["type"]));
            Assert.Contains("elsewhere, prod", unknown["detail"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Only_publishers_deploy_and_only_what_is_ready()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await DeployAsync(who: _host.Anonymous)).Status);
        await _host.PublishAsync("acme", "greet", "2.0.0", ("step.py", Samples.Script()));
        Assert.Equal("version-not-ready", (await DeployAsync("2.0.0"))["type"]);
        Assert.Equal("version-not-found", (await DeployAsync("3.0.0"))["type"]);
        Assert.Equal("bad-field", (await DeployAsync(target: ""))["type"]);
        Assert.Empty(_server.Versions);
    }

    [Fact]
    public async Task A_server_with_a_certificate_of_the_site_is_known_by_CaFile_alone()
    {
        var certificates = Path.Combine(_folder, "tls");
        EngineCertificates.Write(certificates);
        await using var server = await KfpApiServer.StartAsync(certificates);
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string>
        {
            ["Kfp:Targets:secured:Url"] = server.Url,
            ["Kfp:Targets:secured:CaFile"] = Path.Combine(certificates, "ca.pem"),
            ["Kfp:Targets:strange:Url"] = server.Url,
        });
        await host.PublishReadyAsync("acme", "greet", "1.0.0");
        foreach (var (target, status) in new[] { ("strange", HttpStatusCode.ServiceUnavailable), ("secured", HttpStatusCode.Created) })
            Assert.Equal(status, (await host.Admin.SendAsync(HttpMethod.Post, "/api/v1/components/acme/greet/versions/1.0.0/deploy", Changes.Json($$"""{"target": "{{target}}"}"""))).Status);
    }

    [Theory]
    [InlineData("ml-pipeline:8888", null, null, "Kfp__Targets__x__Url")]
    [InlineData("http://u:p@ml-pipeline:8888", null, null, "Kfp__Targets__x__TokenFile")]
    [InlineData("http://ml-pipeline:8888", "/nonexistent", null, "Kfp__Targets__x__TokenFile names /nonexistent")]
    [InlineData("http://ml-pipeline:8888", null, "/nonexistent", "Kfp__Targets__x__CaFile names /nonexistent")]
    public void Wrong_settings_are_said_at_start(string url, string? token, string? ca, string said)
    {
        var options = new KfpOptions { Targets = new Dictionary<string, KfpTargetOptions> { ["x"] = new() { Url = url, TokenFile = token, CaFile = ca } } };
        Assert.Contains(said, new KfpOptionsCheck().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }
}
