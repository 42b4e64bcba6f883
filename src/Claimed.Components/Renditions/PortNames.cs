using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>
/// The names under which ports are served: the publisher's own where every client takes it, else the nearest legal one.
/// A container is not touched by this, because its command names the variable beside each placeholder.
/// </summary>
internal static partial class PortNames
{
    private static readonly FrozenSet<string> PythonKeywords = FrozenSet.Create(StringComparer.Ordinal,
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from",
        "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
        "false", "none", "true");

    // Words that Elyra keeps for itself, and those that YAML 1.1 reads as a boolean or null.
    private static readonly FrozenSet<string> ClientWords = FrozenSet.Create(StringComparer.Ordinal,
        "inputs", "outputs", "self", "y", "n", "yes", "no", "on", "off", "null");

    [GeneratedRegex("\\A[A-Za-z](?: ?[A-Za-z0-9_.-])*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Legal { get; }

    [GeneratedRegex("[^A-Za-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex NonWord { get; }

    [GeneratedRegex("[^0-9a-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex NotSanitized { get; }

    [GeneratedRegex("output[_ ]", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex LostInElyra { get; }

    public static bool HasLegalCharacters(string name) => Legal.IsMatch(name) && !name.Contains("__", StringComparison.Ordinal);

    /// <summary>True for names that collide with a word of Python, of YAML 1.1 or of Elyra.</summary>
    public static bool IsReserved(string name) => IsReservedForm(Sanitized(name));

    /// <summary>True for an output of whose name Elyra would lose a part: it writes a blank as <c>_</c>, and takes every <c>output_</c> for its own.</summary>
    public static bool LosesOutput(string name) => LostInElyra.IsMatch(name);

    public static bool IsPythonKeyword(string name) => PythonKeywords.Contains(name.ToLowerInvariant());

    /// <summary>The form under which the KFP v2 SDK keeps a port; two ports with one form lose one of them.</summary>
    public static string Sanitized(string name) => NotSanitized.Replace(name.ToLowerInvariant(), "_").Trim('_');

    /// <summary>The served names, in the order of <paramref name="inputs"/> and of <paramref name="outputs"/>.</summary>
    public static (IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs) Serve(IReadOnlyList<Port> inputs, IReadOnlyList<Port> outputs)
    {
        var takenOutputs = new HashSet<string>(StringComparer.Ordinal);
        var servedOutputs = new string[outputs.Count];
        Assign(outputs, servedOutputs, takenOutputs, OutputName, (name, number) => EndsInOutput(name) ? $"result{number}_{name}" : $"{name}_result{number}");

        // Elyra keeps the output x as output_x, in one table with the inputs.
        var takenInputs = takenOutputs.Select(name => "output_" + name).ToHashSet(StringComparer.Ordinal);
        var servedInputs = new string[inputs.Count];
        Assign(inputs, servedInputs, takenInputs, InputName, (name, number) => $"{name}_value{number}");
        return (servedInputs, servedOutputs);
    }

    /// <summary>
    /// The names of outputs for Elyra, which tells by the name alone whether a port passes a file: an output is not called as an input is, unless
    /// the program may ask the backend for it by its name.
    /// </summary>
    public static IReadOnlyList<string> ServeElyra(IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, PlaceholderUse? use)
    {
        if (use is { SpellsBackend: true } || !outputs.Any(inputs.Contains))
            return outputs;
        var taken = inputs.Concat(outputs).Select(Sanitized).ToHashSet(StringComparer.Ordinal);
        return [.. outputs.Select(name => inputs.Contains(name) ? Made(name) : name)];

        string Made(string name)
        {
            var candidate = "made_" + name;
            for (var number = 2; taken.Contains("output_" + Sanitized(candidate)) || !taken.Add(Sanitized(candidate)); number++)
                candidate = EndsInOutput(name) ? string.Create(CultureInfo.InvariantCulture, $"made_{number}_{name}") : string.Create(CultureInfo.InvariantCulture, $"made_{name.TrimEnd('_')}_{number}");
            return candidate;
        }
    }

    /// <summary>Names that stay as they are come first, so that a repaired name never takes a publisher's own.</summary>
    /// <param name="other">What a name becomes that is taken: with nothing first, then with <c>_2</c> and so on.</param>
    private static void Assign(IReadOnlyList<Port> ports, string[] served, HashSet<string> taken, Func<string, string> repair, Func<string, string, string> other)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            if (repair(ports[i].Name) == ports[i].Name && taken.Add(Sanitized(ports[i].Name)))
                served[i] = ports[i].Name;
        }
        for (var i = 0; i < ports.Count; i++)
        {
            if (served[i] is not null)
                continue;
            var name = repair(ports[i].Name);
            var candidate = name;
            for (var number = 1; !taken.Add(Sanitized(candidate)); number++)
                candidate = other(name.TrimEnd('_'), number == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"_{number}"));
            served[i] = candidate;
        }
    }

    /// <summary>With a word behind it, such a name holds <c>output_</c>.</summary>
    private static bool EndsInOutput(string name) => name.EndsWith("output", StringComparison.OrdinalIgnoreCase);

    private static string InputName(string name) => Repair(name, "input", "value");

    private static string OutputName(string name)
    {
        var repaired = Repair(name, "result", "result");
        while (LosesOutput(repaired))
            repaired = Repair(LostInElyra.Replace(repaired, ""), "result", "result");
        return repaired;
    }

    private static string Repair(string name, string prefix, string suffix)
    {
        var repaired = name;
        if (!HasLegalCharacters(repaired))
        {
            repaired = NonWord.Replace(repaired, "_").Trim('_');
            if (repaired.Length == 0)
                repaired = prefix;
            else if (!char.IsAsciiLetter(repaired[0]))
                repaired = $"{prefix}_{repaired}";
        }
        return IsReservedForm(Sanitized(repaired)) ? $"{repaired.TrimEnd('_')}_{suffix}" : repaired;
    }

    private static bool IsReservedForm(string sanitized) => PythonKeywords.Contains(sanitized) || ClientWords.Contains(sanitized);
}
