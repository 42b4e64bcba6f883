using System.Text.Json;
using Claimed.Components.Sources.Python;

namespace Claimed.Components.Sources.R;

/// <summary>Reads a CLAIMED script in R: <c>Sys.getenv("x", "d")</c> in, <c>Sys.setenv(x = …)</c> out.</summary>
internal sealed class RReader
{
    private readonly PythonTokens tokens;
    private readonly SourceComments comments;
    private readonly ComponentDraft draft;
    private readonly RInstall packages;

    private RReader(PythonTokens tokens, ComponentDraft draft, int described)
    {
        this.tokens = tokens;
        this.draft = draft;
        comments = new SourceComments(tokens.Source, tokens.Comments, draft, described);
        packages = new RInstall(tokens, draft);
    }

    public static Definition? Read(SourceFile main, Upload upload)
    {
        if (SourceEncoding.Text(main, markBreaks: true, upload.Findings) is not { } text)
            return null;
        var tokens = PythonTokenizer.Read(new CodeText(main.Path, text), PythonDialect.R);
        var draft = new ComponentDraft(main, SourceLanguage.R, upload);
        PythonReader.ReportProblems(tokens, draft);
        if (tokens.Code.Count == 0)
        {
            draft.Error("source-empty", new SourcePosition(main.Path), "The script contains no code.",
                "Send the script that does the work.");
            return null;
        }

        (draft.Description, var described) = LeadingComments.Read(tokens.Comments, tokens.Code[0].Line);
        Read(tokens, draft, described);
        return draft.Build();
    }

    /// <summary>Reads one cell of a notebook.</summary>
    public static void Read(CodeText cell, ComponentDraft draft)
    {
        var tokens = PythonTokenizer.Read(cell, PythonDialect.R);
        PythonReader.ReportProblems(tokens, draft);
        Read(tokens, draft);
    }

    private static void Read(PythonTokens tokens, ComponentDraft draft, int described = 0)
    {
        var reader = new RReader(tokens, draft, described);
        for (var i = 0; i < tokens.Code.Count; i++)
        {
            reader.Look(i);
            reader.packages.Look(i);
        }
    }

    private void Look(int index)
    {
        if (!tokens.IsName(index, "Sys") || !tokens.IsOperator(index + 1, "."))
            return;
        var open = index + 3;
        var isCall = tokens.IsOperator(open, "(") && tokens.Partners[open] > open;
        if (tokens.IsName(index + 2, "getenv"))
        {
            if (isCall)
                Getenv(index, open);
            else if (!tokens.IsOperator(open, "("))
                NameUnknown(index);
        }
        else if (tokens.IsName(index + 2, "setenv"))
        {
            if (isCall)
                Setenv(index, open);
            else if (tokens.IsOperator(index - 1, "("))
                CalledSetenv(index, open);
        }
    }

    private void NameUnknown(int index) => draft.Warning("input-name-computed", tokens.At(index), "The name of this environment variable is computed, so it is no input.",
        "Read it under a literal name, such as Sys.getenv(\"path\"), for each input.");

    private void Getenv(int index, int open)
    {
        var close = tokens.Partners[open];
        var arguments = RArguments.Split(tokens, open);
        if (arguments.Count == 0)
        {
            OfAll(index, close);
            return;
        }

        var name = arguments.FirstOrDefault(argument => argument.Name is null or "x");
        var variables = Variables(name.Range);
        if (variables.Count == 0)
        {
            NameUnknown(index);
            return;
        }

        var first = tokens.IsOperator(index - 1, ":") && tokens.IsName(index - 3, "base") ? index - 3 : index;
        var around = RConversion.Around(tokens, first, close);
        var unset = arguments.Where(argument => argument.Name is null or "unset" && argument != name).Take(1).ToList();
        var (kind, value) = unset.Count == 0 ? (DefaultKind.Absent, null) : Default(unset[0].Range, variables[0]);
        if (kind == DefaultKind.Absent && around.AsksWhether)
            kind = DefaultKind.Nothing;
        var (type, text) = (around.Type, value?.AsText());
        if (type == PortTypes.JsonObject && text is not null && DefaultText.JsonKind(text) == JsonValueKind.Array)
            type = PortTypes.JsonArray;
        if (type == PortTypes.Boolean && text is "T" or "F")
            text = text == "T" ? "True" : "False";
        if (around.IsCompared && !DefaultText.MayBe(PortTypes.Boolean, text))
            type = null;
        foreach (var variable in variables)
            draft.Read(new EnvironmentRead(variable, type, kind, text, Description(index, close), tokens.At(index)));
    }

    /// <summary><c>Sys.getenv()["x"]</c>, <c>Sys.getenv()[["x"]]</c>: without arguments it returns all variables.</summary>
    private void OfAll(int index, int close)
    {
        var key = tokens.IsOperator(close + 2, "[") ? close + 3 : close + 2;
        if (tokens.IsOperator(close + 1, "[") && tokens.Is(key, PythonTokenKind.String) && tokens.IsOperator(key + 1, "]") && RLiteral.Text(tokens.Text(key)) is { } variable)
            draft.Read(new EnvironmentRead(variable, null, DefaultKind.Absent, null, Description(index, key), tokens.At(index)));
    }

    /// <summary>One literal name, or those of <c>c("a", "b")</c>; none when they are computed.</summary>
    private List<string> Variables(PythonRange range)
    {
        if (range.Length > 0 && RLiteral.Read(tokens, range) is PythonValue.Text { Value: var variable })
            return [variable];
        if (range.Length < 4 || !tokens.IsName(range.Start, "c") || !tokens.IsOperator(range.Start + 1, "(") || tokens.Partners[range.Start + 1] != range.End - 1)
            return [];
        var parts = RArguments.Split(tokens, range.Start + 1).ConvertAll(argument => RLiteral.Read(tokens, argument.Range));
        return parts.TrueForAll(part => part is PythonValue.Text) ? parts.ConvertAll(part => part!.AsText()!) : [];
    }

    private (DefaultKind, PythonValue?) Default(PythonRange range, string name)
    {
        switch (RLiteral.Read(tokens, range))
        {
            case PythonValue.Nothing:
                return (DefaultKind.Nothing, null);
            case { } value:
                return (DefaultKind.Literal, value);
            default:
                draft.Warning("default-not-literal", tokens.At(range.Start),
                    $"The default of {name} is an expression that only the source can evaluate, so clients show none.",
                    "Write a literal: text, number, TRUE, FALSE, NA, or arithmetic of numbers.");
                return (DefaultKind.Computed, null);
        }
    }

    private void Setenv(int index, int open)
    {
        foreach (var argument in RArguments.Split(tokens, open).Where(argument => argument.Name is not null))
        {
            draft.Write(new EnvironmentWrite(
                argument.Name!, Description(argument.Start, argument.Range.End - 1) ?? Description(index, tokens.Partners[open]), tokens.At(argument.Start)));
        }
    }

    /// <summary><c>do.call(Sys.setenv, list(x = 1))</c>.</summary>
    private void CalledSetenv(int index, int comma)
    {
        if (tokens.IsOperator(comma, ",") && tokens.IsName(comma + 1, "list") && tokens.IsOperator(comma + 2, "(") && tokens.Partners[comma + 2] > 0)
        {
            Setenv(index, comma + 2);
            return;
        }

        draft.Suggestion("output-name-computed", tokens.At(index), "The name of this environment variable is computed, so it is no output.",
            "Set it under a literal name, such as Sys.setenv(result = x), for each output.");
    }

    private string? Description(int first, int last) =>
        comments.Above(tokens.Code[first].Line) ?? comments.Behind(tokens.Code[last].Line) ?? comments.Behind(tokens.Code[first].Line);
}
