using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

[Trait("Database", "any")]
public sealed class ValidationTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    private const string Notebook = """
        {
         "cells": [
          {"cell_type": "markdown", "metadata": {}, "source": ["# Count"]},
          {"cell_type": "code", "metadata": {}, "execution_count": null, "outputs": [], "source": [
           "import os\n",
           "\n",
           "name = 'x' + str(1)\n",
           "value = os.environ.get(name)\n",
           "count = os.environ['count']\n"]}
         ],
         "metadata": {"kernelspec": {"name": "python3"} }, "nbformat": 4, "nbformat_minor": 5
        }
        """;

    private async Task<Answer> ValidateAsync(Multipart upload, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/components/valid/validate") { Content = upload.ToContent() };
        if (accept is not null)
            request.Headers.Accept.ParseAdd(accept);
        return await Answer.ReadAsync(await _host.Anonymous.SendAsync(request));
    }

    [Fact]
    public async Task Findings_come_as_SARIF_where_that_is_asked_for()
    {
        var upload = new Multipart().Source("my steps/Schritt ä.ipynb", Notebook);
        var plain = await ValidateAsync(upload);
        var answer = await ValidateAsync(upload, "application/sarif+json, application/json;q=0.5");
        Assert.Equal((HttpStatusCode.OK, "application/sarif+json"), (answer.Status, answer.ContentType));
        SarifCheck.Valid(answer.Json);
        var run = answer.Json.GetProperty("runs")[0];
        Assert.Equal(plain.Json.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("code").GetString()),
            run.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("ruleId").GetString()));
        Assert.Equal(plain["valid"], run.GetProperty("properties").GetProperty("valid").GetRawText());
        var result = run.GetProperty("results").EnumerateArray().Single(each => each.GetProperty("ruleId").GetString() == "input-name-computed");
        var location = result.GetProperty("locations")[0];
        Assert.Equal("my%20steps/Schritt%20%C3%A4.ipynb", location.GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.Equal(8, location.GetProperty("physicalLocation").GetProperty("region").GetProperty("startLine").GetInt32());
        Assert.Equal("/cells/1", location.GetProperty("logicalLocations")[0].GetProperty("fullyQualifiedName").GetString());
        Assert.Equal([2, 4], ((string[])["cell", "cellLine"]).Select(name => result.GetProperty("properties").GetProperty(name).GetInt32()));
        Assert.Equal("warning", result.GetProperty("level").GetString());
    }

    [Fact]
    public async Task Each_rule_leads_to_its_explanation()
    {
        var answer = await ValidateAsync(new Multipart().Source("step.py", "import os\nx = os.environ[name()]\npassword = os.environ.get('password', 'hunter2')\n"), "application/sarif+json");
        SarifCheck.Valid(answer.Json);
        var page = (await _host.Anonymous.SendAsync(HttpMethod.Get, "/findings")).Text;
        foreach (var rule in answer.Json.GetProperty("runs")[0].GetProperty("tool").GetProperty("driver").GetProperty("rules").EnumerateArray())
        {
            var code = rule.GetProperty("id").GetString();
            Assert.Equal($"http://localhost:8080/findings#{code}", rule.GetProperty("helpUri").GetString());
            Assert.Contains($"id=\"{code}\"", page, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("hunter2", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_without_findings_is_an_empty_log_and_another_type_is_JSON()
    {
        var yaml = new Multipart().Source("component.yaml", Samples.ExistingImage());
        var empty = await ValidateAsync(yaml, "application/sarif+json");
        SarifCheck.Valid(empty.Json);
        Assert.Empty(empty.Json.GetProperty("runs")[0].GetProperty("results").EnumerateArray());
        Assert.Equal("application/json; charset=utf-8", (await ValidateAsync(yaml, "text/html, */*")).ContentType);
    }

    [Theory]
    [InlineData("component.yaml", "name: x\nimplementation:\n  container: {image: 'x y', command: [1]}\n")]
    [InlineData("step.py", "'''unclosed\n")]
    [InlineData("step.txt", "nothing")]
    public async Task What_is_refused_is_valid_SARIF_too(string path, string text)
    {
        var answer = await ValidateAsync(new Multipart().Source(path, text), "application/sarif+json");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        SarifCheck.Valid(answer.Json);
        Assert.Contains("error", answer.Json.GetProperty("runs")[0].GetProperty("results").EnumerateArray().Select(result => result.GetProperty("level").GetString()));
    }

    [Fact]
    public async Task A_finding_names_its_cell_and_the_file_as_sent_wherever_it_is_read()
    {
        var upload = new Multipart().Source("src/count.ipynb", Notebook);
        var published = await _host.PublishAsync("valid", "cells", "1.0.0", upload);
        Assert.Equal(HttpStatusCode.Created, published.Status);
        var broken = await _host.PublishAsync("valid", "cells", "1.1.0", new Multipart().Source("src/count.ipynb", Notebook.Replace("count = os", "count = (os", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, broken.Status);
        foreach (var (answer, code, line) in ((Answer, string, int)[])[(await ValidateAsync(upload), "input-name-computed", 4), (published, "input-name-computed", 4),
            (await _host.ComponentAsync("valid/cells/versions/1.0.0"), "input-name-computed", 4), (broken, "source-syntax", 5)])
        {
            var finding = answer.Json.GetProperty("findings").EnumerateArray().Single(each => each.GetProperty("code").GetString() == code);
            Assert.Equal(("src/count.ipynb", 2, line), (finding.GetProperty("file").GetString(), finding.GetProperty("cell").GetInt32(), finding.GetProperty("cellLine").GetInt32()));
        }
    }

    [Fact]
    public async Task Nothing_is_stored_and_strangers_are_counted()
    {
        var stored = await StoredThings.InAsync(_host);
        Assert.Equal("true", (await ValidateAsync(new Multipart().Source("step.py", Samples.Script("kept nowhere"))))["valid"]);
        Assert.Equal(stored, await StoredThings.InAsync(_host));
        await using var strict = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Limits:AnonymousWrites"] = "2" });
        var statuses = new List<HttpStatusCode>();
        for (var number = 0; number < 3; number++)
            statuses.Add((await strict.Anonymous.SendAsync(HttpMethod.Post, "/api/v1/components/valid/validate", new Multipart().Source("step.py", Samples.Script()).ToContent())).Status);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], statuses);
    }

    [Fact]
    public async Task A_version_tells_what_each_client_makes_of_it()
    {
        var yaml = Samples.ExistingImage().Replace("greeting, type: String", "greeting, type: GCSPath", StringComparison.Ordinal);
        var published = await _host.PublishAsync("valid", "verdicts", "1.0.0", ("component.yaml", yaml));
        Assert.Equal(["kfp-v2", "kfp-v1", "elyra-palette", "elyra-submit", "airflow", "kubernetes", "cwl"], published.Json.GetProperty("verdicts").EnumerateObject().Select(each => each.Name));
        Assert.Equal("""{"verdict":"ok","asUploaded":"refused","findings":["type-passing-mismatch"]}""", published["verdicts.kfp-v2"]);
        Assert.Equal("""{"verdict":"ok","asUploaded":"ok","findings":[]}""", published["verdicts.kfp-v1"]);
        Assert.Equal("""{"verdict":"ok","findings":[]}""", published["verdicts.airflow"]);
        Assert.Equal(published["verdicts"], (await ValidateAsync(new Multipart().Source("component.yaml", yaml)))["verdicts"]);
        Assert.Contains("kfp-v2: ok (repaired)", (await _host.GetAsync("/components/valid/verdicts")).Text, StringComparison.Ordinal);
    }
}
