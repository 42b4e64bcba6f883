namespace Claimed.Components.Renditions;

/// <summary>The command line of a CWL tool.</summary>
/// <param name="Base">Texts in front, which CWL never takes for expressions.</param>
/// <param name="Arguments">What no input is bound to.</param>
/// <param name="Bindings">By the id of the input.</param>
/// <param name="Environment">Variables; their values are expressions.</param>
/// <param name="NeedsScript">Whether an expression says more than a reference can.</param>
internal sealed record CwlCommand(
    IReadOnlyList<string> Base, IReadOnlyList<YamlMap> Arguments, IReadOnlyDictionary<string, YamlMap> Bindings, YamlMap Environment, bool NeedsScript)
{
    /// <summary>Our runner: inputs as <c>name=value</c>, secrets in the environment, outputs into the folder that CWL collects.</summary>
    public static CwlCommand OfRunner(IReadOnlyList<CwlPort> inputs, IReadOnlyList<CwlPort> outputs)
    {
        var environment = new YamlMap();
        var bindings = new Dictionary<string, YamlMap>(StringComparer.Ordinal);
        foreach (var (index, input) in inputs.Index())
        {
            var name = input.Source.Name;
            if (input.Source.Secret && !input.IsFile)
                environment.Add(name, CwlExpression.Reference(input.Id));
            else if (input.Type is "boolean" or "boolean?")
                bindings[input.Id] = new() { { "position", YamlBare.Of(index + 1) }, { "valueFrom", $"{CwlExpression.Literal(name)}=$(self)" } };
            else
                bindings[input.Id] = new() { { "position", YamlBare.Of(index + 1) }, { "prefix", name + "=" }, { "separate", YamlBare.False } };
        }
        var arguments = outputs.Select((output, index) => new YamlMap
        {
            { "position", YamlBare.Of(inputs.Count + index + 1) }, { "valueFrom", $"{CwlExpression.Literal(output.Source.Name)}={CwlExpression.Path(output.Id)}" },
        });
        return new([RunnerCommand.Path], [.. arguments], bindings, environment, false);
    }

    /// <summary>A command with placeholders; each of its elements keeps its place by a position.</summary>
    public static CwlCommand OfContainer(Definition definition, ContainerTemplate container, IReadOnlyList<CwlPort> inputs, IReadOnlyList<CwlPort> outputs)
    {
        var parts = container.Command.Concat(container.Args).ToList();
        var front = parts.TakeWhile(part => part is CommandPart.Text).Cast<CommandPart.Text>().Select(text => text.Value).ToList();
        var expression = new CwlExpression(inputs, outputs);
        var environment = new YamlMap();
        foreach (var (name, value) in container.Env.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            environment.AddEvenEmpty(name, CwlExpression.Text(value));
        foreach (var input in inputs.Where(input => SecretInputs.IsInEnvironment(definition, input.Source)))
            environment.Add(input.Source.Name, CwlExpression.Reference(input.Id));
        var bindings = new Dictionary<string, YamlMap>(StringComparer.Ordinal);
        var arguments = new List<YamlMap>();
        foreach (var (index, part) in parts.Skip(front.Count).Index())
        {
            var position = YamlBare.Of(index + 1);
            // Bound to the input itself an absent one leaves its place, a file as well.
            if (expression.Input(part) is { } secret && SecretInputs.IsInEnvironment(definition, secret.Source))
            {
                var empty = new YamlMap { { "position", position } };
                empty.AddEvenEmpty("valueFrom", "");
                arguments.Add(empty);
                continue;
            }
            if (expression.Input(part) is { } input && bindings.TryAdd(input.Id, new() { { "position", position } }))
                continue;
            var value = expression.Value(part);
            if (value is not null)
                arguments.Add(new() { { "position", position }, { "valueFrom", value } });
        }
        return new(front, arguments, bindings, environment, expression.NeedsScript);
    }
}
