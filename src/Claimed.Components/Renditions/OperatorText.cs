using System.Reflection;
using System.Text;

namespace Claimed.Components.Renditions;

/// <summary>The text of one class of operators, the same in <c>operator.py</c> and in wheels.</summary>
internal static class OperatorText
{
    private const string Mark = "\n# ----\n";

    private static readonly string[] Own = ["workspace", "component_version"];

    /// <summary>A class that runs its component by <paramref name="baseClass"/>.</summary>
    /// <param name="name">Of the class.</param>
    public static void WriteClass(StringBuilder python, OperatorClass operators, string name, string baseClass)
    {
        python.Append("# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.\n")
            .Append("class ").Append(name).Append('(').Append(baseClass).Append(", BaseOperator):\n");
        WriteDocstring(python, operators);
        python.Append("    component = ").Append(PythonText.Literal(operators.Component)).Append('\n')
            .Append("    versions = VERSIONS\n")
            .Append("    default_version = ").Append(operators.Default is { } version ? PythonText.Literal(version.Source.Version) : "None").Append("\n\n");
        WriteSignature(python, operators);
        python.Append("        super().__init__(\n            component_inputs={\n");
        WriteEntries(python, operators.Inputs);
        python.Append("            },\n            component_outputs={\n");
        WriteEntries(python, operators.Outputs);
        python.Append("            },\n");
        foreach (var own in OwnArguments(operators))
            python.Append("            ").Append(own).Append('=').Append(own).Append(",\n");
        python.Append("            **kwargs,\n        )\n");
    }

    /// <summary>A class that has no other base than <c>BaseOperator</c> and hands its task to the one in <paramref name="module"/>.</summary>
    public static void WriteDelegate(StringBuilder python, OperatorClass operators, string module)
    {
        python.Append("class ").Append(operators.Name()).Append("(BaseOperator):\n");
        WriteDocstring(python, operators);
        python.Append("    template_fields = (\"component_arguments\",)\n    template_ext = ()\n\n");
        WriteSignature(python, operators);
        python.Append("        super().__init__(**kwargs)\n        self.running = None\n        self.component_arguments = {\n");
        foreach (var name in operators.Arguments.Select(argument => argument.Name).Concat(OwnArguments(operators)))
            python.Append("            \"").Append(name).Append("\": ").Append(name).Append(",\n");
        python.Append("        }\n\n    def execute(self, context: Any) -> Any:\n")
            .Append("        from ").Append(module).Append(" import ").Append(operators.Name()).Append(" as Component\n\n")
            .Append("        self.running = Component(task_id=self.task_id, deferrable=False, **self.component_arguments)\n")
            .Append("        return self.running.execute(context)\n\n")
            .Append("    def on_kill(self) -> None:\n        if self.running is not None:\n            self.running.on_kill()\n");
    }

    /// <summary>A file of Python that comes with this program: its imports, and what follows them.</summary>
    public static (string Head, string Body) Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Claimed.Components.Renditions.Operators.{name}")
            ?? throw new InvalidOperationException($"{name} is not embedded in this assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = reader.ReadToEnd();
        var mark = text.IndexOf(Mark, StringComparison.Ordinal);
        return (text[..mark].TrimEnd('\n') + "\n", text[(mark + Mark.Length)..].TrimEnd('\n') + "\n");
    }

    private static IEnumerable<string> OwnArguments(OperatorClass operators) => operators.Major is null ? Own.Take(1) : Own;

    private static void WriteDocstring(StringBuilder python, OperatorClass operators)
    {
        python.Append("    \"\"\"").Append(PythonText.Docstring(ComponentRendition.PlainName(operators.Shown.Source))).Append("\n\n");
        foreach (var paragraph in Paragraphs(operators))
            python.Append("    ").Append(PythonText.Docstring(paragraph)).Append("\n\n");
        foreach (var argument in operators.Arguments)
            WriteParameter(python, argument.Name, argument.Description, argument.DocType);
        WriteParameter(python, "workspace", "Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already.", "str");
        if (operators.Major is not null)
            WriteParameter(python, "component_version", VersionsText(operators), "str");
        python.Append("    \"\"\"\n\n");
    }

    private static IEnumerable<string> Paragraphs(OperatorClass operators)
    {
        if (ClientInterface.OneLine(operators.Shown.Definition.Description) is { Length: > 0 } description)
            yield return description;
        if (operators.Shown.Deprecated)
            yield return $"Deprecated{(ClientInterface.OneLine(operators.Shown.Successor) is { Length: > 0 } successor ? $": use {successor}" : "")}.";
        var outputs = operators.Shown.Definition.Outputs.Select(port => ClientInterface.OneLine(port.Name)).ToList();
        if (outputs.Count == 1)
            yield return $"Its XCom is the output {outputs[0]}: a value as text, a file by its path.";
        else if (outputs.Count > 1)
            yield return $"Its XCom is the dictionary of the outputs {string.Join(", ", outputs)}, each of which is an XCom of its name, too: a value as text, a file by its path.";
    }

    private static string VersionsText(OperatorClass operators)
    {
        var yanked = operators.Versions.Where(version => version.Yanked).Select(version => version.Source.Version).ToList();
        return $"Runs this version whatever a later package brings: {string.Join(", ", operators.Versions.Select(version => version.Source.Version))}. "
            + (operators.Default is { } chosen ? $"Else {chosen.Source.Version}." : "Needed, because all are yanked.")
            + (yanked.Count > 0 && operators.Default is not null ? $" Yanked: {string.Join(", ", yanked)}." : "");
    }

    private static void WriteParameter(StringBuilder python, string name, string description, string type) =>
        python.Append("    :param ").Append(name).Append((": " + PythonText.Docstring(description)).TrimEnd()).Append('\n').Append("    :type ").Append(name).Append(": ").Append(type).Append('\n');

    private static void WriteSignature(StringBuilder python, OperatorClass operators)
    {
        python.Append("    def __init__(\n        self,\n        *,\n");
        foreach (var argument in operators.Arguments.OrderBy(argument => argument.Default is not null))
        {
            python.Append("        ").Append(argument.Name).Append(": ").Append(argument.Annotation);
            if (argument.Default is not null)
                python.Append(" = ").Append(argument.Default);
            python.Append(",\n");
        }
        foreach (var own in OwnArguments(operators))
            python.Append("        ").Append(own).Append(": Optional[str] = None,\n");
        python.Append("        **kwargs: Any,\n    ) -> None:\n");
    }

    private static void WriteEntries(StringBuilder python, IReadOnlyList<OperatorArgument> arguments)
    {
        foreach (var argument in arguments)
            python.Append("                ").Append(PythonText.Literal(argument.Port.Name)).Append(": ").Append(argument.Name).Append(",\n");
    }
}
