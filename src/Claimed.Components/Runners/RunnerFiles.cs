using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Claimed.Components.Sources;
using Claimed.Components.Sources.Notebooks;

namespace Claimed.Components.Runners;

/// <summary>The files that start a source inside its container.</summary>
public static partial class RunnerFiles
{
    /// <summary>
    /// The argument that names a file for the value outputs as JSON: the text of a single one, an object of several. No port can have its
    /// name, because that is not an environment variable's.
    /// </summary>
    internal const string ResultArgument = "claimed.result";

    private const string Launcher = "run";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The files of <c>/opt/claimed</c> in the image: the launcher <c>run</c>, the language's runner and <c>component.json</c> with the declared ports.</summary>
    /// <param name="main">The source itself, for notebooks in R: their code is handed to the runner as a script.</param>
    /// <exception cref="ArgumentException">The definition brings its own container, or a name has characters that no variable or file has.</exception>
    public static IReadOnlyList<SourceFile> For(Definition definition, SourceFile? main = null)
    {
        if (definition.Grid is { } grid)
            return Grid(definition, grid);
        if (definition.MainFile.Any(char.IsControl))
            throw new ArgumentException("The path of the source has control characters; rename the file.", nameof(definition));
        foreach (var port in definition.Inputs.Concat(definition.Outputs))
        {
            if (!IsVariable(port.Name, definition.Language) || !IsVariable(port.Variable ?? port.Name, definition.Language))
                throw new ArgumentException($"The port '{port.Name}' is not the name of an environment variable; use letters, digits and underscores.", nameof(definition));
        }
        List<SourceFile> files = [new(Launcher, Resource("run.sh"), Executable: true), Text("component.json", Interface(definition) + "\n")];
        switch (definition.Language)
        {
            case SourceLanguage.Python:
                files.Add(new("runner.py", Resource("python_runner.py")));
                files.Add(new("claimed_ports.py", Resource("claimed_ports.py")));
                break;
            case SourceLanguage.Notebook:
                files.Add(new("runner.py", Resource("notebook_runner.py")));
                files.Add(new("claimed_ports.py", Resource("claimed_ports.py")));
                break;
            case SourceLanguage.R:
                files.Add(new("runner.R", Resource("runner.R")));
                if (main?.Extension == ".ipynb")
                    files.Add(Text("notebook.R", NotebookScript.Of(main)));
                AddTables(files, definition);
                break;
            case SourceLanguage.Shell:
                files.Add(new("runner.sh", Resource("runner.sh")));
                AddTables(files, definition);
                break;
            default:
                throw new ArgumentException($"'{definition.Name}' is a component.yaml; it needs no runner.", nameof(definition));
        }
        return files;
    }

    /// <summary>The wrapper takes the place of the launcher, which it calls for each file; it runs in any image that has a shell.</summary>
    private static List<SourceFile> Grid(Definition definition, GridWrap grid) =>
    [
        .. For(grid.Unwrap(definition)).Select(file => file.Path == Launcher ? file with { Path = "run-once" } : file),
        new(Launcher, Resource("grid.sh"), Executable: true),
        new("grid-files.sh", Resource("grid-files.sh")),
        Text("grid", grid.Input.Name + "\n"),
        Text("grid.tsv", string.Concat(definition.Inputs.Select(port => $"{port.Name}\t{port.Variable ?? port.Name}\t{(IsRequired(port) ? 1 : 0)}\n"))),
    ];

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Variable { get; }

    // The runner for shells builds assignments from these names; elsewhere the environment takes more than a shell would.
    private static bool IsVariable(string name, SourceLanguage language) =>
        Variable.IsMatch(name) || (language != SourceLanguage.Shell && name.Length > 0 && name != ResultArgument && !name.Any(c => c == '=' || char.IsControl(c)));

    private static string Interface(Definition definition) => JsonSerializer.Serialize(
        new
        {
            definition.Name,
            definition.Language,
            Source = definition.MainFile,
            Inputs = definition.Inputs.Select(Describe),
            Outputs = definition.Outputs.Select(Describe),
        },
        Json);

    private static object Describe(Port port) => new
    {
        port.Name,
        port.Type,
        port.Passing,
        Variable = port.Variable ?? port.Name,
        Required = IsRequired(port),
        port.Default,
    };

    // Neither R nor a shell reads JSON by itself.
    private static void AddTables(List<SourceFile> files, Definition definition)
    {
        var table = new StringBuilder();
        foreach (var (direction, port) in definition.Inputs.Select(port => ("input", port)).Concat(definition.Outputs.Select(port => ("output", port))))
        {
            string[] columns =
            [
                direction, port.Name, port.Variable ?? port.Name, port.Passing == PortPassing.File ? "file" : "value", port.Type.Length == 0 ? "String" : port.Type,
                IsRequired(port) ? "1" : "0",
            ];
            if (port.Type.Any(char.IsControl))
                throw new ArgumentException($"The type of the port '{port.Name}' has control characters; write a word such as String.", nameof(definition));
            table.AppendJoin('\t', columns).Append('\n');
        }
        files.Add(Text("ports.tsv", table.ToString()));
        files.Add(Text("source", definition.MainFile + "\n"));
    }

    private static bool IsRequired(Port port) => !port.Optional && port.Default is null;

    private static SourceFile Text(string path, string content) => new(path, Encoding.UTF8.GetBytes(content));

    private static byte[] Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Claimed.Components.Runners.{name}")
            ?? throw new InvalidOperationException($"The runner {name} is not embedded in this assembly.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
