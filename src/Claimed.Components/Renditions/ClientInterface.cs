namespace Claimed.Components.Renditions;

/// <summary>A port as one client is told of it.</summary>
/// <param name="Source">The port of the definition.</param>
/// <param name="Name">Legal in every client, unique in its sanitised form.</param>
/// <param name="Type">A type that the client can pass the way the container takes it.</param>
/// <param name="IsFile">True when the container gets a path.</param>
/// <param name="Default">Parses as <paramref name="Type"/>; null when the client must not know one.</param>
/// <param name="Optional">True when the client may leave it out.</param>
/// <param name="Description">One line; empty when there is none.</param>
internal sealed record ClientPort(Port Source, string Name, string Type, bool IsFile, string? Default, bool Optional, string Description)
{
    /// <summary>The KFP 1.8 SDK removes the element of an omitted input without default from the command, so that later ones move up.</summary>
    public bool VanishesWhenOmitted => Optional && Default is null;
}

/// <summary>The ports of a component as KFP or Elyra can take them.</summary>
internal sealed record ClientInterface(IReadOnlyList<ClientPort> Inputs, IReadOnlyList<ClientPort> Outputs)
{
    public static ClientInterface For(Definition definition, bool forElyra)
    {
        var use = definition.Container is null ? null : PlaceholderUse.Of(definition.Container);
        var (inputNames, outputNames) = PortNames.Serve(definition.Inputs, definition.Outputs);
        if (forElyra)
            outputNames = PortNames.ServeElyra(inputNames, outputNames, use);
        var inputs = definition.Inputs.Select((port, i) => Input(definition, port, inputNames[i], use, forElyra)).ToList();
        if (definition.Container is null && inputs.Count(input => input.VanishesWhenOmitted) > 1)
            inputs = [.. inputs.Select(input => input.VanishesWhenOmitted && !input.IsFile ? AsEmptyString(input) : input)];
        return new(inputs, [.. definition.Outputs.Select((port, i) => Output(port, outputNames[i], forElyra))]);
    }

    private static ClientPort Input(Definition definition, Port port, string name, PlaceholderUse? use, bool forElyra)
    {
        var optional = port.Optional || port.Default is not null || port.Secret;
        var description = OneLine(port.Description);
        // Elyra cannot export a pipeline that leaves a file input unconnected; as a required one it is at least asked for.
        if (PassesFile(port, use))
            return new(port, name, FileType(port.Type), true, null, optional && !forElyra, description);
        if (forElyra && optional)
            description = WithoutRequiredWords(description);

        if (port.Type == PortTypes.FinalStatus)
            return new(port, name, port.Type, false, null, optional, description);
        var type = PortValues.ValueType(port.Type) ?? PortTypes.String;
        // A source finds a secret in the environment; a foreign container has nowhere else to get it from.
        if (port.Secret)
            return SecretInputs.IsInEnvironment(definition, port)
                ? new(port, name, PortTypes.String, false, "", true, description)
                : new(port, name, PortTypes.String, false, null, port.Optional && port.Default is null, description);
        if (port.Default is { } text && PortValues.Spell(type, text) is null)
            type = PortTypes.String;
        // Elyra passes 1 as an integer, also where it stands for a Float, and KFP refuses it there.
        if (forElyra && type is not (PortTypes.String or PortTypes.Integer))
            type = PortTypes.String;

        var value = port.Default is null ? null : PortValues.Spell(PortValues.ValueType(port.Type) ?? type, port.Default) ?? port.Default;
        // Our runner knows the default itself, so a client that would spoil it need not.
        if (definition.Container is null && value is not null && IsSpoilt(value, forElyra))
        {
            description = $"{description} Default: {OneLine(value)}".TrimStart();
            value = "";
            type = PortTypes.String;
        }
        // Our runner takes an empty value for "not given"; Elyra fills a number without default with 0, which would count as given.
        if (definition.Container is null && optional && value is null && (forElyra || type == PortTypes.String))
            return new(port, name, PortTypes.String, false, "", true, description);
        return new(port, name, type, false, value, optional, description);
    }

    private static ClientPort Output(Port port, string name, bool forElyra)
    {
        var valueType = port.Passing == PortPassing.Value ? PortValues.ValueType(port.Type) : null;
        // The inputs they feed are strings in Elyra, and KFP compares the types.
        if (forElyra && valueType is not (null or PortTypes.Integer))
            valueType = PortTypes.String;
        return new(port, name, valueType ?? FileType(port.Type), valueType is null, null, false, OneLine(port.Description));
    }

    /// <summary>Whether an input reaches the container as a path: the placeholders of a container decide, else the port.</summary>
    public static bool PassesFile(Port port, PlaceholderUse? use) => use is null
        ? port.Passing == PortPassing.File
        : use.InputPaths.Contains(port.Name) || (!use.InputValues.Contains(port.Name) && port.Passing == PortPassing.File);

    /// <summary>A type of files; KFP v2 refuses the path of a value type.</summary>
    public static string FileType(string type)
    {
        var text = OneLine(type);
        return text.Length == 0 || PortValues.ValueType(text) is not null ? "Artifact" : text;
    }

    public static string OneLine(string? text) => string.Join(' ',
        string.Concat((text ?? "").EnumerateRunes().Select(rune => YamlText.IsPrintable(rune) ? rune.ToString() : " "))
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>
    /// True for a default that does not survive a client: KFP v2 writes it into a comment when a component is compiled alone, which a line
    /// end leaves; Elyra turns <c>"</c> into <c>'</c>.
    /// </summary>
    public static bool IsSpoilt(string value, bool forElyra) =>
        value.EnumerateRunes().Any(rune => rune.Value == '\n' || !YamlText.IsPrintable(rune)) || (forElyra && value.Contains('"'));

    // Elyra reads these words as "the user must fill this in", whatever `optional` says.
    private static string WithoutRequiredWords(string description) => description
        .Replace("not optional", "mandatory", StringComparison.OrdinalIgnoreCase)
        .Replace("required", "needed", StringComparison.Ordinal)
        .Replace("Required", "Needed", StringComparison.Ordinal)
        .Replace("required", "needed", StringComparison.OrdinalIgnoreCase);

    private static ClientPort AsEmptyString(ClientPort port) => port with { Type = PortTypes.String, Default = "" };
}
