using System.Text.Json;
using Claimed.Components.Sources.Python;

namespace Claimed.Components.Sources.R;

/// <summary>Reads a CLAIMED script in R: <c>Sys.getenv("x", "d")</c> in, <c>Sys.setenv(x = …)</c> out.</summary>
internal sealed class RReader
{
    private readonly PythonTokens tokens;
    private readonly SourceComments comments;
    private readonly ComponentDraft draft;

    private RReader(PythonTokens tokens, ComponentDraft draft, int described)
    {
        this.tokens = tokens;
        this.draft = draft;
        comments = new SourceComments(tokens.Source, tokens.Comments, draft, described);
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
            reader.Look(i);
    }

    private void Look(int index)
    {
        var open = index + 3;
        if (tokens.IsName(index, "Sys") && tokens.IsOperator(index + 1, ".") && tokens.IsOperator(open, "(") && tokens.Partners[open] > open)
        {
            if (tokens.IsName(index + 2, "getenv"))
                Getenv(index, open);
            else if (tokens.IsName(index + 2, "setenv"))
                Setenv(index, open);
        }
        else if (tokens.IsName(index, "install") && tokens.IsOperator(index + 1, ".") && tokens.IsName(index + 2, "packages")
            && tokens.IsOperator(open, "(") && tokens.Partners[open] > open)
        {
            Install(index, open);
        }
        else if ((tokens.IsName(index, "library") || tokens.IsName(index, "require")) && !IsTested(index) && tokens.IsOperator(index + 1, "(") && tokens.Partners[index + 1] > 0)
        {
            Library(index, index + 1);
        }
    }

    /// <summary><c>if (!require(x))</c>: the script copes without it.</summary>
    private bool IsTested(int index) =>
        (tokens.IsOperator(index - 1, "!") || tokens.IsOperator(index - 1, "(")) && (tokens.IsName(index - 2, "if") || tokens.IsName(index - 3, "if"));

    private void Library(int index, int open)
    {
        var arguments = RArguments.Split(tokens, open);
        var package = arguments.FirstOrDefault(argument => argument.Name is null or "package");
        // With character.only the name stands in a variable.
        if (package.Range.Length == 0 || arguments.Exists(argument => argument.Name == "character.only"))
            return;
        var name = RLiteral.Read(tokens, package.Range) is PythonValue.Text { Value: var quoted } ? quoted : tokens.Source.Text[tokens.Code[package.Range.Start].Start..tokens.Code[package.Range.End - 1].End];
        if (Requirements.PackageGrammar.Accepts(PackageManager.Cran, name))
            draft.Imports.Add(name, tokens.At(index));
    }

    private void Getenv(int index, int open)
    {
        var arguments = RArguments.Split(tokens, open);
        var name = arguments.FirstOrDefault(argument => argument.Name is null or "x");
        // Without arguments it returns all variables.
        if (arguments.Count == 0)
            return;
        var variables = Variables(name.Range);
        if (variables.Count == 0)
        {
            draft.Warning("input-name-computed", tokens.At(index), "The name of this environment variable is computed, so it is no input.",
                "Read it under a literal name, such as Sys.getenv(\"path\"), for each input.");
            return;
        }

        var close = tokens.Partners[open];
        var unset = arguments.Where(argument => argument.Name is null or "unset" && argument != name).Take(1).ToList();
        var (kind, value) = unset.Count == 0 ? (DefaultKind.Absent, null) : Default(unset[0].Range, variables[0]);
        if (kind == DefaultKind.Absent && IsPresenceTest(index))
            kind = DefaultKind.Nothing;
        var type = IsComparedWithTruth(close + 1) ? PortTypes.Boolean : Conversion(index) ?? PipedInto(close + 1);
        var text = value?.AsText();
        if (type == PortTypes.JsonObject && text is not null && DefaultText.JsonKind(text) == JsonValueKind.Array)
            type = PortTypes.JsonArray;
        if (type == PortTypes.Boolean && text is "T" or "F")
            text = text == "T" ? "True" : "False";
        foreach (var variable in variables)
            draft.Read(new EnvironmentRead(variable, type, kind, text, Description(index, close), tokens.At(index)));
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

    /// <summary><c>nzchar(Sys.getenv("x"))</c> asks whether there is one.</summary>
    private bool IsPresenceTest(int index) => tokens.IsOperator(index - 1, "(") && tokens.IsName(index - 2, "nzchar");

    /// <summary><c>== "TRUE"</c>, <c>%in% c("true", "1")</c>.</summary>
    private bool IsComparedWithTruth(int index)
    {
        // In toupper(Sys.getenv("x")) == "TRUE" the comparison stands behind the outer call.
        if (tokens.IsOperator(index, ")") && tokens.Text(tokens.Partners[index] - 1) is "toupper" or "tolower")
            index++;
        if (tokens.IsOperator(index, "%") && tokens.IsName(index + 1, "in") && tokens.IsOperator(index + 2, "%") && tokens.IsName(index + 3, "c"))
            index += 3;
        else if (!tokens.IsOperator(index, "==") && !tokens.IsOperator(index, "!="))
            return false;
        var word = tokens.IsOperator(index + 1, "(") ? index + 2 : index + 1;
        return tokens.Is(word, PythonTokenKind.String) && tokens.Text(word).Length < 12
            && RLiteral.Text(tokens.Text(word))?.ToLowerInvariant() is "true" or "false" or "yes" or "no" or "on" or "off" or "1" or "0" or "t" or "f";
    }

    /// <summary>The type of <c>|> as.integer()</c> behind the read.</summary>
    private string? PipedInto(int index)
    {
        var isPipe = tokens.IsOperator(index, "|") && tokens.IsOperator(index + 1, ">");
        return isPipe && tokens.IsName(index + 2, "as") && tokens.IsOperator(index + 3, ".") ? TypeOf(tokens.Text(index + 4)) : null;
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

    /// <summary>The type of the call that has the read as its first argument.</summary>
    private string? Conversion(int index)
    {
        if (!tokens.IsOperator(index - 1, "("))
            return null;
        var last = tokens.Text(index - 2);
        if (last is "fromJSON" or "parse_json")
            return PortTypes.JsonObject;
        if (last is "strtoi")
            return PortTypes.Integer;
        return tokens.IsOperator(index - 3, ".") && tokens.IsName(index - 4, "as") ? TypeOf(last) : null;
    }

    private static string? TypeOf(ReadOnlySpan<char> conversion) => conversion switch
    {
        "integer" => PortTypes.Integer,
        "numeric" or "double" => PortTypes.Float,
        "logical" => PortTypes.Boolean,
        _ => null,
    };

    private void Setenv(int index, int open)
    {
        foreach (var argument in RArguments.Split(tokens, open).Where(argument => argument.Name is not null))
        {
            draft.Write(new EnvironmentWrite(
                argument.Name!, Description(argument.Start, argument.Range.End - 1) ?? Description(index, tokens.Partners[open]), tokens.At(argument.Start)));
        }
    }

    /// <summary>The packages of <c>install.packages("a")</c> or <c>install.packages(c("a", "b"))</c>.</summary>
    private void Install(int index, int open)
    {
        if (draft.Upload.Options.ExistingImage is not null || RArguments.Split(tokens, open) is not [var first, ..])
            return;
        var packages = new List<string>();
        for (var i = first.Range.Start; i < first.Range.End; i++)
        {
            if (tokens.Is(i, PythonTokenKind.String) && RLiteral.Text(tokens.Text(i)) is { } package && Requirements.PackageGrammar.Accepts(PackageManager.Cran, package))
            {
                packages.Add(package);
            }
            else if (tokens.Is(i, PythonTokenKind.String) || (tokens.Is(i, PythonTokenKind.Name) && !tokens.IsName(i, "c")))
            {
                draft.Error("requirement-refused", tokens.At(index),
                    "The line installs with cran and contains a part that is no package name.",
                    "Write the names as literals: install.packages(c(\"dplyr\", \"readr\")).");
                return;
            }
        }

        if (packages.Count > 0)
            draft.Require(new Requirement(PackageManager.Cran, packages, [], tokens.At(index)));
    }

    private string? Description(int first, int last) =>
        comments.Above(tokens.Code[first].Line) ?? comments.Behind(tokens.Code[last].Line) ?? comments.Behind(tokens.Code[first].Line);
}
