namespace Claimed.Components;

/// <summary>
/// A source that runs once per file, over many files in any number of containers at once. The file takes the place of one input, which
/// is no input of the component any more.
/// </summary>
/// <param name="Input">The input that each run gets its file in.</param>
/// <param name="Outputs">What the source declares; of many runs none is the output of the whole.</param>
public sealed record GridWrap(Port Input, IReadOnlyList<Port> Outputs)
{
    // As people know them from wrapped components of CLAIMED.
    private static readonly Port[] Settings =
    [
        Setting("gw_batch_file", PortTypes.String, null, "List of the files to work on: .txt (commas or lines), .csv (column filename) or .json (its keys)"),
        Setting("gw_file_path_pattern", PortTypes.String, null, "Pattern of the files when there is no list, such as /data/*.tif; several separated by commas"),
        Setting("gw_group_by", PortTypes.String, null, "Regular expression: of each path only the part that it matches counts, and equal parts are one run"),
        Setting("gw_coordinator_path", PortTypes.String, null, "Folder that all containers share, for the marks that say who works on what") with { Optional = false },
        Setting("gw_lock_timeout", PortTypes.Integer, "10800", "Seconds after which a file is taken over from a container that is not heard of any more"),
        Setting("gw_ignore_error_files", PortTypes.Boolean, "False", "True: files that failed before are tried again; False: they are left out"),
        Setting("gw_max_time_wait_staggering", PortTypes.Integer, "60", "Containers begin at random within this many seconds"),
    ];

    /// <summary>The wrapped component; null, with an error, when the source cannot be wrapped in this way.</summary>
    public static Definition? Apply(Definition definition, string input, List<Finding> findings)
    {
        var whole = new SourcePosition(definition.MainFile);
        if (definition.Language == SourceLanguage.Container)
        {
            findings.Add(Finding.Error("wrap-container", whole, "A component.yaml brings its own command, which cannot be run once per file.", "Wrap a script or a notebook."));
            return null;
        }
        if (definition.Inputs.FirstOrDefault(port => port.Name == input) is not { } wrapped)
        {
            findings.Add(Finding.Error("wrap-input-unknown", whole, "The field wrap names no input of the source.",
                $"Name one of: {string.Join(", ", definition.Inputs.Select(port => port.Name))}."));
            return null;
        }
        var taken = definition.Inputs.Concat(definition.Outputs).Where(port => Settings.Any(setting => setting.Name.Equals(port.Name, StringComparison.OrdinalIgnoreCase))).ToList();
        findings.AddRange(taken.Select(port => Finding.Error("wrap-name-taken", port.Position, $"{port.Name} is an input of the grid wrapper.", "Give the source's own another name than those that begin with gw_.")));
        findings.AddRange(definition.Outputs.Select(port => Finding.Warning("wrap-output-dropped", port.Position,
            $"The output {port.Name} is no output of the wrapped component: each of many runs makes one.", "Write what a run makes to a mounted folder, under a name made of that of its file.")));
        return taken.Count > 0 ? null : definition with
        {
            Inputs = [.. definition.Inputs.Where(port => port != wrapped), .. Settings.Select(setting => setting with { Position = whole })],
            Outputs = [],
            Grid = new GridWrap(wrapped, definition.Outputs),
        };
    }

    /// <summary>The source's own interface, for the runner that runs it for one file.</summary>
    public Definition Unwrap(Definition definition) => definition with
    {
        Inputs = [.. definition.Inputs.Where(port => Settings.All(setting => setting.Name != port.Name)), Input],
        Outputs = Outputs,
        Grid = null,
    };

    private static Port Setting(string name, string type, string? value, string description) =>
        new() { Name = name, Type = type, Default = value, Optional = true, Description = description };
}
