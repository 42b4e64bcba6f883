namespace Claimed.Components.Sources.Shell;

/// <summary>Reads a CLAIMED shell script: <c>${x:-d}</c> and <c>${x:?message}</c> in, <c># @output name text</c> out.</summary>
internal static class ShellReader
{
    public static Definition? Read(SourceFile main, Upload upload)
    {
        if (SourceEncoding.Text(main, markBreaks: true, upload.Findings) is not { } text)
            return null;
        var source = new CodeText(main.Path, text);
        var script = ShellScript.Read(source);
        var draft = new ComponentDraft(main, SourceLanguage.Shell, upload);
        if (!script.HasCode)
        {
            draft.Error("source-empty", new SourcePosition(main.Path), "The script contains no code.",
                "Send the script that does the work.");
            return null;
        }

        draft.Description = script.Comments is [var first, ..] && first.Line <= script.FirstCodeLine ? LeadingComments.Read(script.Comments) : "";
        var comments = new SourceComments(source, script.Comments, draft);
        foreach (var read in script.Reads)
        {
            var line = source.LineAt(read.Start);
            draft.Read(new EnvironmentRead(read.Name, read.Type, read.Kind, read.Default,
                comments.Above(line) ?? comments.Behind(line) ?? read.Message, source.At(read.Start)));
        }

        foreach (var comment in script.Comments.Where(comment => comment.Text.StartsWith("@output ", StringComparison.Ordinal)))
        {
            var words = comment.Text.Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length > 1)
                draft.Write(new EnvironmentWrite(words[1].TrimEnd(':'), words.Length > 2 ? words[2] : null, source.At(comment.Start)));
        }

        return draft.Build();
    }
}
