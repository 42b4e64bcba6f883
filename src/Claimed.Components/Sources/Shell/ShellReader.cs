namespace Claimed.Components.Sources.Shell;

/// <summary>Reads a CLAIMED shell script: <c>${x:-d}</c> and <c>${x:?message}</c> in, <c># @output name text</c> out.</summary>
internal sealed class ShellReader
{
    private readonly CodeText source;
    private readonly ShellScript script;
    private readonly ComponentDraft draft;

    private ShellReader(CodeText source, ComponentDraft draft)
    {
        this.source = source;
        this.draft = draft;
        script = ShellScript.Read(source);
    }

    public static Definition? Read(SourceFile main, Upload upload)
    {
        if (SourceEncoding.Text(main, markBreaks: true, upload.Findings) is not { } text)
            return null;
        var reader = new ShellReader(new CodeText(main.Path, text), new ComponentDraft(main, SourceLanguage.Shell, upload));
        return reader.Read();
    }

    private Definition? Read()
    {
        ReportProblems();
        if (!script.HasCode)
        {
            draft.Error("source-empty", new SourcePosition(source.File), "The script contains no code.",
                "Send the script that does the work.");
            return null;
        }

        (draft.Description, var described) = LeadingComments.Read(script.Comments, script.FirstCodeLine);
        var comments = new SourceComments(source, script.Comments, draft, described);
        ReadInputs(comments);
        ReadOutputs();
        draft.Touched.UnionWith(script.Assigned);
        draft.Touched.UnionWith(script.Uses.Keys);
        ReportUnset();
        return draft.Build();
    }

    private void ReportProblems()
    {
        foreach (var problem in script.Problems)
            draft.Error("source-syntax", source.At(problem.Start), problem.Message, problem.Fix);
        var carriage = source.Text.IndexOf("\r\n", StringComparison.Ordinal);
        if (carriage >= 0)
        {
            draft.Error("carriage-return", source.At(carriage), "The line ends as Windows ends lines; a shell takes the carriage return for a part of its last word.",
                "Save the file with line ends of Unix (LF).");
        }
    }

    private void ReadInputs(SourceComments comments)
    {
        var needed = script.Reads.Where(read => read.Insists).Select(read => read.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var read in script.Reads.Where(read => !ShellVariables.Contains(read.Name)))
        {
            var line = source.LineAt(read.Start);
            var at = source.At(read.Start);
            if (read.Kind == DefaultKind.Computed && !ProcessVariables.IsRead(read.Name))
            {
                draft.Warning("default-not-literal", at, $"The default of {read.Name} is an expression that only the source can evaluate, so clients show none.",
                    "Write a literal text.");
            }

            // `${x:?}` ends the script, whatever stands for x elsewhere.
            var (kind, value) = needed.Contains(read.Name) ? (DefaultKind.Absent, null) : (read.Kind, read.Default);
            draft.Read(new EnvironmentRead(read.Name, read.Type, kind, value, comments.Above(line) ?? comments.Behind(line) ?? read.Message, at));
        }
    }

    private void ReadOutputs()
    {
        foreach (var comment in script.Comments.Where(comment => comment.Text.StartsWith("@output ", StringComparison.Ordinal)))
        {
            var words = comment.Text.Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length < 2)
                continue;
            var (name, at) = (words[1].TrimEnd(':'), source.At(comment.Start));
            draft.Write(new EnvironmentWrite(name, words.Length > 2 ? words[2] : null, at));
            if (!script.IsOpen && !script.Assigned.Contains(name) && script.Reads.TrueForAll(read => read.Name != name))
            {
                draft.Warning("port-not-used", at, $"The source never assigns the variable {ComponentDraft.Shown(name)}.",
                    "Assign the value of the output to it, such as `rows=5`.");
            }
        }
    }

    /// <summary>A plain <c>$x</c> of what nobody sets: under its name nothing can come in.</summary>
    private void ReportUnset()
    {
        if (script.IsOpen)
            return;
        var known = script.Reads.Select(read => read.Name).Concat(script.Assigned)
            .Concat(draft.FrontMatter.Ports.SelectMany(port => new[] { port.Name, port.Variable ?? port.Name })).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, start) in script.Uses)
        {
            if (known.Contains(name) || ShellVariables.Contains(name) || ProcessVariables.IsSet(name))
                continue;
            draft.Warning("variable-not-set", source.At(start), $"The variable {ComponentDraft.Shown(name)} is used, but nothing sets it: no input comes of it.",
                $"Write ${{{ComponentDraft.Shown(name)}:?what it is}} where it is needed, or ${{{ComponentDraft.Shown(name)}:-default}} where it may be left out.");
        }
    }
}
