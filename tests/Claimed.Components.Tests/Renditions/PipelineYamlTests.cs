using System.Text.Json;
using System.Text.Json.Nodes;
using Claimed.Components.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

public sealed class PipelineYamlTests
{
    private static string Render(Definition definition) => ClientRenditions.Render(RenditionForm.Pipeline, Samples.Source(definition));

    private static JsonNode Executor(JsonNode yaml) => Assert.Single(yaml["deploymentSpec"]!["executors"]!.AsObject()).Value!["container"]!;

    [Fact]
    public void A_component_becomes_a_pipeline_of_one_task()
    {
        var yaml = YamlReading.WithPython([Render(Samples.FilterCsv)])[0];
        Assert.Equal(["components", "deploymentSpec", "pipelineInfo", "root", "schemaVersion", "sdkVersion"], yaml.Select(pair => pair.Key));
        Assert.Equal("2.1.0", (string?)yaml["schemaVersion"]);
        Assert.Equal("filter-csv", (string?)yaml["pipelineInfo"]!["name"]);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"cachingOptions": {"enableCache": true}, "componentRef": {"name": "comp-filter-csv"}, "taskInfo": {"name": "filter-csv"},
             "inputs": {"artifacts": {"data_csv": {"componentInputArtifact": "data_csv"}},
              "parameters": {"log_level": {"componentInputParameter": "log_level"}, "expression": {"componentInputParameter": "expression"}, "limit": {"componentInputParameter": "limit"},
               "ratio": {"componentInputParameter": "ratio"}, "strict": {"componentInputParameter": "strict"}, "options": {"componentInputParameter": "options"},
               "api_key": {"componentInputParameter": "api_key"}}}}
            """), yaml["root"]!["dag"]!["tasks"]!["filter-csv"]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"artifacts": {"table": {"artifactSelectors": [{"outputArtifactKey": "table", "producerSubtask": "filter-csv"}]}},
             "parameters": {"rows": {"valueFromParameter": {"outputParameterKey": "rows", "producerSubtask": "filter-csv"}}}}
            """), yaml["root"]!["dag"]!["outputs"]));
        var component = yaml["components"]!["comp-filter-csv"]!;
        Assert.Equal("exec-filter-csv", (string?)component["executorLabel"]);
        Assert.True(JsonNode.DeepEquals(component["inputDefinitions"], yaml["root"]!["inputDefinitions"]));
        Assert.True(JsonNode.DeepEquals(component["outputDefinitions"], yaml["root"]!["outputDefinitions"]));
    }

    [Fact]
    public void Defaults_are_values_of_their_type_and_only_optional_inputs_are_optional()
    {
        var inputs = YamlReading.WithPython([Render(Samples.FilterCsv)])[0]["components"]!["comp-filter-csv"]!["inputDefinitions"]!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"artifacts": {"data_csv": {"artifactType": {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"}}},
             "parameters": {
              "log_level": {"defaultValue": "INFO", "isOptional": true, "parameterType": "STRING"}, "expression": {"parameterType": "STRING"},
              "limit": {"isOptional": true, "parameterType": "NUMBER_INTEGER"}, "ratio": {"defaultValue": 0.5, "isOptional": true, "parameterType": "NUMBER_DOUBLE"},
              "strict": {"defaultValue": false, "isOptional": true, "parameterType": "BOOLEAN"},
              "options": {"defaultValue": {"sep": ","}, "isOptional": true, "parameterType": "STRUCT"},
              "api_key": {"defaultValue": "", "isOptional": true, "parameterType": "STRING"}}}
            """), inputs));
    }

    [Fact]
    public void A_command_has_placeholders_and_its_structures_are_json()
    {
        var container = Executor(YamlReading.WithPython([Render(Samples.Trainer)])[0]);
        // The SDK cannot use a compiled component that has env.
        Assert.Null(container["env"]);
        Assert.Equal(["env", "MODE=on", "sh", "-c", "echo \"$0\"\nexec python train.py \"$@\"\n"], container["command"]!.AsArray().Select(part => (string?)part));
        Assert.Equal(
            ["--rate", "{{$.inputs.parameters['learning_rate']}}", "{\"Concat\": [\"gs://\", \"{{$.inputs.parameters['bucket']}}\"]}", "{{$.inputs.artifacts['training_data'].path}}",
             "{\"IfPresent\": {\"InputName\": \"label\", \"Then\": [\"--label\", \"{{$.inputs.parameters['label']}}\"]}}", "{{$.outputs.artifacts['model'].path}}"],
            container["args"]!.AsArray().Select(part => (string?)part));
    }

    [Fact]
    public void The_description_stands_where_the_sdk_looks_for_it()
    {
        var lines = Render(Samples.FilterCsv).Split('\n');
        Assert.Equal(["# PIPELINE DEFINITION", "# Name: filter-csv", "# Description: Keeps the rows of a CSV file", "#              that satisfy an expression."], lines[..4]);
    }

    [Theory]
    [InlineData("1e20", "1.0e+20")]
    [InlineData("1e-5", "1.0e-05")]
    [InlineData("3", "3.0")]
    [InlineData("-0.25", "-0.25")]
    public void Numbers_are_floating_ones_for_readers_of_yaml_1_1_too(string value, string written) =>
        Assert.Contains($"defaultValue: {written}\n", Render(Samples.FilterCsv with { Inputs = [new Port { Name = "x", Type = "Float", Default = value }] }), StringComparison.Ordinal);

    [Fact]
    public void Any_text_comes_back_from_both_yaml_readers()
    {
        var texts = Samples.HostileTexts.Select(Samples.WithHostileText).Concat(Samples.HostileTexts.Select(Samples.WithHostileCommand)).Select(Render).ToList();
        var read = YamlReading.WithPython(texts);
        for (var i = 0; i < texts.Count; i++)
        {
            Assert.True(JsonNode.DeepEquals(YamlReading.Strictly(texts[i]), read[i]), $"The two readers differ for:\n{texts[i]}");
            Assert.Equal(Samples.Image, (string?)Executor(read[i])["image"]);
        }
        for (var i = 0; i < Samples.HostileTexts.Length; i++)
        {
            var hostile = Samples.HostileTexts[i];
            var container = Executor(read[Samples.HostileTexts.Length + i]);
            Assert.Equal(["env", $"{hostile}={hostile}", "sh", hostile], container["command"]!.AsArray().Select(part => (string?)part));
            var concat = JsonDocument.Parse((string)container["args"]![1]!).RootElement.GetProperty("Concat");
            Assert.Equal(hostile, concat[0].GetString());
        }
    }
}
