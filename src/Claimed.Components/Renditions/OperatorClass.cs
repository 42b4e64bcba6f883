namespace Claimed.Components.Renditions;

/// <summary>A version that a class of operators can run.</summary>
/// <param name="Source">The ready version with its image.</param>
/// <param name="Yanked">Only a task that names it runs it.</param>
/// <param name="Deprecated">The docstring says so.</param>
/// <param name="Successor">What to use instead of a deprecated one; null when nobody said.</param>
public sealed record OperatorVersion(RenditionSource Source, bool Yanked = false, bool Deprecated = false, string? Successor = null)
{
    internal Definition Definition { get; } = AddressInputs.Of(Source.Definition);
}

/// <summary>
/// A class of operators and the versions it can run: those of one major in a wheel, one alone in <c>operator.py</c>. Its arguments fit all
/// of them; what differs between them stands in a table by version, so that a task which names a version runs the same in a later wheel.
/// </summary>
internal sealed class OperatorClass
{
    /// <param name="versions">Highest first; at least one, of one component.</param>
    /// <param name="major">Null for a class of one version.</param>
    public OperatorClass(IReadOnlyList<OperatorVersion> versions, string? major)
    {
        Versions = versions;
        Major = major;
        var offered = versions.Where(version => !version.Yanked).ToList();
        Default = offered.Find(version => !IsPrerelease(version)) ?? offered.FirstOrDefault();
        Shown = Default ?? versions[0];
        (Inputs, Outputs) = OperatorArguments.For(Shown.Definition with { Inputs = [.. MergedInputs()], Outputs = [.. MergedOutputs()] });
    }

    public IReadOnlyList<OperatorVersion> Versions { get; }

    public string? Major { get; }

    /// <summary>What runs when a task names no version; null when all are yanked.</summary>
    public OperatorVersion? Default { get; }

    /// <summary>Whose texts the class has.</summary>
    public OperatorVersion Shown { get; }

    public IReadOnlyList<OperatorArgument> Inputs { get; }

    public IReadOnlyList<OperatorArgument> Outputs { get; }

    public IEnumerable<OperatorArgument> Arguments => Inputs.Concat(Outputs);

    public string Component => $"{Shown.Source.Namespace}/{Shown.Source.Name}";

    /// <summary><c>FilterCsvV1Operator</c>; <c>FilterCsvOperator</c> for a class of one version.</summary>
    /// <param name="word">Before the word Operator, where there are several kinds.</param>
    public string Name(string word = "") => NameOf(Shown.Source.Name, Major, word);

    /// <inheritdoc cref="Name"/>
    public static string NameOf(string component, string? major, string word = "") => $"{Words(component)}{(major is null ? "" : "V" + major)}{word}Operator";

    /// <summary><c>filter_csv_v1</c>: legal in Python, and no two of a namespace are the same.</summary>
    public string Module
    {
        get
        {
            var name = Shown.Source.Name.Replace('-', '_');
            return $"{(char.IsAsciiDigit(name[0]) ? "_" : "")}{name}_v{Major}";
        }
    }

    /// <summary><c>filter-csv</c> becomes <c>FilterCsv</c>. Different names stay different: a hyphen before a digit becomes an underscore.</summary>
    public static string Words(string name)
    {
        var words = name.Split('-', StringSplitOptions.RemoveEmptyEntries)
            .Select((word, index) => char.IsAsciiDigit(word[0]) ? (index == 0 ? "Component__" : "_") + word : char.ToUpperInvariant(word[0]) + word[1..]);
        return string.Concat(words);
    }

    private static bool IsPrerelease(OperatorVersion version) => version.Source.Version.Contains('-', StringComparison.Ordinal);

    private IEnumerable<Port> MergedInputs()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var port in Shown.Definition.Inputs)
        {
            seen.Add(port.Name);
            var all = Versions.Select(version => version.Definition.Inputs.FirstOrDefault(other => other.Name == port.Name)).ToList();
            // A default that versions do not share would be passed to the others: each has its own when the argument is left out.
            yield return all.TrueForAll(other => other is not null && other.Default == port.Default && IsOptional(other) == IsOptional(port) && other.Passing == port.Passing)
                ? port
                : port with { Optional = true, Default = null, Description = port.Default is null || port.Secret ? port.Description : $"{port.Description} Default: {ClientInterface.OneLine(port.Default)} ({Shown.Source.Version})" };
        }
        foreach (var version in Versions)
        {
            foreach (var port in version.Definition.Inputs.Where(port => seen.Add(port.Name)))
                yield return port with { Optional = true, Default = null, Description = $"Not in {Shown.Source.Version}. {port.Description}" };
        }
    }

    private IEnumerable<Port> MergedOutputs() => Shown.Definition.Outputs.Concat(Versions.SelectMany(version => version.Definition.Outputs))
        .DistinctBy(port => (port.Name, port.Passing));

    public static bool IsOptional(Port port) => port.Optional || port.Default is not null || port.Secret;
}
