using Claimed.Components.Sources.Python;
using Claimed.Components.Sources.R;
using Claimed.Components.Sources.Shell;

namespace Claimed.Components.Sources.Notebooks;

/// <summary>Reads a CLAIMED notebook (format 4 or 3) with cells in Python or R.</summary>
internal static class NotebookReader
{
    private static readonly string[] PythonKernels = ["", "python", "python2", "python3", "ipython", "pyspark", "xpython", "pysparkkernel"];
    private static readonly string[] RKernels = ["r", "ir", "xr"];

    public static Definition? Read(SourceFile main, Upload upload)
    {
        if (SourceEncoding.Check(main, markBreaks: true, upload.Findings) is not { } content
            || NotebookFile.Read(main, content, upload.Findings) is not { } notebook
            || !IsSupported(notebook, main, upload))
        {
            return null;
        }

        var isR = RKernels.Contains(notebook.Language);
        var draft = new ComponentDraft(main, isR ? SourceLanguage.R : SourceLanguage.Notebook, upload) { HasLogLevel = !isR };
        if (notebook.Claimed is var (json, at))
            new NotebookMetadata(draft, at).Read(json);
        draft.Description = Description(notebook.Cells);
        var names = new PythonNames();
        var hasCode = false;
        foreach (var cell in notebook.Cells.Where(cell => cell.Source.Text.AsSpan().Trim().Length > 0))
        {
            if (cell.Kind == "code")
            {
                if (isR)
                    RReader.Read(cell.Source, draft);
                else
                    ReadCode(cell, names, draft, isFirst: !hasCode);
                hasCode = true;
            }

            CredentialScan.Check(cell.Source, upload);
        }

        if (hasCode)
            return draft.Build();
        draft.Error("source-empty", new SourcePosition(main.Path), "The notebook contains no code.",
            "Send the notebook that does the work.");
        return null;
    }

    private static bool IsSupported(NotebookFile notebook, SourceFile main, Upload upload)
    {
        var whole = new SourcePosition(main.Path);
        if (notebook.Format is not (0 or 3 or 4))
        {
            upload.Findings.Add(Finding.Error("notebook-format-unknown", whole, "The notebook has a format other than 3 or 4.",
                "Open and save the notebook in a current Jupyter."));
            return false;
        }

        if (PythonKernels.Contains(notebook.Language))
            return true;
        if (!RKernels.Contains(notebook.Language))
        {
            upload.Findings.Add(Finding.Error("notebook-language-not-supported", whole, "The notebook's kernel runs another language than Python and R.",
                "Export the notebook as a script and publish that."));
            return false;
        }

        if (upload.Options.ExistingImage is null)
            return true;
        upload.Findings.Add(Finding.Error("notebook-language-not-supported", whole, "No image that exists runs a notebook in R: only one that is built here can.",
            "Leave the field `image` out, or publish the notebook as a script."));
        return false;
    }

    private static string Description(IEnumerable<NotebookCell> cells) => string.Join("\n\n", cells
        .TakeWhile(cell => cell.Kind != "code" || cell.Source.Text.AsSpan().Trim().Length == 0)
        .Where(cell => cell.Kind is "markdown" or "heading")
        .Select(cell => cell.Source.Text.ReplaceLineEndings("\n").Trim())
        .Where(text => text.Length > 0));

    private static void ReadCode(NotebookCell cell, PythonNames names, ComponentDraft draft, bool isFirst)
    {
        switch (CellMagic.Language(cell.Source.Text))
        {
            case CellLanguage.Shell:
                foreach (var (line, offset) in ShellLines(cell.Source))
                    draft.Install(line, cell.Source.At(offset), isConditional: cell.Source.Text[offset] is ' ' or '\t');
                break;
            case CellLanguage.Python:
                var tokens = PythonTokenizer.Read(cell.Source, PythonDialect.Notebook);
                PythonReader.ReportProblems(tokens, draft);
                for (var i = 0; i < tokens.Code.Count; i++)
                {
                    if (tokens.Is(i, PythonTokenKind.Magic))
                        ReadMagic(tokens, i, draft);
                }

                names.Learn(tokens);
                PythonReader.ReportImports(tokens, draft);
                if (draft.Description.Length == 0 && isFirst)
                    draft.Description = PythonDocstring.Read(tokens);
                PythonInterface.Read(tokens, names, new SourceComments(tokens.Source, tokens.Comments, draft), draft);
                break;
            case CellLanguage.Other when CellMagic.WrittenFile(cell.Source.Text) is { } path:
                draft.Imports.Writes(path);
                break;
        }
    }

    /// <summary><c>!pip install x</c>; <c>%env x=1</c>, which sets a variable for the notebook itself.</summary>
    private static void ReadMagic(PythonTokens tokens, int index, ComponentDraft draft)
    {
        var line = WithoutContinuation(tokens.Text(index).TrimStart("%! ").ToString());
        draft.Install(line, tokens.At(index), isConditional: tokens.Source.ColumnAt(tokens.Code[index].Start) > 1);
        var words = line.Split([' ', '='], 3, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 3 && words[0] is "env" or "set_env" && tokens.Text(index)[0] == '%')
            draft.Own(words[1]);
    }

    /// <summary>The lines of a shell cell that are commands, continued ones as one, with the offset where each begins.</summary>
    private static IEnumerable<(string Line, int Offset)> ShellLines(CodeText source)
    {
        var text = source.Text;
        var documents = new Queue<(int Start, int End)>(ShellScript.Read(source).Documents);
        for (var start = 0; start < text.Length;)
        {
            while (documents.TryPeek(out var document) && document.End <= start)
                documents.Dequeue();
            // The text of a here-document is data.
            if (documents.TryPeek(out var here) && here.Start <= start)
            {
                start = here.End;
                continue;
            }

            var end = start;
            while (end < text.Length && (text[end] != '\n' || (end > start && text[end - 1] == '\\')))
                end++;
            yield return (WithoutContinuation(text[start..end]), start);
            start = end + 1;
        }
    }

    private static string WithoutContinuation(string line) =>
        line.Replace("\\\r\n", " ", StringComparison.Ordinal).Replace("\\\n", " ", StringComparison.Ordinal).Trim();
}
