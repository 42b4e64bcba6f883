using System.Text;
using System.Text.Json.Nodes;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

/// <summary>Placeholders for addresses in an object store: Kubernetes and Airflow get texts in their place, Kubeflow Pipelines keeps them.</summary>
public sealed class AddressTests
{
    private static readonly Definition Definition = Read("""
        name: Serve
        inputs: [{name: model, type: Model}, {name: model_uri, type: String}, {name: rows, type: Dataset}]
        outputs: [{name: made, type: Model}, {name: report, type: HTML}]
        implementation:
          container:
            image: registry.example.org/tools/serve:1
            command: [serve, {inputUri: model}, {outputUri: made}, {inputValue: model_uri}, {inputPath: rows}, {outputPath: report}]
            args: [{if: {cond: {isPresent: model}, then: [{concat: [uri=, {inputUri: model}]}]}}]
        """);

    private static Definition Read(string yaml) => SourceReader.Read([new SourceFile("component.yaml", Encoding.UTF8.GetBytes(yaml))], new SourceOptions()).Definition!;

    private static string Render(string form) => ClientRenditions.Render(form, Samples.Source(Definition));

    private static IEnumerable<string?> Words(JsonNode container) => container["command"]!.AsArray().Concat(container["args"]!.AsArray()).Select(word => (string?)word);

    [Fact]
    public void Kubeflow_pipelines_keeps_the_placeholders()
    {
        Assert.Contains("- {inputUri: model}\n    - {outputUri: made}\n", Render(RenditionForm.Component), StringComparison.Ordinal);
        var pipeline = YamlReading.WithPython([Render(RenditionForm.Pipeline)])[0];
        Assert.Equal(
            ["serve", "{{$.inputs.artifacts['model'].uri}}", "{{$.outputs.artifacts['made'].uri}}", "{{$.inputs.parameters['model_uri']}}", "{{$.inputs.artifacts['rows'].path}}",
             "{{$.outputs.artifacts['report'].path}}", "{\"IfPresent\": {\"InputName\": \"model\", \"Then\": [{\"Concat\": [\"uri=\", \"{{$.inputs.artifacts['model'].uri}}\"]}]}}"],
            Words(pipeline["deploymentSpec"]!["executors"]!["exec-serve"]!["container"]!));
    }

    [Fact]
    public void A_job_asks_for_each_address_as_a_text()
    {
        var job = YamlReading.WithPython([Render(RenditionForm.Job)])[0];
        KubernetesRules.AssertJob(job);
        var container = job["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal(["model_uri_2", "model_uri", "rows", "made_uri"], container["env"]!.AsArray().Select(entry => (string?)entry!["name"]));
        Assert.Equal(["serve", "$(model_uri_2)", "$(made_uri)", "$(model_uri)", "$(rows)", "/data/outputs/report", "uri=$(model_uri_2)"], Words(container));
        Assert.Contains("Fill in first: model_uri_2, model_uri, made_uri.", Render(RenditionForm.Job), StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_and_a_tool_take_them_as_arguments()
    {
        var python = Render(RenditionForm.Operator);
        Assert.Contains("        model_uri_2: str,\n", python, StringComparison.Ordinal);
        Assert.Contains("inputs[\"made_uri\"]", python, StringComparison.Ordinal);
        var tool = YamlReading.WithPython([Render(RenditionForm.Cwl)])[0];
        Assert.Equal(["string", "string", "File", "string"], tool["inputs"]!.AsObject().Select(input => (string?)input.Value!["type"]));
        Assert.Equal(["report"], tool["outputs"]!.AsObject().Select(output => output.Key));
    }
}
