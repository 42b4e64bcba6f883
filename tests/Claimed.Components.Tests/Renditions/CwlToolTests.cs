using System.Text.Json;
using System.Text.Json.Nodes;
using Claimed.Components.Renditions;
using Claimed.Components.Tests.Runners;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

public sealed class CwlToolTests : IDisposable
{
    // Validates every file in one process: starting the program and reading its schema takes a second.
    private const string Validate = """
        import io, json, sys
        from cwltool.main import main
        for path in json.load(sys.stdin):
            out, err = io.StringIO(), io.StringIO()
            if main(['--validate', path], stdout=out, stderr=err) != 0:
                sys.exit(f'{open(path).read()}\n{err.getvalue()}')
        """;

    private static readonly Definition Adder = new()
    {
        Name = "adder",
        DisplayName = "Adder",
        Language = SourceLanguage.Python,
        MainFile = "adder.py",
        Inputs =
        [
            new Port { Name = "first", Type = "Integer" },
            new Port { Name = "factor", Type = "Float", Default = "0.5" },
            new Port { Name = "loud", Type = "Boolean", Default = "False" },
            new Port { Name = "note", Type = "String", Optional = true },
            new Port { Name = "data", Type = "Dataset", Passing = PortPassing.File },
            new Port { Name = "api_key", Type = "String", Secret = true },
        ],
        Outputs = [new Port { Name = "total", Type = "String" }, new Port { Name = "copy", Type = "Dataset", Passing = PortPassing.File }],
    };

    private const string AdderSource = """
        import os
        print(os.environ['first'], os.environ['factor'], os.environ['loud'] == 'True', os.environ.get('note'), open(os.environ['data']).read(), os.environ.get('api_key'))
        os.environ['total'] = str(int(os.environ['first']) * float(os.environ['factor']))
        open(os.environ['copy'], 'w').write('copied') if os.path.isabs(os.environ.get('copy', '')) else None
        os.environ.setdefault('copy', os.environ['data'])
        """;

    private static readonly Definition Echo = Samples.Trainer with
    {
        Inputs =
        [
            new Port { Name = "Word", Type = "String", Default = "$(inputs) \\ ${x}" },
            new Port { Name = "Flag", Type = "Boolean", Default = "true" },
            new Port { Name = "Extra", Type = "String", Optional = true },
            new Port { Name = "Data", Type = "CSV", Passing = PortPassing.File, Optional = true },
        ],
        Outputs = [new Port { Name = "Out put", Type = "Dataset", Passing = PortPassing.File }],
        Container = new ContainerTemplate("example.org/x:1",
            [new CommandPart.Text("sh"), new CommandPart.Text("-c"), new CommandPart.Text("out=$1; shift; for a; do printf '[%s]' \"$a\"; done > \"$out\"; printf \"${MODE} $(echo x)\" >> \"$out\""), new CommandPart.Text("-")],
            [
                new CommandPart.OutputPath("Out put"), new CommandPart.InputValue("Word"), new CommandPart.InputValue("Flag"), new CommandPart.Text("a $(b) \\c"),
                new CommandPart.Concat([new CommandPart.Text("w=\\$("), new CommandPart.InputValue("Word")]),
                new CommandPart.InputValue("Extra"),
                new CommandPart.If("Extra", null, [new CommandPart.Text("--extra"), new CommandPart.InputValue("Extra")], [new CommandPart.Text("none")]),
                new CommandPart.InputPath("Data"),
            ],
            new Dictionary<string, string> { ["MODE"] = "on $(x)" }),
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-cwl-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Render(Definition definition) => ClientRenditions.Render(RenditionForm.Cwl, Samples.Source(definition));

    private string Place(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private JsonNode Run(string tool, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var result = ExternalProgram.Run("cwltool", ["--no-container", "--preserve-environment", "CLAIMED_SOURCES", "--outdir", _folder, tool, .. arguments], directory: _folder, environment: environment);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonNode.Parse(result.Output)!;
    }

    [Fact]
    public void A_component_becomes_a_tool_with_typed_inputs_and_files_as_outputs()
    {
        var tool = YamlReading.WithPython([Render(Samples.FilterCsv with { Resources = new("500m", "4Gi", "1", "1G") })])[0];
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"log_level": {"type": "string", "default": "INFO", "doc": "update log level", "inputBinding": {"position": 1, "prefix": "log_level=", "separate": false}},
             "data_csv": {"type": "File", "doc": "table to filter", "inputBinding": {"position": 2, "prefix": "data_csv=", "separate": false}},
             "expression": {"type": "string", "doc": "pandas query", "inputBinding": {"position": 3, "prefix": "expression=", "separate": false}},
             "limit": {"type": "long?", "doc": "most rows to keep", "inputBinding": {"position": 4, "prefix": "limit=", "separate": false}},
             "ratio": {"type": "double", "default": 0.5, "inputBinding": {"position": 5, "prefix": "ratio=", "separate": false}},
             "strict": {"type": "boolean", "default": false, "inputBinding": {"position": 6, "valueFrom": "strict=$(self)"}},
             "options": {"type": "string", "default": "{\"sep\": \",\"}", "inputBinding": {"position": 7, "prefix": "options=", "separate": false}},
             "api_key": {"type": "string", "default": ""}}
            """), tool["inputs"]), tool["inputs"]!.ToJsonString());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"rows": {"type": "File", "doc": "rows kept", "outputBinding": {"glob": "rows"}}, "table": {"type": "File", "outputBinding": {"glob": "table"}}}
            """), tool["outputs"]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"EnvVarRequirement": {"envDef": {"api_key": "$(inputs.api_key)"}}, "NetworkAccess": {"networkAccess": true},
             "ResourceRequirement": {"coresMin": 0.5, "ramMin": 4096, "tmpdirMin": 954, "outdirMin": 954}}
            """), tool["requirements"]));
        Assert.Equal(Samples.Image, (string?)tool["hints"]!["DockerRequirement"]!["dockerPull"]);
    }

    [Fact]
    public void Cwltool_takes_every_component_whatever_texts_it_holds()
    {
        var definitions = new[] { Samples.FilterCsv, Samples.Trainer, Echo, Adder, Samples.FilterCsv with { Inputs = [], Outputs = [], Resources = new("1.5", "2e9") } }
            .Concat(Samples.HostileTexts.Where((_, index) => index % 2 == 0).Select(Samples.WithHostileText))
            .Concat(Samples.HostileTexts.Where((_, index) => index % 2 == 1).Select(Samples.WithHostileCommand)).ToList();
        var texts = definitions.ConvertAll(Render);
        var read = YamlReading.WithPython(texts);
        for (var i = 0; i < texts.Count; i++)
            Assert.True(JsonNode.DeepEquals(YamlReading.Strictly(texts[i]), read[i]), $"The two readers differ for:\n{texts[i]}");
        // Reading the schema again for each takes most of the time, so files that only differ in one text are few.
        var paths = texts.Where((_, index) => index < 5 || index % 14 == 0).Select((text, index) => Place($"{index}.cwl", text)).ToArray();
        ExternalProgram.RunPython(Validate, JsonSerializer.Serialize(paths));
    }

    [Fact]
    public void Cwltool_gives_a_source_in_an_image_of_another_s_its_secret_as_a_variable_alone()
    {
        var tool = Place("show.cwl", Render(Samples.SourceInImage));
        var result = ExternalProgram.Run("cwltool", ["--no-container", "--outdir", _folder, tool, "--api_key", "s3cret"], directory: _folder);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("rows=3 variable=s3cret", result.Output + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("api_key=s3cret", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Cwltool_runs_a_component_with_its_runner_and_shows_no_secret()
    {
        using var component = new RunnableComponent(Adder, AdderSource);
        var tool = Place("adder.cwl", Render(Adder).Replace("/opt/claimed/run", component.Runner, StringComparison.Ordinal));
        Place("in.txt", "content");
        var result = ExternalProgram.Run("cwltool",
            ["--no-container", "--preserve-environment", "CLAIMED_SOURCES", "--outdir", _folder, tool, "--first", "3", "--loud", "--data", "in.txt", "--api_key", "s3cret"],
            directory: _folder, environment: component.Environment);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal("1.5", File.ReadAllText(Path.Combine(_folder, "total")));
        Assert.Contains("3 0.5 True None content s3cret", result.Error + result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", (result.Error + result.Output).Replace("content s3cret", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("total", (string?)JsonNode.Parse(result.Output[result.Output.IndexOf('{', StringComparison.Ordinal)..])!["total"]!["basename"]);
    }

    [Theory]
    [InlineData("none", "")]
    [InlineData("[e $1][--extra][e $1]", "--Extra", "e $1")]
    public void Cwltool_runs_a_foreign_command_with_every_text_as_it_is(string extra, params string[] arguments)
    {
        arguments = [.. arguments.Where(argument => argument.Length > 0)];
        var expected = arguments.Length == 0 ? "[none]" : extra;
        Run(Place("echo.cwl", Render(Echo)), new Dictionary<string, string>(), arguments);
        Assert.Equal($"[$(inputs) \\ ${{x}}][True][a $(b) \\c][w=\\$($(inputs) \\ ${{x}}]{expected}on $(x) x", File.ReadAllText(Path.Combine(_folder, "Out_put")));
    }
}
