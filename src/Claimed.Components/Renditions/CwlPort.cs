using System.Globalization;

namespace Claimed.Components.Renditions;

/// <summary>An input or output as a CWL tool declares it.</summary>
/// <param name="Source">The port of the definition.</param>
/// <param name="Id">Letters, digits and underscores, unique in the tool: expressions name it.</param>
/// <param name="Type">A type of CWL.</param>
/// <param name="IsFile">True when the container gets a path.</param>
/// <param name="Default">Null when there is none.</param>
/// <param name="IsOptional">True when it may be null.</param>
internal sealed record CwlPort(Port Source, string Id, object Type, bool IsFile, object? Default, bool IsOptional)
{
    public static (IReadOnlyList<CwlPort> Inputs, IReadOnlyList<CwlPort> Outputs) For(Definition definition)
    {
        var use = definition.Container is null ? null : PlaceholderUse.Of(definition.Container);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var inputs = definition.Inputs.Select(port => Input(definition, port, JobVariables.Unique(JobVariables.Word(port.Name), ids), use)).ToList();
        return (inputs, [.. definition.Outputs.Select(port => new CwlPort(port, JobVariables.Unique(JobVariables.Word(port.Name), ids), "File", true, null, false))]);
    }

    private static CwlPort Input(Definition definition, Port port, string id, PlaceholderUse? use)
    {
        var optional = port.Optional || port.Default is not null;
        if (ClientInterface.PassesFile(port, use))
            return new(port, id, optional ? "File?" : "File", true, null, optional);
        if (port.Secret)
            return SecretInputs.IsInEnvironment(definition, port) || optional ? new(port, id, "string", false, "", false) : new(port, id, "string", false, null, false);
        var (type, value) = Typed(port, isOurs: use is null);
        return value is null && optional ? new(port, id, type is string word ? word + "?" : new[] { "null", type }, false, null, true) : new(port, id, type, false, value, false);
    }

    private static (object Type, object? Default) Typed(Port port, bool isOurs)
    {
        var type = PortValues.ValueType(port.Type) ?? PortTypes.String;
        var text = port.Default is null ? null : PortValues.Spell(type, port.Default);
        if (port.Default is not null && text is null)
            return ("string", port.Default);
        switch (type)
        {
            case PortTypes.Integer when text is null:
                return ("long", null);
            case PortTypes.Integer when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number):
                return ("long", YamlBare.Of(number));
            case PortTypes.Float:
                return ("double", text is null ? null : YamlBare.Of(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)));
            case PortTypes.Boolean when isOurs:
                return ("boolean", text is null ? null : text == "True" ? YamlBare.True : YamlBare.False);
            // CWL leaves out false and writes true as a mere flag.
            case PortTypes.Boolean:
                return (new YamlMap { { "type", "enum" }, { "symbols", new[] { "True", "False" } } }, text);
            default:
                return ("string", text);
        }
    }
}
