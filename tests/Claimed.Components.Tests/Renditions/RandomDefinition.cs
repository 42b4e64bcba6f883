namespace Claimed.Components.Tests.Renditions;

/// <summary>Definitions made by chance, with texts that break careless writers.</summary>
internal sealed class RandomDefinition(int seed)
{
    private static readonly string[] Pieces =
    [
        .. Samples.HostileTexts, "a", "b c", "é", "漢", "🚀", "0", "-1", "1.5", "True", "[]", "{\"a\": [1, null, \"x\"]}", "$(", "$$", "${", "\\$(", "\u0007",
    ];

    private readonly Random _random = new(seed);

    public Definition Next()
    {
        var isOurs = _random.Next(2) == 0;
        var inputs = Enumerable.Range(0, _random.Next(6)).Select(number => Input(isOurs, number)).ToList();
        var outputs = Enumerable.Range(0, _random.Next(3)).Select(number => Output(isOurs, number)).ToList();
        return new Definition
        {
            Name = "step",
            DisplayName = Text(),
            Description = Text(),
            Language = isOurs ? SourceLanguage.Python : SourceLanguage.Container,
            MainFile = isOurs ? "step.py" : "component.yaml",
            Inputs = inputs,
            Outputs = outputs,
            Category = Text(),
            Resources = _random.Next(2) == 0 ? Resources.None : new(Pick("1", "500m", "0.25", Text()), Pick("1Gi", "5e8", Text()), Pick("1", "x"), Pick("1Ti", Text())),
            BaseImage = _random.Next(2) == 0 ? null : Text(),
            License = _random.Next(2) == 0 ? null : Text(),
            Annotations = new Dictionary<string, string> { ["a" + Text()] = Text() },
            Container = isOurs ? null : Container(inputs, outputs),
        };
    }

    public string Text() => WholeText.Of(string.Concat(Enumerable.Range(0, _random.Next(1, 5)).Select(_ => Pick(Pieces))));

    private string Pick(params string[] texts) => texts[_random.Next(texts.Length)];

    private Port Input(bool isOurs, int number)
    {
        var type = Pick("String", "Integer", "Float", "Boolean", "JsonObject", "JsonArray", "Dataset", Text());
        var isFile = type is "Dataset" || (!PortTypes.IsValue(type) && _random.Next(2) == 0);
        return new Port
        {
            Name = isOurs ? $"p_{number}" : $"{number}{Text()}",
            Type = type,
            Passing = isFile ? PortPassing.File : PortPassing.Value,
            Default = isFile || _random.Next(2) == 0 ? null : Pick("10", "1e3", "0.5", "true", "{\"k\": 1}", "[1]", "on", "no", Text()),
            Optional = _random.Next(2) == 0,
            Description = Text(),
            Secret = _random.Next(6) == 0,
        };
    }

    private Port Output(bool isOurs, int number)
    {
        var isFile = _random.Next(2) == 0;
        return new Port { Name = isOurs ? $"o_{number}" : $"{number}{Text()}", Type = isFile ? "Model" : "String", Passing = isFile ? PortPassing.File : PortPassing.Value, Description = Text() };
    }

    private ContainerTemplate Container(List<Port> inputs, List<Port> outputs)
    {
        List<CommandPart> parts =
        [
            .. inputs.Select(port => (CommandPart)(port.Passing == PortPassing.File ? new CommandPart.InputPath(port.Name) : new CommandPart.InputValue(port.Name))),
            .. outputs.Select(port => new CommandPart.OutputPath(port.Name)),
        ];
        if (inputs.Find(port => port.Passing == PortPassing.Value) is { } value)
        {
            parts.Add(new CommandPart.Concat([new CommandPart.Text(Text()), new CommandPart.InputValue(value.Name)]));
            parts.Add(new CommandPart.If(value.Name, null, [new CommandPart.Text(Text()), new CommandPart.InputValue(value.Name)], [new CommandPart.Text(Text())]));
        }
        return new("example.org/x:1", [new CommandPart.Text("sh"), new CommandPart.Text("-c"), new CommandPart.Text(Text())], parts, new Dictionary<string, string> { ["V"] = Text() });
    }
}
