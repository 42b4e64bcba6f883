using Claimed.Components.Renditions;

namespace Claimed.Components.Tests.Renditions;

/// <summary>Definitions and sources that several tests read.</summary>
internal static class Samples
{
    public const string Image = "registry.example.org/acme/filter-csv@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    /// <summary>Texts that break careless writers of YAML, Python, shell and Dockerfiles.</summary>
    public static readonly string[] HostileTexts =
    [
        "on", "no", "Y", "null", "~", "1e3", "0x1F", "1_000", "2024-01-01", "-", "?", ":", "- a", "a: b", "a #b", "# c", "{a}", "[a", "]", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a`",
        "it's", "say \"x\"", "\"\"\"", "\"\"\"\"", "'''", "ends with \"", "ends with \\", "C:\\new\\table", "\\\"", "\\u0041", "${0}", "$(id)", "`id`", "{{ ds }}", "{% raw %}", "{{$.inputs}}",
        " leads", "trails ", "two\nlines", "two\r\nlines", "tab\tin", "\ttab", "three\n\nlines\n", "\nleads", "ends\n\n", "a\n  b\n c", "  a\nb", "\u0001", "\u0085", "\u2028x", "\uFEFFx", "größe 漢字 🚀", "%s {x}", "--", "...",
        "two\nlines\n\n", "say \"x\"\n\"\"\"\\", "\u0001\"\"\"\"", "a\r\n\"b\" \\n", "if true; then\n  echo \"\"\"a\\n\"\"\"\nfi\n",
        "not optional", "required", "a..b", ":param x: y", "EOF", "a,b", "x\nUSER root", "=", "<<", "\u007F", "\uFFFE", "🏳️‍🌈",
    ];

    /// <summary>True for a text that leaves its line: clients that repeat it in a comment or cell break.</summary>
    public static bool LeavesItsLine(string text) => text.Any(c => (char.IsControl(c) && c != '\t') || c is '\u2028' or '\uFEFF' or '\uFFFE');

    public static readonly Definition FilterCsv = new()
    {
        Name = "filter-csv",
        DisplayName = "Filter CSV",
        Description = "Keeps the rows of a CSV file\nthat satisfy an expression.",
        Language = SourceLanguage.Python,
        MainFile = "filter_csv.py",
        Category = "Transform",
        Inputs =
        [
            new Port { Name = "log_level", Type = "String", Default = "INFO", Optional = true, Description = "update log level" },
            new Port { Name = "data_csv", Type = "Dataset", Passing = PortPassing.File, Description = "table to filter" },
            new Port { Name = "expression", Type = "String", Description = "pandas query" },
            new Port { Name = "limit", Type = "Integer", Optional = true, Description = "most rows to keep" },
            new Port { Name = "ratio", Type = "Float", Default = "0.5" },
            new Port { Name = "strict", Type = "Boolean", Default = "false" },
            new Port { Name = "options", Type = "JsonObject", Default = "{\"sep\": \",\"}" },
            new Port { Name = "api_key", Type = "String", Secret = true },
        ],
        Outputs =
        [
            new Port { Name = "rows", Type = "Integer", Description = "rows kept" },
            new Port { Name = "table", Type = "Dataset", Passing = PortPassing.File, Variable = "output_table" },
        ],
    };

    /// <summary>A source whose image was made elsewhere; its program reads the environment.</summary>
    public static readonly Definition SourceInImage = new()
    {
        Name = "show",
        DisplayName = "Show",
        Language = SourceLanguage.Shell,
        MainFile = "show.sh",
        Inputs = [new Port { Name = "api_key", Type = "String", Secret = true }, new Port { Name = "rows", Type = "Integer", Default = "3" }],
        Container = new(Image,
            [new CommandPart.Text("sh"), new CommandPart.Text("-ec"), new CommandPart.Text("echo ${0:+api_key=\"${0}\"} rows=\"${1}\" variable=\"$api_key\""), new CommandPart.InputValue("api_key"), new CommandPart.InputValue("rows")],
            [], new Dictionary<string, string>()),
    };

    public static readonly Definition Trainer = new()
    {
        Name = "train",
        DisplayName = "Train model",
        Language = SourceLanguage.Container,
        MainFile = "component.yaml",
        Inputs =
        [
            new Port { Name = "Learning rate", Type = "Float", Default = "0.10" },
            new Port { Name = "Bucket", Type = "GCSPath" },
            new Port { Name = "Training data", Type = "CSV", Passing = PortPassing.File },
            new Port { Name = "Label", Type = "String", Optional = true },
        ],
        Outputs = [new Port { Name = "Model", Type = "Model", Passing = PortPassing.File }],
        Container = new ContainerTemplate(
            "example.org/train:1",
            [new CommandPart.Text("sh"), new CommandPart.Text("-c"), new CommandPart.Text("echo \"$0\"\nexec python train.py \"$@\"\n")],
            [
                new CommandPart.Text("--rate"), new CommandPart.InputValue("Learning rate"),
                new CommandPart.Concat([new CommandPart.Text("gs://"), new CommandPart.InputValue("Bucket")]),
                new CommandPart.InputPath("Training data"),
                new CommandPart.If("Label", null, [new CommandPart.Text("--label"), new CommandPart.InputValue("Label")], []),
                new CommandPart.OutputPath("Model"),
            ],
            new Dictionary<string, string> { ["MODE"] = "on" }),
    };

    public static RenditionSource Source(Definition definition) => new(
        definition, "acme", definition.Name, "1.2.0", Image, "sha256:" + new string('b', 64),
        $"https://registry.example.org/api/v1/components/acme/{definition.Name}/versions/1.2.0");

    public static Definition WithHostileText(string text) => FilterCsv with
    {
        DisplayName = text,
        Description = text,
        Category = text,
        Annotations = new Dictionary<string, string> { ["note"] = text },
        Inputs =
        [
            new Port { Name = "url", Type = "String", Default = text, Description = text },
            new Port { Name = "needed", Type = "String", Description = text },
            new Port { Name = "flag", Type = text, Passing = PortPassing.File, Optional = true, Description = text },
        ],
        Outputs = [new Port { Name = "table", Type = "Dataset", Passing = PortPassing.File, Description = text }],
    };

    public static Definition WithHostileCommand(string text) => Trainer with
    {
        DisplayName = text,
        Description = text,
        Inputs = [new Port { Name = text, Type = "String", Default = text }],
        Outputs = [new Port { Name = "Model", Type = "Model", Passing = PortPassing.File }],
        Container = new ContainerTemplate(
            "example.org/train:1",
            [new CommandPart.Text("sh"), new CommandPart.Text(text)],
            [new CommandPart.InputValue(text), new CommandPart.Concat([new CommandPart.Text(text), new CommandPart.InputValue(text)]), new CommandPart.OutputPath("Model")],
            new Dictionary<string, string> { [text] = text }),
    };
}
