using Claimed.Components.Sources.Imports;
using Claimed.Components.Sources.Requirements;

namespace Claimed.Components.Sources;

/// <summary>Gathers what a script or notebook says about its component, in the order of the text, and makes the definition of it.</summary>
internal sealed class ComponentDraft(SourceFile main, SourceLanguage language, Upload upload)
{
    private const int MaxNameLength = 128;

    private readonly List<InputDraft> inputs = [];
    private readonly List<EnvironmentWrite> outputs = [];
    private readonly Dictionary<string, InputDraft> inputsByName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EnvironmentWrite> outputsByName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> describedElsewhere = new(StringComparer.Ordinal);
    private readonly List<string> returned = [];
    private readonly HashSet<string> own = new(StringComparer.Ordinal);
    private List<Requirement> requirements = [];
    private readonly ImportList imports = new(main, language, upload);

    public Upload Upload { get; } = upload;

    public SourceFile Main { get; } = main;

    public FrontMatter FrontMatter { get; } = new(upload.Findings);

    public SourceFacts Facts => FrontMatter.Facts;

    /// <summary>What the source imports.</summary>
    public ImportList Imports => imports;

    public string Description { get; set; } = "";

    /// <summary>Variables that the source uses or sets in ways that make no port by themselves.</summary>
    public HashSet<string> Touched { get; } = new(StringComparer.Ordinal);

    /// <summary>True for languages whose runner knows the input <c>log_level</c>.</summary>
    public bool HasLogLevel { get; init; }

    public void Error(string code, SourcePosition at, string message, string fix) => Upload.Findings.Add(Finding.Error(code, at, message, fix));

    public void Warning(string code, SourcePosition at, string message, string fix) => Upload.Findings.Add(Finding.Warning(code, at, message, fix));

    public void Suggestion(string code, SourcePosition at, string message, string fix) => Upload.Findings.Add(Finding.Suggestion(code, at, message, fix));

    /// <summary>A line of a comment, cell or file that may install something. False when it does not.</summary>
    public bool Install(string line, SourcePosition at, bool isConditional = false)
    {
        if (!InstallCommand.IsOne(line))
            return false;
        if (Upload.Options.ExistingImage is null)
            requirements.AddRange(InstallCommand.Parse(line, at, Main, Upload, isConditional));
        return true;
    }

    public void Require(Requirement requirement) => requirements.Add(requirement);

    /// <summary>A description that stands apart from the read: <c># @param x text</c>.</summary>
    public void Describe(string port, string description) => describedElsewhere.TryAdd(port, description);

    /// <summary>What the source gives back, without a name for it: <c># @returns text</c>.</summary>
    public void DescribeResult(string description) => returned.Add(description);

    /// <summary>A file that the source says it needs: <c># @dependency name</c>.</summary>
    public void NeedFile(string name, SourcePosition at)
    {
        if (Upload.Beside(Main, name) is null && Upload.Find(name) is null)
        {
            Suggestion("dependency-file-missing", at, "The source says that it needs a file which is not in the upload.",
                "Send the file together with the source, or remove the line if a pipeline brings it.");
        }
    }

    public void Read(EnvironmentRead read)
    {
        if (!IsUsable(read.Name, "input", read.Position))
            return;
        if (ProcessVariables.IsRead(read.Name))
        {
            Suggestion("process-variable-read", read.Position, $"{read.Name} belongs to the operating system, so it is no input.",
                "Give the input another name if pipelines are to set it.");
            return;
        }

        // What the source itself has set before is its own value, not one from outside.
        if (outputsByName.ContainsKey(read.Name) || own.Contains(read.Name))
            return;
        if (!inputsByName.TryGetValue(read.Name, out var known))
        {
            known = new InputDraft(read);
            inputsByName.Add(read.Name, known);
            inputs.Add(known);
            return;
        }

        if (!known.Merge(read))
        {
            Warning("input-read-differently", read.Position,
                $"The input {read.Name} is read with another type or default on line {known.First.Position.Line}; the first one counts.",
                "Read the variable once and use its value everywhere.");
        }
    }

    /// <summary>A variable that the source sets for itself: neither input nor output.</summary>
    public void Own(string name) => own.Add(name);

    public void Write(EnvironmentWrite write)
    {
        if (!IsUsable(write.Name, "output", write.Position))
            return;
        if (ProcessVariables.IsSet(write.Name))
        {
            Suggestion("process-variable-set", write.Position, $"{write.Name} configures the process or a library, so it is no output.",
                "Give the output another name if pipelines are to receive it.");
            return;
        }

        if (outputsByName.TryAdd(write.Name, write))
            outputs.Add(write);
    }

    public Definition Build()
    {
        DescribeOutputs();
        var (inputPorts, outputPorts) = new PortList(inputs, outputs, FrontMatter.Ports, describedElsewhere, Touched, Upload.Findings).Make();
        if (HasLogLevel && !inputPorts.Any(port => PortNames.Sanitised(port.Name) == "log_level"))
            inputPorts.Insert(0, LogLevel());
        // One command line carries both: `name=value` for an input, `name=path` for an output.
        PortNames.CheckClashes(inputPorts.Concat(outputPorts), Upload.Findings);
        PortNames.CheckCount(inputPorts.Count + outputPorts.Count, Main, Upload.Findings);
        if (Description.Length == 0)
        {
            Suggestion("description-missing", new SourcePosition(Main.Path), "The component has no description.", language switch
            {
                SourceLanguage.Notebook => "Begin the notebook with a markdown cell that says what it does.",
                SourceLanguage.Python => "Begin the script with a docstring that says what it does.",
                _ => "Begin the script with a block of # lines that says what it does.",
            });
        }

        DescriptionText.CheckLength(Description, new SourcePosition(Main.Path), Upload.Findings);
        if (Upload.Options.ExistingImage is null)
        {
            if (RequirementsFile.Find(Main, Upload) is { } listed)
                requirements.InsertRange(0, RequirementsFile.Read(listed, Main, Upload));
            imports.Check(requirements, Facts.Imports ?? []);
            requirements = Pinning.WithoutReplaced(requirements, Upload.Findings);
        }

        if (language == SourceLanguage.Shell && Facts.Imports is [var first, ..])
            Warning("imports-unused", first.Position, "`imports` has no meaning for a shell script: it imports nothing.", "Leave it out.");

        return new Definition
        {
            Name = Name(),
            DisplayName = Facts.DisplayName ?? Facts.Name ?? Path.GetFileNameWithoutExtension(Main.FileName),
            Description = WholeText.Of(Description),
            Language = language,
            MainFile = Main.Path,
            Inputs = inputPorts,
            Outputs = outputPorts,
            Requirements = requirements,
            Imports = language == SourceLanguage.Shell || Upload.Options.ExistingImage is not null ? null : Facts.Imports,
            Category = Facts.Category,
            Group = Facts.Group,
            Tags = Facts.Tags,
            Resources = Facts.Resources,
            BaseImage = Facts.BaseImage,
            License = Facts.License ?? LicenseFile.Find(Main, Upload),
        };
    }

    /// <summary>A line about what comes out may begin with an output's name; where there is one output and one line, the line is about the output.</summary>
    private void DescribeOutputs()
    {
        var names = outputs.Select(output => output.Name).Concat(FrontMatter.Ports.Where(port => !port.IsInput).Select(port => port.Variable ?? port.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var text in returned)
        {
            if (CommentText.Parameter(text) is var (name, description) && names.Contains(name))
                describedElsewhere.TryAdd(name, description);
            else if (names.Count == 1 && returned.Count == 1)
                describedElsewhere.TryAdd(names.Single(), text);
        }
    }

    private string Name()
    {
        var name = Facts.Name is { } said ? ComponentName.Slug(said) : ComponentName.FromFileName(Main.Path);
        if (!ComponentName.IsName(name))
        {
            Warning("name-not-usable", new SourcePosition(Main.Path), "No component name can be made of the file name.",
                "Publish under a name of your own, or write `# claimed: name=my-component` into the source.");
        }

        return name;
    }

    /// <summary>A name for a message.</summary>
    public static string Shown(string name) => name.Length <= MaxNameLength ? name : name[..MaxNameLength] + "…";

    private bool IsUsable(string name, string role, SourcePosition at)
    {
        if (name.Length is > 0 and <= MaxNameLength && !name.Any(c => c == '=' || char.IsControl(c) || char.IsSurrogate(c)))
            return true;
        Error("port-name-invalid", at, $"The name of this {role} cannot be an environment variable.",
            $"Use letters, digits and underscores, at most {MaxNameLength} of them.");
        return false;
    }

    private Port LogLevel() => new()
    {
        Name = "log_level",
        Type = PortTypes.String,
        Description = "update log level",
        Default = "INFO",
        Optional = true,
        Position = new SourcePosition(Main.Path),
    };
}
