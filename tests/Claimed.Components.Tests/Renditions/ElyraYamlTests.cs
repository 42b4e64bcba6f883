using System.Text.Json.Nodes;
using Claimed.Components.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

public sealed class ElyraYamlTests
{
    private static string Render(Definition definition) => ClientRenditions.Render(RenditionForm.Elyra, Samples.Source(definition));

    [Fact]
    public void Types_that_elyra_cannot_submit_become_strings_and_files_stay()
    {
        var yaml = YamlReading.WithPython([Render(Samples.FilterCsv)])[0];
        Assert.Equal(
            ["log_level String", "data_csv Dataset", "expression String", "limit String", "ratio String", "strict String", "options String", "api_key String"],
            yaml["inputs"]!.AsArray().Select(port => $"{port!["name"]} {port["type"]}"));
        Assert.Equal(["rows Integer", "table Dataset"], yaml["outputs"]!.AsArray().Select(port => $"{port!["name"]} {port["type"]}"));
        Assert.Equal("", (string?)yaml["inputs"]![3]!["default"]);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("2.0", true)]
    [InlineData("0.5", false)]
    public void A_whole_number_for_a_float_is_found(string text, bool isFound)
    {
        var definition = Samples.Trainer with { Inputs = [new Port { Name = "rate", Type = "Float", Default = text }], Container = new ContainerTemplate(Samples.Image, [new CommandPart.InputValue("rate")], [], new Dictionary<string, string>()) };
        Assert.Equal(isFound, ClientRenditions.Check(definition).Any(finding => finding.Code == "input-default-whole"));
    }

    [Fact]
    public void A_default_with_double_quotes_is_left_to_the_runner_and_shown_in_the_description()
    {
        var input = YamlReading.WithPython([Render(Samples.FilterCsv)])[0]["inputs"]![6]!;
        Assert.Equal("", (string?)input["default"]);
        Assert.Equal("Default: {\"sep\": \",\"}", (string?)input["description"]);
        Assert.True((bool?)input["optional"]);
    }

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    public void An_optional_file_that_only_an_if_takes_is_left_out(bool optional, bool asksForIt, bool stays)
    {
        var yaml = YamlReading.WithPython([Render(WithFile(optional, asksForIt))])[0];
        Assert.Equal(stays ? ["start", "rate"] : ["rate"], yaml["inputs"]!.AsArray().Select(port => (string?)port!["name"]));
        var args = yaml["implementation"]!["container"]!["args"]!.ToJsonString();
        Assert.Equal(stays, args.Contains("inputPath", StringComparison.Ordinal));
        Assert.Equal(!stays, args.Contains("--fresh", StringComparison.Ordinal) && !args.Contains("if", StringComparison.Ordinal));
    }

    [Fact]
    public void An_output_that_is_called_as_an_input_is_has_another_name_there_unless_the_backend_is_asked_for_it()
    {
        var definition = Samples.Trainer with
        {
            Inputs = [new Port { Name = "data dir", Type = "String" }, new Port { Name = "made_data_dir", Type = "String" }],
            Outputs = [new Port { Name = "data dir", Type = "String" }],
            Container = new ContainerTemplate(Samples.Image, [new CommandPart.OutputPath("data dir"), new CommandPart.InputValue("data dir"), new CommandPart.InputValue("made_data_dir")], [], new Dictionary<string, string>()),
        };
        Assert.Contains("- {outputPath: 'made_data dir_2'}\n    - {inputValue: 'data dir'}\n", Render(definition), StringComparison.Ordinal);
        Assert.Contains("- {outputPath: 'data dir'}\n", ClientRenditions.Render(RenditionForm.Component, Samples.Source(definition)), StringComparison.Ordinal);
        Assert.Equal("output-named-as-input", Assert.Single(ClientRenditions.Check(definition)).Code);

        var asking = definition with { Container = definition.Container with { Args = [new CommandPart.Text("{{$}}")] } };
        Assert.Contains("- {outputPath: 'data dir'}\n", Render(asking), StringComparison.Ordinal);
        Assert.Empty(ClientRenditions.Check(asking));
    }

    [Fact]
    public void A_file_whose_path_the_command_never_takes_is_found()
    {
        var definition = WithFile(optional: false, asksForIt: true) with { Container = new ContainerTemplate(Samples.Image, [new CommandPart.Text("{{$.inputs.artifacts['start'].uri}}")], [], new Dictionary<string, string>()) };
        Assert.Equal("elyra", Assert.Single(ClientRenditions.Check(definition), finding => finding.Code == "input-file-without-path").Client);
    }

    private static Definition WithFile(bool optional, bool asksForIt) => Samples.Trainer with
    {
        Inputs = [new Port { Name = "start", Type = "Model", Passing = PortPassing.File, Optional = optional }, new Port { Name = "rate", Type = "Float" }],
        Outputs = [],
        Container = new ContainerTemplate(Samples.Image, [new CommandPart.Text("run")],
            [
                new CommandPart.InputValue("rate"),
                new CommandPart.If(asksForIt ? "start" : "rate", null, [new CommandPart.Text("--start"), new CommandPart.InputPath("start")], [new CommandPart.Text("--fresh")]),
            ],
            new Dictionary<string, string>()),
    };

    [Fact]
    public void A_description_does_not_force_an_optional_input()
    {
        var inputs = YamlReading.WithPython([Render(Samples.FilterCsv with
        {
            Inputs =
            [
                new Port { Name = "a", Type = "String", Default = "x", Description = "Required for S3, REQUIRED, not optional" },
                new Port { Name = "b", Type = "String", Description = "required" },
            ],
        })])[0]["inputs"]!;
        Assert.Equal("Needed for S3, needed, mandatory", (string?)inputs[0]!["description"]);
        Assert.Equal("required", (string?)inputs[1]!["description"]);
    }

    [Fact]
    public void The_exported_python_file_holds_the_original_texts()
    {
        var texts = Samples.HostileTexts.Select(Samples.WithHostileText).Select(Render).ToList();
        var palette = YamlReading.WithPython(texts);
        var exported = YamlReading.AfterElyraExport(texts);
        for (var i = 0; i < texts.Count; i++)
        {
            var hostile = Samples.HostileTexts[i];
            var expected = hostile.Contains('"', StringComparison.Ordinal) || Samples.LeavesItsLine(hostile) ? "" : hostile;
            Assert.Equal(expected, (string?)exported[i]["inputs"]![0]!["default"]);
            Assert.Equal(hostile, (string?)exported[i]["metadata"]!["annotations"]!["note"]);
            Assert.Equal("url", (string?)palette[i]["inputs"]![0]!["name"]);
            var name = (string?)palette[i]["name"];
            Assert.False(string.IsNullOrEmpty(name));
            Assert.DoesNotContain(name, c => c is '"' or '\\' || char.IsControl(c));
            Assert.True(JsonNode.DeepEquals(YamlReading.Strictly(texts[i]), palette[i]), texts[i]);
        }
    }

    [Fact]
    public void The_exported_python_file_holds_the_original_command()
    {
        var texts = Samples.HostileTexts.Select(Samples.WithHostileCommand).Select(Render).ToList();
        var exported = YamlReading.AfterElyraExport(texts);
        for (var i = 0; i < texts.Count; i++)
        {
            var container = exported[i]["implementation"]!["container"]!;
            Assert.Equal(Samples.HostileTexts[i], (string?)container["command"]![1]);
            Assert.Equal(Samples.HostileTexts[i], (string?)container["args"]![1]!["concat"]![0]);
        }
    }
}
