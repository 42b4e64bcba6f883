using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claimed.Components.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

/// <summary>What holds of every definition. The seed (1, or a new one with <c>LONG=1</c>) stands in each message; <c>CLAIMED_PROPERTY_SEED</c> runs it again.</summary>
public sealed class RenditionPropertyTests(ITestOutputHelper output)
{
    private const int Cases = 250;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("CLAIMED_PROPERTY_SEED"), out var seed)
        ? seed
        : Environment.GetEnvironmentVariable("LONG") == "1" ? RandomNumberGenerator.GetInt32(int.MaxValue) : 1;

    private List<Definition> Definitions()
    {
        output.WriteLine($"CLAIMED_PROPERTY_SEED={Seed}");
        var random = new RandomDefinition(Seed);
        return [.. Enumerable.Range(0, Cases).Select(_ => random.Next())];
    }

    [Theory]
    [InlineData(RenditionForm.Component)]
    [InlineData(RenditionForm.Elyra)]
    [InlineData(RenditionForm.Pipeline)]
    [InlineData(RenditionForm.Job)]
    [InlineData(RenditionForm.Cwl)]
    public void Readers_of_yaml_1_1_and_1_2_agree(string form)
    {
        var texts = Definitions().ConvertAll(definition => ClientRenditions.Render(form, Samples.Source(definition)));
        var read = YamlReading.WithPython(texts);
        for (var i = 0; i < Cases; i++)
        {
            Assert.True(JsonNode.DeepEquals(YamlReading.Strictly(texts[i]), read[i]), $"Seed {Seed}, case {i}: the two readers differ for:\n{texts[i]}");
            if (form == RenditionForm.Job)
                KubernetesRules.AssertJob(read[i]);
        }
    }

    [Fact]
    public void Names_types_defaults_and_descriptions_come_back_from_a_component_file()
    {
        var definitions = Definitions();
        var read = YamlReading.WithPython(definitions.Select(definition => ClientRenditions.Render(RenditionForm.Component, Samples.Source(definition))));
        for (var i = 0; i < Cases; i++)
        {
            var (definition, where) = (definitions[i], $"seed {Seed}, case {i}");
            var inputs = read[i]["inputs"]?.AsArray() ?? [];
            Assert.True(definition.Inputs.Count == inputs.Count, where);
            foreach (var (port, input) in definition.Inputs.Zip(inputs))
            {
                if (definition.Container is null)
                    Assert.Equal(port.Name, (string?)input!["name"]);
                var words = Words(port.Description);
                Assert.True(Words((string?)input!["description"]).StartsWith(words, StringComparison.Ordinal), $"{where}: {input} for {port.Description}");
                var (type, value) = ((string)input["type"]!, (string?)input["default"]);
                Assert.True(value is null || value.Length == 0 || type == "String" || JsonReads(type, value), $"{where}: {input}");
                if (port is { Type: "String", Secret: false, Passing: PortPassing.Value, Default: { } text } && !text.Any(c => char.IsControl(c) || c is '\u2028' or '\uFEFF' or '\uFFFE'))
                    Assert.Equal(text, value);
            }
        }
    }

    [Fact]
    public void Every_operator_is_python_with_an_argument_for_each_input()
    {
        var definitions = Definitions();
        var texts = definitions.ConvertAll(definition => ClientRenditions.Render(RenditionForm.Operator, Samples.Source(definition)));
        var counts = JsonSerializer.Deserialize<int[]>(ExternalProgram.RunPython("""
            import ast, json, sys
            def arguments(text):
                (cls,) = [node for node in ast.parse(text, feature_version=(3, 8)).body if isinstance(node, ast.ClassDef) and "BaseOperator" in [base.id for base in node.bases]]
                (init,) = [node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name == '__init__']
                return len({argument.arg for argument in init.args.kwonlyargs})
            print(json.dumps([arguments(text) for text in json.load(sys.stdin)]))
            """, JsonSerializer.Serialize(texts)))!;
        for (var i = 0; i < Cases; i++)
        {
            var paths = definitions[i].Outputs.Count(port => port.Passing == PortPassing.File);
            Assert.True(definitions[i].Inputs.Count + paths + 1 == counts[i], $"Seed {Seed}, case {i}:\n{texts[i]}");
        }
    }

    [Fact]
    public void Every_rendition_is_the_same_when_it_is_made_again()
    {
        var (once, again) = (Definitions(), Definitions());
        foreach (var form in (string[])[RenditionForm.Component, RenditionForm.Elyra, RenditionForm.Operator, RenditionForm.Pipeline, RenditionForm.Job, RenditionForm.Cwl])
        {
            for (var i = 0; i < Cases; i++)
                Assert.True(ClientRenditions.Render(form, Samples.Source(once[i])) == ClientRenditions.Render(form, Samples.Source(again[i])), $"Seed {Seed}, case {i}, {form}");
        }
    }

    private static string Words(string? text) => string.Join(' ', string.Concat((text ?? "").Select(c => char.IsControl(c) || c is '\u2028' or '\uFEFF' or '\uFFFE' ? ' ' : c))
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static bool JsonReads(string type, string value) => type switch
    {
        "Integer" => System.Numerics.BigInteger.TryParse(value, out _),
        "Float" => double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out _),
        "Boolean" => value is "True" or "False",
        "JsonObject" => JsonNode.Parse(value) is JsonObject,
        "JsonArray" => JsonNode.Parse(value) is JsonArray,
        _ => false,
    };
}
