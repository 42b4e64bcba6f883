using Claimed.Components.Sources;
using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class KfpComponentReaderTests
{
    private const string Trainer = """
        name: Train model
        description: |
          Trains a model.
        metadata:
          annotations: {author: "Jane \"J\" Doe", category: Training, group: Distributed, tags: 'a, b', year: 2024}
          tags: [c]
        filter_categories:
          platform: kubeflow
        inputs:
        - {name: Learning rate, type: Float, default: '0.1', description: Step width}
        - {name: epochs, type: Integer, default: 10}
        - {name: Delete finished, type: Bool, default: True}
        - {name: data, type: Dataset}
        - {name: spec, type: JsonObject, default: {a: [1, 'x', null]}, optional: true}
        - {name: api_token, type: String, default: abc123}
        outputs:
        - {name: model, type: Model}
        - {name: loss, type: Float}
        implementation:
          container:
            image: ghcr.io/acme/train:1.2
            command: [python3, /train.py, --data, {inputPath: data}]
            args:
            - --rate
            - {inputValue: Learning rate}
            - {concat: [--epochs=, {inputValue: epochs}]}
            - if:
                cond: {isPresent: spec}
                then: [--spec, {inputValue: spec}]
                else: [--no-spec]
            - {inputValue: Delete finished}
            - {inputValue: api_token}
            - {outputPath: model}
            - {outputPath: loss}
            env: {MODE: fast, LEVEL: 3}
        """;

    [Fact]
    public void A_component_is_read_with_its_ports_and_metadata()
    {
        var reading = Component(Trainer);
        Assert.False(reading.HasErrors);
        var component = reading.Definition!;

        Assert.Equal(("train-model", "Train model", "Trains a model."), (component.Name, component.DisplayName, component.Description));
        Assert.Equal(SourceLanguage.Container, component.Language);
        Assert.Equal(("Training", "Distributed"), (component.Category, component.Group));
        Assert.Equal(["a", "b", "kubeflow", "c"], component.Tags);
        Assert.Equal("Jane \"J\" Doe", component.Annotations["author"]);
        Assert.Equal("2024", component.Annotations["year"]);
        Assert.Equal("{\"platform\":\"kubeflow\"}", component.Annotations["filter_categories"]);
        Assert.Equal((PortTypes.Float, "0.1", PortPassing.Value, true), Facts("Learning rate"));
        Assert.Equal((PortTypes.Integer, "10", PortPassing.Value, true), Facts("epochs"));
        Assert.Equal((PortTypes.Boolean, "True", PortPassing.Value, true), Facts("Delete finished"));
        Assert.Equal(("Dataset", null, PortPassing.File, false), Facts("data"));
        Assert.Equal((PortTypes.JsonObject, "{\"a\":[1,\"x\",null]}", PortPassing.Value, true), Facts("spec"));
        Assert.Equal((PortPassing.File, PortPassing.Value), (component.Output("model").Passing, component.Output("loss").Passing));
        Assert.True(component.Input("api_token").Secret);
        Assert.Null(component.Input("api_token").Default);
        Assert.DoesNotContain(reading.Findings, finding => finding.Message.Contains("abc123", StringComparison.Ordinal));

        (string, string?, PortPassing, bool) Facts(string name)
        {
            var port = component.Input(name);
            return (port.Type, port.Default, port.Passing, port.Optional);
        }
    }

    [Fact]
    public void Command_and_args_keep_their_placeholders()
    {
        var container = Component(Trainer).Definition!.Container!;

        Assert.Equal("ghcr.io/acme/train:1.2", container.Image);
        Assert.Equal(new CommandPart.InputPath("data"), container.Command[3]);
        Assert.Equal(new CommandPart.InputValue("Learning rate"), container.Args[1]);
        var concat = Assert.IsType<CommandPart.Concat>(container.Args[2]);
        Assert.Equal([new CommandPart.Text("--epochs="), new CommandPart.InputValue("epochs")], concat.Parts);
        var condition = Assert.IsType<CommandPart.If>(container.Args[3]);
        Assert.Equal(("spec", 2, 1), (condition.IsPresent, condition.Then.Count, condition.Else.Count));
        Assert.Equal(new CommandPart.OutputPath("model"), container.Args[6]);
        Assert.Equal("3", container.Env["LEVEL"]);
    }

    [Fact]
    public void Native_defaults_are_taken_as_text_with_a_warning_at_their_place()
    {
        var warnings = Component(Trainer).Findings.Where(finding => finding.Code == "default-not-quoted").ToList();
        Assert.Equal([11, 12, 14], warnings.Select(finding => finding.Position.Line));
        Assert.Equal("- {name: epochs, type: Integer, default: ".Length + 1, warnings[0].Position.Column);
        Assert.All(warnings, finding => Assert.Equal("elyra", finding.Client));
    }

    [Theory]
    [InlineData("a: 1\na: 2", "yaml-duplicate-key", 2, 1)]
    [InlineData("a: &x 1\nb: *x", "yaml-anchor", 1, 4)]
    [InlineData("a: 1\nb: *x", "yaml-alias", 2, 4)]
    [InlineData("a: !!python/object:os.system 1", "yaml-tag", 1, 4)]
    [InlineData("a: 1\n---\nb: 1", "yaml-second-document", 2, 1)]
    [InlineData("a: 1\n---\n", "yaml-second-document", 2, 1)]
    [InlineData("a: [1, 2\nb: }", "yaml-invalid", 2, 1)]
    [InlineData("a: \"never closed", "yaml-invalid", 1, 4)]
    [InlineData("? [a]\n: 1", "yaml-key", 1, 3)]
    [InlineData("", "source-empty", 0, 0)]
    [InlineData("- a", "yaml-shape", 1, 1)]
    [InlineData("a: \"x\\0\"", "nul-character", 1, 4)]
    public void Yaml_that_clients_read_differently_is_refused_at_its_place(string yaml, string code, int line, int column)
    {
        var error = Component(yaml).Only(code);
        Assert.Equal((Severity.Error, line, column), (error.Severity, error.Position.Line, error.Position.Column));
    }

    [Fact]
    public void Depth_is_bounded() => Component("a: " + new string('[', 100_000)).Only("yaml-too-deep");

    [Theory]
    [InlineData("inputs:\nimplementation: {container: {image: a, command: [a]}}", "list-empty", Severity.Warning)]
    [InlineData("outputs: {}\nimplementation: {container: {image: a, command: [a]}}", "yaml-shape", Severity.Error)]
    [InlineData("color: red\nimplementation: {container: {image: a, command: [a]}}", "key-unknown", Severity.Warning)]
    [InlineData("implementation: {container: {image: a, command: [a, {inputValue: x}]}}", "placeholder-unknown-port", Severity.Error)]
    [InlineData("implementation: {container: {image: a, command: [a, {what: x}]}}", "placeholder-unknown", Severity.Error)]
    [InlineData("implementation: {container: {image: a, command: [a, 5]}}", "command-not-text", Severity.Warning)]
    [InlineData("implementation: {container: {image: 'a:1', command: [a, ]}}", "", Severity.Warning)]
    [InlineData("implementation: {container: {image: a}}", "command-missing", Severity.Warning)]
    [InlineData("implementation: {container: {command: [a]}}", "image-missing", Severity.Error)]
    [InlineData("implementation: {container: {image: 'a b', command: [a]}}", "image-invalid", Severity.Error)]
    [InlineData("implementation: {graph: {tasks: {}}}", "graph-unsupported", Severity.Error)]
    [InlineData("outputs: [{name: x, type: String}]\nimplementation: {container: {image: a, args: [a], fileOutputs: {x: /x}}}", "file-outputs-unsupported", Severity.Error)]
    [InlineData("outputs: [{name: x, type: String}]\nimplementation: {container: {image: a, command: [a], fileOutputs: {x: /x}}}", "file-outputs-copied", Severity.Warning)]
    [InlineData("outputs: [{name: x, type: String}]\nimplementation: {container: {image: a, command: [a], fileOutputs: {x: ''}}}", "yaml-shape", Severity.Error)]
    [InlineData("outputs: [{name: x, type: String}]\nimplementation: {container: {image: a, command: [a, {outputPath: x}], fileOutputs: {x: /x}}}", "file-outputs-twice", Severity.Suggestion)]
    [InlineData("implementation: {container: {image: a, command: [a], fileOutputs: {x: /x}}}", "placeholder-unknown-port", Severity.Error)]
    [InlineData("implementation: {container: {image: a, command: [a, {inputUri: x}]}}", "placeholder-unknown-port", Severity.Error)]
    [InlineData("implementation: {container: {image: a, command: [a, {outputUri: x}]}}", "placeholder-unknown-port", Severity.Error)]
    [InlineData("inputs: [{name: a, type: String}]\nimplementation: {container: {image: a, command: [a, {inputUri: a}]}}", "type-passing-mismatch", Severity.Warning)]
    [InlineData("outputs: [{name: a, type: String}]\nimplementation: {container: {image: a, command: [a, {outputUri: a}]}}", "type-passing-mismatch", Severity.Warning)]
    [InlineData("inputs: [{name: a, type: Model}]\nimplementation: {container: {image: a, command: [{inputValue: a}, {inputUri: a}]}}", "port-used-both-ways", Severity.Error)]
    [InlineData("implementation: {container: {image: a, command: [a], env: {A: {inputValue: x}}}}", "env-not-text", Severity.Error)]
    [InlineData("implementation:", "implementation-missing", Severity.Error)]
    [InlineData("description: x", "implementation-missing", Severity.Error)]
    [InlineData("pipelineSpec: {pipelineInfo: {name: x}}", "pipeline-not-component", Severity.Error)]
    [InlineData("apiVersion: batch/v1\nkind: Job", "not-a-component", Severity.Error)]
    [InlineData("inputs: [{name: a b, type: String}, {name: A-B, type: String}]\nimplementation: {container: {image: a, command: [a, {inputValue: a b}, {inputValue: A-B}]}}", "port-name-clash", Severity.Error)]
    [InlineData("inputs: [{name: on, type: String}]\nimplementation: {container: {image: a, command: [a]}}", "port-name-invalid", Severity.Error)]
    [InlineData("inputs: [{name: a, type: GCSPath}]\nimplementation: {container: {image: a, command: [a, {inputValue: a}]}}", "type-passing-mismatch", Severity.Warning)]
    [InlineData("inputs: [{name: a, type: String}]\nimplementation: {container: {image: a, command: [a, {inputPath: a}]}}", "type-passing-mismatch", Severity.Warning)]
    [InlineData("inputs: [{name: a, type: String}]\nimplementation: {container: {image: a, command: [{inputValue: a}, {inputPath: a}]}}", "port-used-both-ways", Severity.Error)]
    [InlineData("inputs: [{name: a, type: {GCSPath: {x: y}}}]\nimplementation: {container: {image: a, command: [a, {inputPath: a}]}}", "type-not-name", Severity.Warning)]
    [InlineData("inputs: [{name: a}]\nimplementation: {container: {image: a, command: [a, {inputValue: a}]}}", "type-missing", Severity.Warning)]
    [InlineData("inputs: [{name: a, type: Integer, default: '1.5'}]\nimplementation: {container: {image: a, command: [a, {inputValue: a}]}}", "default-not-of-type", Severity.Warning)]
    [InlineData("inputs: [{name: a, type: Dataset, default: x}]\nimplementation: {container: {image: a, command: [a, {inputPath: a}]}}", "default-of-file", Severity.Warning)]
    [InlineData("inputs: [{name: a, type: String}]\nimplementation: {container: {image: a, command: [a]}}", "port-not-used", Severity.Warning)]
    [InlineData("implementation: {container: {image: a, command: [a, {if: {cond: 'true', then: b}}]}}", "condition-not-presence", Severity.Warning)]
    [InlineData("implementation: {container: {image: a, command: [a, {if: {then: [b]}}]}}", "condition-unknown", Severity.Error)]
    [InlineData("implementation: {container: {image: a, command: [a, {executorInput: null}]}}", "executor-input", Severity.Warning)]
    public void What_some_client_cannot_take_is_found(string rest, string code, Severity severity)
    {
        var reading = Component("name: x\n" + rest);
        if (code.Length == 0)
            Assert.Empty(reading.Findings);
        else
            Assert.Equal(severity, reading.Only(code).Severity);
    }

    [Fact]
    public void A_custom_type_passed_by_value_becomes_a_string_and_one_by_path_stays()
    {
        var component = Component("""
            name: x
            inputs: [{name: a, type: GCSPath}, {name: b, type: GCSPath}]
            implementation: {container: {image: a, command: [a, {inputValue: a}, {inputPath: b}]}}
            """).Definition!;
        Assert.Equal((PortTypes.String, PortPassing.Value), (component.Input("a").Type, component.Input("a").Passing));
        Assert.Equal(("GCSPath", PortPassing.File), (component.Input("b").Type, component.Input("b").Passing));
    }

    [Theory]
    [InlineData("{if: {cond: {isPresent: a}, then: [x]}}", "")]
    [InlineData("{if: {cond: {isPresent: a}, then: x, else: y}}", "")]
    [InlineData("{if: {cond: {isPresent: a}, then: {inputValue: a}}}", "")]
    [InlineData("{if: {cond: {isPresent: a}, then: [x], else: {inputValue: a}}}", "branch-not-list")]
    [InlineData("{concat: [{if: {cond: {isPresent: a}, then: x}}]}", "")]
    [InlineData("{concat: [{if: {cond: {isPresent: a}, then: [x]}}]}", "branch-list-in-concat")]
    public void A_branch_is_a_list_unless_it_stands_within_a_concat_or_is_one_element_that_clients_take(string element, string code)
    {
        var findings = Component($"name: x\ninputs: [{{name: a, type: String}}]\nimplementation: {{container: {{image: a@sha256:{new string('0', 64)}, command: [a, {element}]}}}}").Findings;
        Assert.Equal(code, string.Join(' ', findings.Select(finding => finding.Code)));
    }

    [Theory]
    [InlineData("\"{{$.inputs.artifacts['a'].uri}}\"")]
    [InlineData("\"x={{$.inputs.parameters['a']}}\"")]
    [InlineData("'{{$}}'")]
    [InlineData("{executorInput: null}")]
    public void An_input_that_the_command_spells_out_for_the_backend_is_used(string element)
    {
        var reading = Component($"name: x\ninputs: [{{name: a, type: Model}}]\nimplementation: {{container: {{image: a, command: [a, {element}]}}}}");
        reading.HasNo("port-not-used");
        Assert.Equal("elyra", reading.Only("executor-input").Client);
    }

    [Theory]
    [InlineData("JsonObject", "[1]")]
    [InlineData("JsonArray", "{}")]
    [InlineData("List", "")]
    [InlineData("Dict", "none")]
    public void A_default_that_is_other_json_than_its_type_is_left_out_though_clients_take_it(string type, string text)
    {
        var reading = Component($"name: x\ninputs: [{{name: a, type: {type}, default: '{text}'}}]\nimplementation: {{container: {{image: a, command: [a, {{inputValue: a}}]}}}}");
        reading.Only("default-of-other-json");
        Assert.Null(reading.Definition!.Input("a").Default);
        Assert.True(reading.Definition!.Input("a").Optional);
    }

    [Theory]
    [InlineData("a\\nb", true)]
    [InlineData("say \"\"\"x", true)]
    [InlineData("C:\\work \\d \"\"", false)]
    public void A_text_that_elyra_reads_otherwise_is_found_at_its_place(string text, bool isFound)
    {
        var findings = Component($"name: x\ndescription: d\nimplementation: {{container: {{image: a, command: [a, '{text}']}}}}").Findings.Where(finding => finding.Code == "text-with-escapes").ToList();
        Assert.Equal(isFound ? [3] : [], findings.Select(finding => finding.Position.Line));
    }

    [Theory]
    [InlineData("List[str]", PortTypes.JsonArray)]
    [InlineData("typing.Dict[str, int]", PortTypes.JsonObject)]
    [InlineData("Listing", "String")]
    public void A_type_in_the_words_of_python_is_known(string type, string known) =>
        Assert.Equal(known, Component($"name: x\ninputs: [{{name: a, type: '{type}'}}]\nimplementation: {{container: {{image: a, command: [a, {{inputValue: a}}]}}}}").Definition!.Input("a").Type);

    [Fact]
    public void An_empty_image_is_right_beside_a_dockerfile()
    {
        const string yaml = "name: x\nimplementation: {container: {image: '', command: [a]}}";
        var reading = Reading.Of(("component.yaml", yaml), ("Dockerfile", "FROM scratch"));
        Assert.False(reading.HasErrors);
        Assert.Equal("", reading.Definition!.Container!.Image);
        Reading.Of(("component.yaml", yaml.Replace("''", "a")), ("Dockerfile", "FROM scratch")).Only("image-replaced");
    }

    [Fact]
    public void The_image_that_the_publisher_names_wins()
    {
        var reading = SourceReader.Read([Reading.File("component.yaml", "name: x\nimplementation: {container: {command: [a]}}")], new(ExistingImage: "host/a@sha256:0"));
        Assert.False(reading.HasErrors);
        Assert.Equal("host/a@sha256:0", reading.Definition!.Container!.Image);
    }

    [Fact]
    public void A_component_in_json_is_read_as_well()
    {
        var reading = SourceReader.Read(
            [Reading.File("x.json", """{"name": "x", "inputs": [{"name": "a", "type": "Integer", "default": "5"}], "implementation": {"container": {"image": "a:1", "command": ["a", {"inputValue": "a"}]}}}""")],
            new(Main: "x.json"));
        Assert.Empty(reading.Findings);
        Assert.Equal("5", reading.Definition!.Input("a").Default);
    }

    [Theory]
    [InlineData("yes", "True")]
    [InlineData("010", "8")]
    [InlineData("0x1F", "31")]
    [InlineData("1_000", "1000")]
    [InlineData("1:30", "90")]
    [InlineData("0.50", "0.5")]
    [InlineData("2020-01-01", "2020-01-01")]
    public void Native_scalars_become_the_text_that_python_makes_of_them(string native, string text)
    {
        var reading = Component($"name: x\ninputs: [{{name: a, type: String, default: {native}}}]\nimplementation: {{container: {{image: a, command: [a, {{inputValue: a}}]}}}}");
        Assert.Equal(text, reading.Definition!.Input("a").Default);
        reading.Only("default-not-quoted");
    }

    private static SourceReading Component(string yaml) => Reading.Of(("component.yaml", yaml));

    [Fact]
    public void Keys_of_the_mlx_catalog_become_annotations_with_a_finding_each()
    {
        var reading = Component("""
            name: x
            filter_categories: {platform: kubeflow, domain: [text, images]}
            display: {colour: "red \"1\""}
            metadata: {tags: {nlp: true}, owner: [a, b], annotations: {note: n}}
            implementation: {container: {image: 'a:1', command: [a]}}
            """);
        var component = reading.Definition!;
        Assert.Equal(["filter_categories", "display", "tags", "owner"], reading.Findings.Where(finding => finding.Code == "key-unknown").Select(finding => finding.Message.Split('`')[1]));
        Assert.Equal(["kubeflow", "text", "images", "nlp"], component.Tags);
        Assert.Equal("{\"platform\":\"kubeflow\",\"domain\":[\"text\",\"images\"]}", component.Annotations["filter_categories"]);
        Assert.Equal("{\"colour\":\"red \\\"1\\\"\"}", component.Annotations["display"]);
        Assert.Equal(("[\"a\",\"b\"]", "n"), (component.Annotations["owner"], component.Annotations["note"]));
    }

    [Fact]
    public void Annotations_say_category_resources_and_licence()
    {
        var component = Component("""
            name: x
            metadata:
              annotations:
                category: Theirs
                claimed.registry/category: Ours
                claimed.registry/group: G
                claimed.registry/tags: a,b
                claimed.registry/cpu: "2"
                claimed.registry/memory: 2Gi
                claimed.registry/gpu: 1
                claimed.registry/storage: 10Gi
                claimed.registry/license: MIT
                claimed.registry/version: "1.0.0"
            implementation: {container: {image: 'a:1', command: [a]}}
            """).Definition!;
        Assert.Equal(("Ours", "G", "MIT"), (component.Category, component.Group, component.License));
        Assert.Equal(new Resources("2", "2Gi", "1", "10Gi"), component.Resources);
        Assert.Equal(["a", "b"], component.Tags);
        Assert.Equal(["claimed.registry/version"], component.Annotations.Keys);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("host.example/a:latest", true)]
    [InlineData("host.example/a:1", false)]
    [InlineData("host.example/a@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", false)]
    public void An_image_without_a_version_is_a_warning(string image, bool isFound) =>
        Assert.Equal(isFound, Component($"name: x\nimplementation: {{container: {{image: '{image}', command: [a]}}}}").Findings.Any(finding => finding.Code == "image-latest"));
}
