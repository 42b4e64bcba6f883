namespace Claimed.Components.Sources.Python;

/// <summary>Reads a CLAIMED script: environment variables in, environment variables out.</summary>
internal static class PythonReader
{
    public static Definition? Read(SourceFile main, Upload upload)
    {
        if (SourceEncoding.Text(main, markBreaks: false, upload.Findings) is not { } text)
            return null;
        var source = new CodeText(main.Path, text);
        var tokens = PythonTokenizer.Read(source, PythonDialect.Script);
        var draft = new ComponentDraft(main, SourceLanguage.Python, upload) { HasLogLevel = true };
        ReportProblems(tokens, draft);
        if (tokens.Code.Count == 0)
        {
            draft.Error("source-empty", new SourcePosition(main.Path), "The script contains no code.",
                "Send the script that does the work.");
            return null;
        }

        draft.Description = PythonDocstring.Read(tokens);
        var names = new PythonNames();
        names.Learn(tokens);
        ReportImports(tokens, draft);
        PythonInterface.Read(tokens, names, new SourceComments(tokens.Source, tokens.Comments, draft), draft);
        return draft.Build();
    }

    public static void ReportImports(PythonTokens tokens, ComponentDraft draft)
    {
        foreach (var (module, token) in PythonImports.Read(tokens))
            draft.Imports.Add(module, tokens.At(token));
    }

    public static void ReportProblems(PythonTokens tokens, ComponentDraft draft)
    {
        foreach (var problem in tokens.Problems)
            draft.Error("source-syntax", tokens.Source.At(problem.Start), problem.Message, problem.Fix);
    }
}
