using System.Net;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>The forms of built versions, read by the parsers that clients use.</summary>
[Trait("Database", "any")]
public sealed class FormTests(RegistryWithEngine registry)
{
    private const string Strict = """
        import json, sys, yaml
        class Loader(yaml.SafeLoader):
            pass
        def mapping(loader, node):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), 'duplicate keys'
            return loader.construct_mapping(node, deep=True)
        Loader.add_constructor('tag:yaml.org,2002:map', mapping)
        documents = list(yaml.load_all(sys.stdin, Loader))
        assert len(documents) == 1
        print(json.dumps(documents[0]))
        """;

    private const string Operators = """
        import ast, json, sys
        tree = ast.parse(sys.stdin.read())
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and 'BaseOperator' in [base.id for base in node.bases]]
        arguments = {}
        for node in classes:
            init = next(part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == '__init__')
            arguments[node.name] = [argument.arg for argument in init.args.args + init.args.kwonlyargs]
        print(json.dumps({'bases': [base.id for node in classes for base in node.bases], 'arguments': arguments}))
        """;

    private static readonly string[] Shipped = ["transform/filter-csv", "metric/confusion-matrix", "input/input-url"];

    public static TheoryData<string> ShippedComponents => new(Shipped);

    [Theory]
    [MemberData(nameof(ShippedComponents))]
    public async Task The_yaml_forms_keep_to_the_subset_that_every_client_reads(string folder)
    {
        var (component, version) = await PublishedAsync(folder);
        foreach (var form in (string[])["component.yaml", "elyra.yaml"])
        {
            var yaml = await ParseAsync(Strict, await TextAsync(component, form));
            Assert.Subset(new HashSet<string> { "name", "description", "metadata", "inputs", "outputs", "implementation" }, Keys(yaml));
            Assert.Subset(new HashSet<string> { "annotations", "labels" }, Keys(yaml["metadata"]!));
            foreach (var (_, value) in yaml["metadata"]!["annotations"]!.AsObject())
                Assert.Equal(System.Text.Json.JsonValueKind.String, value!.GetValueKind());
            var container = yaml["implementation"]!["container"]!;
            Assert.Subset(new HashSet<string> { "image", "command", "args", "env" }, Keys(container));
            Assert.Equal((string?)version["image"], (string?)container["image"]);
            foreach (var port in (yaml["inputs"]?.AsArray() ?? []).Concat(yaml["outputs"]?.AsArray() ?? []))
                AssertPort(port!, form);
            AssertPlaceholders(yaml);
        }
    }

    [Theory]
    [MemberData(nameof(ShippedComponents))]
    public async Task The_operator_is_python_that_Elyra_and_Airflow_find_their_class_in(string folder)
    {
        var (component, version) = await PublishedAsync(folder);
        var source = await TextAsync(component, "operator.py");

        var found = await ParseAsync(Operators, source);

        Assert.Contains((string)version["image"]!, source, StringComparison.Ordinal);
        var arguments = Assert.Single(found["arguments"]!.AsObject()).Value!.AsArray().Select(name => (string)name!).ToHashSet();
        // BaseOperator has arguments of its own, such as retries; an input of that name gets a suffix.
        foreach (var name in version["inputs"]!.AsArray().Select(port => (string)port!["name"]!))
            Assert.True(arguments.Contains(name) || arguments.Contains(name + "_value"), $"{name} is not among {string.Join(", ", arguments)}.");
    }

    [Fact]
    public async Task The_Dockerfile_that_was_built_is_served_and_forms_answer_304_to_their_tag()
    {
        var (component, _) = await PublishedAsync("transform/filter-csv");

        Assert.Contains("\nFROM ", await TextAsync(component, "Dockerfile"), StringComparison.Ordinal);
        using var first = await registry.Host.Anonymous.GetAsync($"api/v1/components/{component}/versions/1.0.0/component.yaml");
        using var again = new HttpRequestMessage(HttpMethod.Get, first.RequestMessage!.RequestUri);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var unchanged = await registry.Host.Anonymous.SendAsync(again);
        Assert.False(first.Headers.ETag!.IsWeak);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Fact]
    public async Task Cwltool_runs_the_container_of_a_version_by_its_url()
    {
        var version = await registry.Host.PublishAsync("forms/shout", "1.0.0", "shout.py",
            "\"Shouts.\"\nimport os\nword = os.environ['word']\ntimes = int(os.environ.get('times', '2'))\nos.environ['shout'] = word.upper() * times\n");
        version.AssertReady();
        using var work = new Workspace();

        // The private engine has no bridge.
        var run = await Shell.RunAsync("cwltool",
            ["--custom-net", "host", "--outdir", work.Folder, (string)version["links"]!["tool.cwl"]!, "--word", "hey $(x)", "--times", "3"],
            new Dictionary<string, string?> { ["DOCKER_HOST"] = registry.Engine.Endpoint });

        Assert.True(run.ExitCode == 0, run.Err);
        Assert.Equal("HEY $(X)HEY $(X)HEY $(X)", work.Read("shout"));
    }

    private static void AssertPort(JsonNode port, string form)
    {
        Assert.Subset(new HashSet<string> { "name", "type", "description", "default", "optional", "annotations" }, Keys(port));
        Assert.Equal(System.Text.Json.JsonValueKind.String, port["type"]!.GetValueKind());
        if (port["default"] is { } value)
        {
            Assert.Equal(System.Text.Json.JsonValueKind.String, value.GetValueKind());
            Assert.True((bool?)port["optional"], $"{port["name"]} in {form} has a default and is not optional.");
            if ((string)port["type"]! == "Integer")
                Assert.True(long.TryParse((string?)value, out _), $"{port["name"]}: {value}");
        }
    }

    private static void AssertPlaceholders(JsonNode yaml)
    {
        var command = yaml["implementation"]!["container"]!["command"]!.AsArray();
        var inputs = (yaml["inputs"]?.AsArray() ?? []).Select(port => (string)port!["name"]!).ToHashSet();
        var outputs = (yaml["outputs"]?.AsArray() ?? []).Select(port => (string)port!["name"]!).ToHashSet();
        foreach (var part in command.OfType<JsonObject>())
        {
            var (kind, port) = part.Single();
            Assert.Contains((string)port!, kind == "outputPath" ? outputs : inputs);
        }
        Assert.Equal(inputs.Count + outputs.Count, command.OfType<JsonObject>().Count());
    }

    private async Task<(string Component, JsonNode Version)> PublishedAsync(string folder)
    {
        var component = "forms/" + folder[(folder.IndexOf('/') + 1)..];
        var version = await registry.Host.PublishAsync(component, "1.0.0", Publishing.Shipped(folder));
        version.AssertReady();
        return (component, version);
    }

    private Task<string> TextAsync(string component, string form) =>
        registry.Host.Anonymous.GetStringAsync($"api/v1/components/{component}/versions/1.0.0/{form}");

    private static async Task<JsonNode> ParseAsync(string program, string text) =>
        JsonNode.Parse((await Shell.RunAsync("/usr/bin/python3", ["-c", program], input: text)).Succeeded())!;

    private static HashSet<string> Keys(JsonNode node) => [.. node.AsObject().Select(pair => pair.Key)];
}
