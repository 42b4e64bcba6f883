using System.Net;
using System.Text.Json;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

/// <summary>A minor or patch version keeps what callers of an earlier one rely on.</summary>
public sealed class InterfaceGateTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private const string Word = "{name: word, type: String, default: 'x'}";
    private const string Count = "{name: count, type: Integer}";

    private readonly RegistryHost _host = registry.Host;

    private static string Yaml(params string[] inputs) => $"""
        name: Gate
        inputs:
        {string.Join("\n", inputs.Select(input => "- " + input))}
        implementation:
          container:
            image: {Samples.Image}
            command: [sh, -c, 'echo "$0"', {string.Join(", ", inputs.Select(input => $"{{inputValue: {input.Split(',')[0].Split(' ')[1]}}}"))}]

        """;

    private Task<Answer> PublishAsync(string name, string? version, string yaml, string? breaking = null)
    {
        var upload = new Multipart().Source("component.yaml", yaml);
        return _host.PublishAsync("gate", name, version, breaking is null ? upload : upload.Field("breaking", breaking));
    }

    private async Task MakeAsync(string name, string version, string yaml) => Assert.Equal(HttpStatusCode.Created, (await PublishAsync(name, version, yaml)).Status);

    private static void AssertRefused(Answer answer, string code, string port, string right)
    {
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "invalid-component"), (answer.Status, answer["type"]));
        var finding = answer.Json.GetProperty("findings").EnumerateArray().Single(each => each.GetProperty("code").GetString() == code);
        Assert.Equal("error", finding.GetProperty("severity").GetString());
        Assert.Equal("component.yaml", finding.GetProperty("file").GetString());
        Assert.Contains($"'{port}'", finding.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains($"publish this as {right}", finding.GetProperty("fix").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("removed", "interface-input-removed", "word", Count)]
    [InlineData("renamed", "interface-input-removed", "word", Count, "{name: words, type: String, default: 'x'}")]
    [InlineData("added", "interface-input-added", "more", Word, Count, "{name: more, type: String}")]
    [InlineData("narrowed", "interface-type-narrowed", "word", "{name: word, type: Integer, default: '1'}", Count)]
    [InlineData("no-default", "interface-default-removed", "word", "{name: word, type: String}", Count)]
    public async Task A_minor_or_patch_version_that_breaks_callers_is_refused(string name, string code, string port, params string[] inputs)
    {
        await MakeAsync(name, "1.2.0", Yaml(Word, Count));
        AssertRefused(await PublishAsync(name, "1.3.0", Yaml(inputs)), code, port, "2.0.0");
        AssertRefused(await PublishAsync(name, "1.2.1", Yaml(inputs)), code, port, "2.0.0");
        AssertRefused(await PublishAsync(name, "1.3.0-rc.1", Yaml(inputs)), code, port, "2.0.0");
        AssertRefused(await PublishAsync(name, null, Yaml(inputs)), code, port, "2.0.0");
        Assert.Single((await _host.ComponentAsync($"gate/{name}/versions")).Items);
        await MakeAsync(name, "2.0.0", Yaml(inputs));
    }

    [Fact]
    public async Task What_callers_can_go_on_with_is_taken()
    {
        await MakeAsync("kept", "1.0.0", Yaml(Word, Count));
        await MakeAsync("kept", "1.1.0", Yaml("{name: word, type: String, default: 'other', description: New}", "{name: count, type: Float}", "{name: more, type: String, optional: true}"));
        AssertRefused(await PublishAsync("kept", "1.1.1", Yaml(Word, Count, "{name: more, type: String, optional: true}")), "interface-type-narrowed", "count", "2.0.0");
        await MakeAsync("kept", "1.0.1", Yaml(Word, "{name: count, type: Integer, default: '3'}"));
    }

    [Fact]
    public async Task An_output_that_goes_or_changes_its_kind_is_refused()
    {
        await MakeAsync("outputs", "1.0.0", Samples.ExistingImage());
        AssertRefused(await PublishAsync("outputs", "1.0.1", Samples.ExistingImage().Replace("said, type: Dataset", "said, type: String", StringComparison.Ordinal)), "interface-passing-changed", "said", "2.0.0");
        AssertRefused(await PublishAsync("outputs", "1.0.1", Samples.ExistingImage().Replace("said", "words", StringComparison.Ordinal)), "interface-output-removed", "said", "2.0.0");
    }

    [Fact]
    public async Task The_highest_ready_stable_version_below_in_the_same_range_counts()
    {
        await MakeAsync("range", "1.0.0", Yaml(Word));
        await MakeAsync("range", "1.2.0", Yaml(Word, "{name: late, type: String, default: ''}"));
        await MakeAsync("range", "1.4.0-rc.1", Yaml(Word, "{name: late, type: String, default: ''}", "{name: rc, type: String, default: ''}"));
        await MakeAsync("range", "3.0.0", Yaml(Count));
        // Between the two: what the lower one has is enough.
        await MakeAsync("range", "1.1.0", Yaml(Word));
        // The pre-release promises nothing; 4.0.0 is the first that no one has.
        AssertRefused(await PublishAsync("range", "1.4.0", Yaml(Word)), "interface-input-removed", "late", "4.0.0");
        Assert.Equal(HttpStatusCode.OK, (await _host.PatchAsync("gate/range/versions/1.2.0", """{"yanked": true}""")).Status);
        await MakeAsync("range", "1.4.0", Yaml(Word));
        await MakeAsync("range", "2.0.0", Yaml(Count));
    }

    [Fact]
    public async Task A_version_that_waits_for_its_build_or_failed_is_not_compared_with()
    {
        await MakeAsync("building", "1.0.0", Yaml(Word));
        var script = "import os\nword = os.environ.get('word', 'x')\nmore = os.environ.get('more', 'x')\n";
        Assert.Equal("queued", (await _host.PublishAsync("gate", "building", "1.1.0", ("step.py", script)))["state"]);
        await MakeAsync("building", "1.2.0", Yaml(Word));
    }

    [Fact]
    public async Task Below_1_the_minor_number_may_break_and_a_publish_without_a_version_takes_it()
    {
        await MakeAsync("zero", "0.1.0", Yaml(Word));
        AssertRefused(await PublishAsync("zero", "0.1.1", Yaml(Count)), "interface-input-removed", "word", "0.2.0");
        Assert.Equal("0.2.0", (await PublishAsync("zero", null, Yaml(Count)))["version"]);
        AssertRefused(await PublishAsync("zero", "0.1.1", Yaml(Count)), "interface-input-removed", "word", "0.3.0");
        await MakeAsync("zeros", "0.0.1", Yaml(Word));
        await MakeAsync("zeros", "0.0.2", Yaml(Count));
    }

    [Fact]
    public async Task Breaking_allow_publishes_with_the_findings_as_warnings()
    {
        await MakeAsync("allowed", "1.0.0", Yaml(Word));
        var named = await PublishAsync("allowed", "1.1.0", Yaml(Count), "allow");
        Assert.Equal(HttpStatusCode.Created, named.Status);
        Assert.Contains("interface-input-removed", named.FindingCodes);
        Assert.All(named.Json.GetProperty("findings").EnumerateArray(), finding => Assert.NotEqual("error", finding.GetProperty("severity").GetString()));
        Assert.Equal(named["findings"], (await _host.ComponentAsync("gate/allowed/versions/1.1.0"))["findings"]);
        // Without a number there is a right one, and nothing to warn of.
        const string third = "{name: third, type: String}";
        var next = await PublishAsync("allowed", null, Yaml(third), "allow");
        Assert.Equal((HttpStatusCode.Created, "2.0.0"), (next.Status, next["version"]));
        Assert.DoesNotContain("interface-input-removed", next.FindingCodes);
        Assert.Equal("2.1.0", (await PublishAsync("allowed", null, Yaml(third, "{name: more, type: String, default: ''}"), "allow"))["version"]);
    }

    [Fact]
    public async Task The_same_bundle_again_is_known_whatever_came_between()
    {
        await MakeAsync("again", "1.0.0", Yaml(Word));
        await MakeAsync("again", "1.1.0", Yaml(Word, "{name: more, type: String, default: ''}"));
        var again = await PublishAsync("again", null, Yaml(Word));
        Assert.Equal((HttpStatusCode.OK, "1.0.0"), (again.Status, again["version"]));
    }

    [Fact]
    public async Task Of_two_publishers_at_once_the_second_is_held_against_the_first()
    {
        for (var round = 0; round < 3; round++)
        {
            var name = $"race-{round}";
            await MakeAsync(name, "1.0.0", Yaml(Word));
            // Each adds an input of its own that the other lacks: whoever is first, the others break its callers.
            var answers = await Race.RunAsync(8, number => PublishAsync(name, null, Yaml(Word, $"{{name: own{number}, type: String, default: ''}}")));
            Assert.Equal("1×201 7×422", answers.Statuses());
            Assert.Equal("1.1.0", answers.Single(answer => answer.Status == HttpStatusCode.Created)["version"]);
        }
    }

    [Fact]
    public async Task A_dry_run_gives_the_answer_of_a_publish_without_a_version()
    {
        await MakeAsync("gate", "1.0.0", Yaml(Word));
        foreach (var (yaml, breaking, version) in ((string, string?, string?)[])[(Yaml(Count), null, null), (Yaml(Count), "allow", "2.0.0"), (Yaml(Word), null, "1.0.0"), (Yaml(Word, "{name: more, type: String, default: ''}"), null, "1.1.0")])
        {
            var upload = new Multipart().Source("component.yaml", yaml);
            if (breaking is not null)
                upload.Field("breaking", breaking);
            var dry = await _host.Anonymous.SendAsync(HttpMethod.Post, "/api/v1/components/gate/validate", upload.ToContent());
            Assert.Equal(HttpStatusCode.OK, dry.Status);
            Assert.Equal((version, version is null ? "false" : "true"), (dry["version"], dry["valid"]));
            var named = await _host.Anonymous.SendAsync(HttpMethod.Post, "/api/v1/components/gate/validate?name=new-one", new Multipart().Source("component.yaml", yaml).ToContent());
            Assert.Equal(("new-one", "0.1.0"), (named["name"], named["version"]));
            if (version is null or "1.0.0")
                Assert.Equal((await PublishAsync("gate", null, yaml))["findings"], dry["findings"]);
        }
        Assert.Single((await _host.ComponentAsync("gate/gate/versions")).Items);
    }

    [Fact]
    public async Task With_a_hidden_component_a_stranger_compares_nothing()
    {
        await _host.PublishAsync("gate-hidden", "gate", "1.0.0", ("component.yaml", Yaml(Word)));
        Assert.Equal(HttpStatusCode.OK, (await _host.Admin.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/gate-hidden", new StringContent("""{"visibility": "private"}""", null, "application/json"))).Status);
        async Task<JsonElement> FindingsAsync(HttpClient client) =>
            (await client.SendAsync(HttpMethod.Post, "/api/v1/components/gate-hidden/validate", new Multipart().Source("component.yaml", Yaml(Count)).ToContent())).Json.GetProperty("findings");
        Assert.Contains("interface-input-removed", (await FindingsAsync(_host.Admin)).GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("interface-input-removed", (await FindingsAsync(_host.Anonymous)).GetRawText(), StringComparison.Ordinal);
    }
}
