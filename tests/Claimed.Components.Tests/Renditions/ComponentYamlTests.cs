using System.Text.Json.Nodes;
using Claimed.Components.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

public sealed class ComponentYamlTests
{
    private static string Render(Definition definition) => ClientRenditions.Render(RenditionForm.Component, Samples.Source(definition));

    [Theory]
    [InlineData("""{"a": [1]}""", "JsonObject")]
    [InlineData("""{"a": [1, {"b": null}]}""", "String")]
    public void A_default_with_null_within_is_a_text_for_kfp_has_no_word_for_it(string text, string type)
    {
        var input = YamlReading.WithPython([Render(Samples.FilterCsv with { Inputs = [new Port { Name = "options", Type = "JsonObject", Default = text }] })])[0]["inputs"]![0]!;
        Assert.Equal((type, text), ((string?)input["type"], (string?)input["default"]));
    }

    [Fact]
    public void A_branch_is_a_list_and_within_a_concat_a_single_element()
    {
        CommandPart.If Choice(params CommandPart[] then) => new("Label", null, then, []);
        var text = new CommandPart.Text("x");
        var args = YamlReading.WithPython([Render(Samples.Trainer with
        {
            Container = new ContainerTemplate(Samples.Image, [text], [Choice(text), new CommandPart.Concat([Choice(text), Choice(text, new CommandPart.InputValue("Label")), Choice(text, text)])], new Dictionary<string, string>()),
        })])[0]["implementation"]!["container"]!["args"]!.AsArray();
        Assert.Equal("""["x"]""", args[0]!["if"]!["then"]!.ToJsonString());
        Assert.Equal("x", (string?)args[1]!["concat"]![0]!["if"]!["then"]);
        Assert.Equal("xx", (string?)args[1]!["concat"]![2]!["if"]!["then"]);
        Assert.Equal("""{"concat":["x",{"inputValue":"Label"}]}""", args[1]!["concat"]![1]!["if"]!["then"]!.ToJsonString());
    }

    [Fact]
    public void A_python_component_is_written_in_the_subset_that_all_clients_read()
    {
        Assert.Equal(
            """
            name: 'Filter CSV'
            description: |-
              Keeps the rows of a CSV file
              that satisfy an expression.
            metadata:
              annotations:
                claimed.registry/bundle-digest: 'sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'
                claimed.registry/category: 'Transform'
                claimed.registry/name: 'filter-csv'
                claimed.registry/namespace: 'acme'
                claimed.registry/version: '1.2.0'
                claimed.registry/version-url: 'https://registry.example.org/api/v1/components/acme/filter-csv/versions/1.2.0'
            inputs:
            - name: log_level
              type: String
              description: 'update log level'
              default: 'INFO'
              optional: true
            - name: data_csv
              type: Dataset
              description: 'table to filter'
            - name: expression
              type: String
              description: 'pandas query'
            - name: limit
              type: Integer
              description: 'most rows to keep'
              optional: true
            - name: ratio
              type: Float
              default: '0.5'
              optional: true
            - name: strict
              type: Boolean
              default: 'False'
              optional: true
            - name: options
              type: JsonObject
              default: '{"sep": ","}'
              optional: true
            - name: api_key
              type: String
              default: ''
              optional: true
            outputs:
            - name: rows
              type: Integer
              description: 'rows kept'
            - name: table
              type: Dataset
            implementation:
              container:
                image: 'registry.example.org/acme/filter-csv@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'
                command:
                - sh
                - '-ec'
                - 'exec /opt/claimed/run log_level="${0}" data_csv="${1}" expression="${2}" ratio="${3}" strict="${4}" options="${5}" api_key="${6}" rows="${7}" table="${8}" limit="${9}"'
                - {inputValue: log_level}
                - {inputPath: data_csv}
                - {inputValue: expression}
                - {inputValue: ratio}
                - {inputValue: strict}
                - {inputValue: options}
                - {inputValue: api_key}
                - {outputPath: rows}
                - {outputPath: table}
                - {inputValue: limit}

            """, Render(Samples.FilterCsv), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void A_foreign_container_keeps_its_command_and_names_and_gets_the_pinned_image()
    {
        var yaml = YamlReading.WithPython([Render(Samples.Trainer)])[0];
        var container = yaml["implementation"]!["container"]!;
        Assert.Equal(Samples.Image, (string?)container["image"]);
        Assert.Equal("echo \"$0\"\nexec python train.py \"$@\"\n", (string?)container["command"]![2]);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""
                ["--rate", {"inputValue": "Learning rate"}, {"concat": ["gs://", {"inputValue": "Bucket"}]}, {"inputPath": "Training data"},
                 {"if": {"cond": {"isPresent": "Label"}, "then": ["--label", {"inputValue": "Label"}]}}, {"outputPath": "Model"}]
                """), container["args"]));
        Assert.Equal("on", (string?)container["env"]!["MODE"]);
        Assert.Equal(["Float", "String", "CSV", "String"], yaml["inputs"]!.AsArray().Select(input => (string?)input!["type"]));
        Assert.Equal("0.10", (string?)yaml["inputs"]![0]!["default"]);
    }

    [Fact]
    public void Lists_of_ports_are_left_out_when_empty()
    {
        var text = Render(Samples.FilterCsv with { Inputs = [], Outputs = [] });
        Assert.DoesNotContain("inputs", text, StringComparison.Ordinal);
        Assert.DoesNotContain("outputs", text, StringComparison.Ordinal);
        Assert.Contains("- 'exec /opt/claimed/run'\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Optional_values_without_default_become_empty_strings_when_two_could_vanish_from_the_command()
    {
        var yaml = YamlReading.WithPython([Render(Samples.FilterCsv with
        {
            Inputs = [new Port { Name = "a", Type = "Integer", Optional = true }, new Port { Name = "b", Type = "Float", Optional = true }],
        })])[0];
        Assert.All(yaml["inputs"]!.AsArray(), input =>
        {
            Assert.Equal("String", (string?)input!["type"]);
            Assert.Equal("", (string?)input["default"]);
            Assert.True((bool?)input["optional"]);
        });
    }

    [Theory]
    [InlineData("Integer", "1.0", "Integer", "1")]
    [InlineData("Integer", "thirty", "String", "thirty")]
    [InlineData("Integer", "", "String", "")]
    [InlineData("Float", "inf", "String", "inf")]
    [InlineData("Float", "1e-3", "Float", "1e-3")]
    [InlineData("Boolean", "TRUE", "Boolean", "True")]
    [InlineData("Boolean", "yes", "String", "yes")]
    [InlineData("JsonArray", "{}", "String", "{}")]
    [InlineData("Bool", "False", "Boolean", "False")]
    public void A_default_parses_as_the_type_that_is_served(string type, string text, string servedType, string servedDefault)
    {
        var input = YamlReading.WithPython([Render(Samples.FilterCsv with { Inputs = [new Port { Name = "x", Type = type, Default = text }] })])[0]["inputs"]![0]!;
        Assert.Equal(servedType, (string?)input["type"]);
        Assert.Equal(servedDefault, (string?)input["default"]);
    }

    [Theory]
    [InlineData("class", "class_value")]
    [InlineData("on", "on_value")]
    [InlineData("inputs", "inputs_value")]
    [InlineData("_x", "x")]
    [InlineData("a__b", "a_b")]
    [InlineData("3d", "input_3d")]
    [InlineData("größe", "gr_e")]
    [InlineData("say \"x\"", "say_x")]
    [InlineData("Learning rate", "Learning rate")]
    [InlineData("x.y-z", "x.y-z")]
    public void An_input_is_served_under_a_name_that_every_client_takes(string name, string served)
    {
        var definition = Samples.WithHostileCommand("x") with
        {
            Inputs = [new Port { Name = name, Type = "String" }],
            Container = new ContainerTemplate("example.org/x:1", [new CommandPart.Text("x"), new CommandPart.InputValue(name)], [], new Dictionary<string, string>()),
        };
        var yaml = YamlReading.WithPython([Render(definition)])[0];
        Assert.Equal(served, (string?)yaml["inputs"]![0]!["name"]);
        Assert.Equal(served, (string?)yaml["implementation"]!["container"]!["command"]![1]!["inputValue"]);
    }

    [Fact]
    public void Names_that_clients_normalise_to_one_are_told_apart_and_variables_stay()
    {
        var text = Render(Samples.FilterCsv with
        {
            Inputs = [new Port { Name = "AWS_KEY", Type = "String" }, new Port { Name = "aws_key", Type = "String" }, new Port { Name = "output_model", Type = "String" }],
            Outputs = [new Port { Name = "model", Type = "String" }, new Port { Name = "output_rows", Type = "Integer" }],
        });
        var yaml = YamlReading.WithPython([text])[0];
        Assert.Equal(["AWS_KEY", "aws_key_value", "output_model_value"], yaml["inputs"]!.AsArray().Select(port => (string?)port!["name"]));
        Assert.Equal(["model", "rows"], yaml["outputs"]!.AsArray().Select(port => (string?)port!["name"]));
        Assert.Contains("AWS_KEY=\"${0}\" aws_key=\"${1}\" output_model=\"${2}\" model=\"${3}\" output_rows=\"${4}\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_of_a_source_comes_back_from_both_yaml_readers()
    {
        var definitions = Samples.HostileTexts.Select(Samples.WithHostileText).ToList();
        var texts = definitions.Select(Render).ToList();
        var read = YamlReading.WithPython(texts);
        for (var i = 0; i < texts.Count; i++)
        {
            var hostile = Samples.HostileTexts[i];
            Assert.True(JsonNode.DeepEquals(YamlReading.Strictly(texts[i]), read[i]), $"The two readers differ for {hostile}:\n{texts[i]}");
            Assert.Equal(Samples.LeavesItsLine(hostile) ? "" : hostile, (string?)read[i]["inputs"]![0]!["default"]);
            Assert.Equal(hostile, (string?)read[i]["metadata"]!["annotations"]!["note"]);
            Assert.Equal(hostile, (string?)read[i]["metadata"]!["annotations"]!["claimed.registry/category"]);
            var description = (string?)read[i]["description"] ?? "";
            Assert.True(description == hostile.ReplaceLineEndings("\n").Trim() || (Samples.LeavesItsLine(hostile) && !description.Any(c => char.IsControl(c) && c is not ('\n' or '\t'))), description);
            Assert.Contains(((string?)read[i]["name"])!, char.IsAsciiLetterOrDigit);
            Assert.Equal("url", (string?)read[i]["inputs"]![0]!["name"]);
        }
    }

    [Fact]
    public void Any_text_of_a_command_comes_back_from_both_yaml_readers()
    {
        var texts = Samples.HostileTexts.Select(Samples.WithHostileCommand).Select(Render).ToList();
        var read = YamlReading.WithPython(texts);
        for (var i = 0; i < texts.Count; i++)
        {
            var hostile = Samples.HostileTexts[i];
            var container = read[i]["implementation"]!["container"]!;
            Assert.True(JsonNode.DeepEquals(YamlReading.Strictly(texts[i]), read[i]), $"The two readers differ for {hostile}:\n{texts[i]}");
            Assert.Equal(hostile, (string?)container["command"]![1]);
            Assert.Equal(hostile, (string?)container["args"]![1]!["concat"]![0]);
            Assert.Equal(hostile, (string?)container["env"]![hostile]);
            Assert.Equal((string?)read[i]["inputs"]![0]!["name"], (string?)container["args"]![0]!["inputValue"]);
        }
    }

    [Fact]
    public void A_default_of_several_lines_is_left_to_the_runner()
    {
        var input = YamlReading.WithPython([Render(Samples.WithHostileText("a\nb"))])[0]["inputs"]![0]!;
        Assert.Equal("", (string?)input["default"]);
        Assert.Equal("a b Default: a b", (string?)input["description"]);
        Assert.True((bool?)input["optional"]);
    }

    [Fact]
    public void A_name_without_ascii_letters_is_followed_by_the_one_in_the_url() =>
        Assert.Equal("漢字 filter-csv", (string?)YamlReading.WithPython([Render(Samples.FilterCsv with { DisplayName = "漢字" })])[0]["name"]);

    [Fact]
    public void A_surrogate_without_its_pair_is_replaced()
    {
        var yaml = YamlReading.WithPython([Render(Samples.WithHostileText("a\uD800b"))])[0];
        Assert.Equal("a\uFFFDb", (string?)yaml["inputs"]![0]!["default"]);
    }
}
