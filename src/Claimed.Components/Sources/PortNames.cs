namespace Claimed.Components.Sources;

/// <summary>Which names of ports cannot live side by side.</summary>
internal static class PortNames
{
    private const int MaxPorts = 256;

    /// <summary>An error when there are more ports than any client shows.</summary>
    public static void CheckCount(int count, SourceFile main, List<Finding> findings)
    {
        if (count > MaxPorts)
        {
            findings.Add(Finding.Error("too-many-ports", new SourcePosition(main.Path), $"The component has more than {MaxPorts} inputs and outputs.",
                "Pass a group of settings as one JSON input."));
        }
    }

    /// <summary>What the KFP v2 SDK makes of a port's name: lower case, everything but letters and digits an underscore.</summary>
    public static string Sanitised(string name)
    {
        var characters = name.Trim().ToLowerInvariant().ToCharArray();
        for (var i = 0; i < characters.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(characters[i]))
                characters[i] = '_';
        }

        return new string(characters);
    }

    /// <summary>An error for each port whose name another one of <paramref name="ports"/> has already.</summary>
    public static void CheckClashes(IEnumerable<Port> ports, List<Finding> findings)
    {
        var taken = new Dictionary<string, Port>(StringComparer.Ordinal);
        foreach (var port in ports)
        {
            if (taken.TryAdd(Sanitised(port.Name), port))
                continue;
            var other = taken[Sanitised(port.Name)];
            var where = other.Position.Line > 0 ? $" (line {other.Position.Line})" : "";
            findings.Add(Finding.Error("port-name-clash", port.Position,
                other.Name == port.Name
                    ? $"{port.Name} is the name of two ports{where}."
                    : $"{port.Name} and {other.Name}{where} become the same name in Kubeflow Pipelines.",
                "Give each input and output a name of its own, different in more than case and punctuation."));
        }
    }
}
