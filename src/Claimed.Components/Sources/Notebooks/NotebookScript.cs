using System.Text;

namespace Claimed.Components.Sources.Notebooks;

/// <summary>The code of a notebook as a script, for languages whose runner starts scripts.</summary>
public static class NotebookScript
{
    /// <summary>The code cells, each with an empty line behind it; empty when the file is no notebook.</summary>
    public static string Of(SourceFile notebook)
    {
        var findings = new List<Finding>();
        if (SourceEncoding.Check(notebook, markBreaks: false, findings) is not { } content || NotebookFile.Read(notebook, content, findings) is not { } file)
            return "";
        var script = new StringBuilder();
        foreach (var cell in file.Cells.Where(cell => cell.Kind == "code"))
            script.Append(cell.Source.Text.ReplaceLineEndings("\n")).Append("\n\n");
        return script.ToString();
    }
}
