using Claimed.Registry.Builds;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

/// <summary>A component.yaml that is safe for every client is served as it was published.</summary>
[Trait("Database", "any")]
public sealed class UploadedBytesTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task A_safe_component_file_keeps_its_bytes_also_when_it_is_rendered_again()
    {
        var yaml = Samples.ExistingImage("kept");
        await _host.PublishAsync("bytes", "kept", "1.0.0", ("component.yaml", yaml));
        var served = await _host.ComponentAsync("bytes/kept/versions/1.0.0/component.yaml");
        Assert.Equal(yaml, served.Text);
        Assert.Equal(served.ETag, (await _host.ComponentAsync("bytes/kept/versions/1.0.0/original.yaml")).ETag);
        Assert.Contains("claimed.registry/version-url", (await _host.ComponentAsync("bytes/kept/versions/1.0.0/elyra.yaml")).Text, StringComparison.Ordinal);
        Assert.Equal(yaml, (await _host.ComponentAsync($"bytes/kept/versions/{served.ETag!.Trim('"')}/component.yaml")).Text);

        await _host.Services.GetRequiredService<Rerendering>().RunAsync("component.yaml", withHost: false, CancellationToken.None);
        Assert.Equal(yaml, (await _host.ComponentAsync("bytes/kept/versions/1.0.0/component.yaml")).Text);
    }

    [Fact]
    public async Task Another_is_repaired_and_stays_readable_as_it_came()
    {
        var yaml = Samples.ExistingImage("mended").Replace("default: 'mended'", "default: 7", StringComparison.Ordinal).Replace("default: mended", "default: 7", StringComparison.Ordinal);
        var answer = await _host.PublishAsync("bytes", "mended", "1.0.0", ("component.yaml", yaml));
        Assert.Equal("ready", answer["state"]);
        Assert.NotEmpty(answer.FindingCodes);
        Assert.Equal(yaml, (await _host.ComponentAsync("bytes/mended/versions/1.0.0/original.yaml")).Text);
        var served = (await _host.ComponentAsync("bytes/mended/versions/1.0.0/component.yaml")).Text;
        Assert.Contains("default: '7'", served, StringComparison.Ordinal);
        Assert.Contains("claimed.registry/version-url", served, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outputs_at_fixed_paths_and_addresses_of_artifacts_are_published_and_the_verdicts_say_who_can_use_them()
    {
        const string Yaml = """
            name: Score
            inputs: [{name: model, type: Model}]
            outputs: [{name: score, type: Float}]
            implementation:
              container:
                image: registry.example.com/tools/score@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
                command: [score, {inputUri: model}]
                fileOutputs: {score: /score.txt}
            """;
        var answer = await _host.PublishAsync("bytes", "score", "1.0.0", ("component.yaml", Yaml));
        Assert.Equal("ready", answer["state"]);
        Assert.Contains("file-outputs-copied", answer.FindingCodes);
        Assert.Contains("placeholder-uri", answer.FindingCodes);
        var verdicts = answer.Json.GetProperty("verdicts");
        Assert.Equal(["ok", "limited", "refused", "limited"], new[] { "kfp-v2", "kfp-v1", "elyra-submit", "kubernetes" }.Select(client => verdicts.GetProperty(client).GetProperty("verdict").GetString()));
        Assert.Equal("limited", verdicts.GetProperty("kfp-v2").GetProperty("asUploaded").GetString());

        Assert.Equal(Yaml, await FormAsync("original.yaml"));
        var served = await FormAsync("component.yaml");
        Assert.Contains("    - {outputPath: score}\n    - score\n    - {inputUri: model}\n", served, StringComparison.Ordinal);
        Assert.DoesNotContain("fileOutputs", served, StringComparison.Ordinal);
        Assert.Contains("{{$.inputs.artifacts['model'].uri}}", (await FormAsync("pipeline.yaml")).Replace("''", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("$(model_uri)", await FormAsync("job.yaml"), StringComparison.Ordinal);

        async Task<string> FormAsync(string form) => (await _host.ComponentAsync($"bytes/score/versions/1.0.0/{form}")).Text;
    }
}
