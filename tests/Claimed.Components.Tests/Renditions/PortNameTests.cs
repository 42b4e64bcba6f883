using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Claimed.Components.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

/// <summary>Names under which ports are served, whatever their publisher calls them: each is one that the KFP SDKs, YAML 1.1, Python and Elyra take, and no two are one to any of them.</summary>
public sealed partial class PortNameTests
{
    private const int Cases = 400;

    private static readonly string[] Words =
    [
        "output", "Output", "OUTPUT", "outputs", "inputs", "self", "made", "result", "value", "my", "x", "X", "class", "None", "in", "is", "on", "y", "null", "3", "2", "é", "漢", "\"", "\\", "\t", "x\ty", "_", "__", "-", ".", "",
    ];

    private static readonly string[] Joints = ["", " ", "  ", "_", "-", ".", "\t"];

    private static readonly HashSet<string> Forbidden = new(StringComparer.Ordinal)
    {
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
        "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "false", "none", "true", "y", "n", "yes", "no", "on", "off", "null", "inputs", "outputs", "self",
    };

    /// <summary>Elyra's rule, and that of the editor, which loses a component's whole form over a quote or a tab.</summary>
    [GeneratedRegex(@"\A[A-Za-z](?: ?[A-Za-z0-9_.-])*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Legal { get; }

    [GeneratedRegex("[^0-9a-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex NotInKfp { get; }

    private static string[] Served(JsonNode component, string ports) => [.. (component[ports]?.AsArray() ?? []).Select(port => (string)port!["name"]!)];

    private static string InKfp(string name) => NotInKfp.Replace(name.ToLowerInvariant(), "_").Trim('_');

    /// <summary>How Elyra keeps a port.</summary>
    private static string InElyra(string name) => name.ToLowerInvariant().Replace(' ', '_');

    private static JsonNode Render(string form, IEnumerable<string> inputs, IEnumerable<string> outputs)
    {
        List<Port> ins = [.. inputs.Select(name => new Port { Name = name, Type = "String" })];
        List<Port> outs = [.. outputs.Select(name => new Port { Name = name, Type = "Dataset", Passing = PortPassing.File })];
        List<CommandPart> arguments = [.. ins.Select(port => new CommandPart.InputValue(port.Name)), .. outs.Select(port => new CommandPart.OutputPath(port.Name))];
        return YamlReading.Strictly(ClientRenditions.Render(form, Samples.Source(new Definition
        {
            Name = "step",
            DisplayName = "Step",
            Language = SourceLanguage.Container,
            MainFile = "component.yaml",
            Inputs = ins,
            Outputs = outs,
            Container = new ContainerTemplate("example.org/x:1", [new CommandPart.Text("x")], arguments, new Dictionary<string, string>()),
        })));
    }

    private static void AssertTaken(JsonNode component, string because)
    {
        var (inputs, outputs) = (Served(component, "inputs"), Served(component, "outputs"));
        foreach (var name in (string[])[.. inputs, .. outputs])
        {
            Assert.True(Legal.IsMatch(name) && !name.Contains("__", StringComparison.Ordinal), $"'{name}' is not legal: {because}");
            Assert.False(Forbidden.Contains(InKfp(name)) || Forbidden.Contains(InElyra(name)), $"'{name}' is a word of a client: {because}");
        }
        Assert.True(inputs.Select(InKfp).Distinct().Count() == inputs.Length, $"Inputs are one to KFP: {because}");
        Assert.True(outputs.Select(InKfp).Distinct().Count() == outputs.Length, $"Outputs are one to KFP: {because}");
        // Elyra keeps all ports in one table, an output x as output_x, and finds an output by taking every "output_" out of that.
        var kept = inputs.Select(InElyra).Concat(outputs.Select(name => "output_" + InElyra(name))).ToList();
        Assert.True(kept.Distinct().Count() == kept.Count, $"Ports are one to Elyra: {because}");
        Assert.All(outputs, name => Assert.True(InElyra(name) == ("output_" + InElyra(name)).Replace("output_", "", StringComparison.Ordinal), $"Elyra does not find '{name}': {because}"));
        var used = component["implementation"]!["container"]!["args"]?.AsArray() ?? [];
        Assert.True(inputs.Concat(outputs).SequenceEqual(used.Select(part => (string)(part!["inputValue"] ?? part["outputPath"])!)), $"The command names others: {because}");
    }

    [Theory]
    [InlineData(RenditionForm.Component)]
    [InlineData(RenditionForm.Elyra)]
    public void Every_client_takes_and_tells_apart_the_names_that_are_served(string form)
    {
        var random = new Random(1);
        for (var number = 0; number < Cases; number++)
        {
            var (inputs, outputs) = (Names(random), Names(random));
            AssertTaken(Render(form, inputs, outputs), $"case {number}, inputs [{string.Join('|', inputs)}], outputs [{string.Join('|', outputs)}]");
        }
    }

    [Theory]
    [InlineData("my_output_x", "my_x")]
    [InlineData("My Output X", "My X")]
    [InlineData("outputoutput__x", "outputx")]
    [InlineData("output", "output")]
    [InlineData("tab\tin", "tab_in")]
    [InlineData("say \"x\"", "say_x")]
    [InlineData("OUTPUT_class", "class_result")]
    public void An_output_keeps_its_name_but_for_what_a_client_would_lose(string name, string served) =>
        Assert.Equal([served], Served(Render(RenditionForm.Component, [], [name]), "outputs"));

    [Fact]
    public void Ports_that_are_one_to_a_client_are_told_apart_with_names_that_it_takes()
    {
        Assert.Equal(["output", "result_Output", "result_2_OUTPUT"], Served(Render(RenditionForm.Component, [], ["output", "Output", "OUTPUT"]), "outputs"));
        Assert.Equal(["x_", "X_value"], Served(Render(RenditionForm.Component, ["x_", "X_"], []), "inputs"));
        Assert.Equal(["made_2_output"], Served(Render(RenditionForm.Elyra, ["output", "made_output"], ["output"]), "outputs"));
    }

    private static List<string> Names(Random random) => [.. Enumerable.Range(0, random.Next(5))
        .Select(_ => string.Join(Joints[random.Next(Joints.Length)], Enumerable.Range(0, random.Next(1, 4)).Select(_ => Words[random.Next(Words.Length)])))
        .Where(name => name.Length > 0).Distinct(StringComparer.Ordinal)];
}
