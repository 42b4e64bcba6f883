using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Claimed.Components.Sources;

/// <summary>Finds keys and passwords that stand in the text of an upload. What was found is never repeated.</summary>
internal static partial class CredentialScan
{
    /// <summary>Of one file, and of all together: a look, not a proof.</summary>
    private const int MaxFile = 1 << 20;
    private const int MaxTotal = 8 << 20;
    private const int MaxWindow = 800;
    private const int MaxFindings = 20;

    private static readonly SearchValues<string> Marks = SearchValues.Create(
        ["://", "AKIA", "ASIA", "AIza", "-----BEGIN ", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "hf_"], StringComparison.Ordinal);

    private static readonly string[] Extensions =
        [".py", ".r", ".sh", ".yaml", ".yml", ".json", ".txt", ".md", ".cfg", ".conf", ".ini", ".toml", ".env", ".properties", ".pem", ".key", ""];

    /// <summary>Looks at the source and the other texts of the upload; the cells of a notebook are for its reader.</summary>
    public static void Check(SourceFile main, Upload upload)
    {
        var total = 0;
        foreach (var file in upload.Files.Where(file => file.Extension != ".ipynb" && (file.Path == main.Path || Extensions.Contains(file.Extension))))
        {
            total += file.Content.Length;
            if (file.Content.Length <= MaxFile && total <= MaxTotal && Utf8.IsValid(file.Content.Span))
                Check(new CodeText(file.Path, Encoding.UTF8.GetString(file.Content.Span)), upload);
        }
    }

    public static void Check(CodeText source, Upload upload)
    {
        var text = source.Text.AsSpan();
        var found = 0;
        for (var from = 0; from < text.Length && found < MaxFindings;)
        {
            var hit = text[from..].IndexOfAny(Marks);
            if (hit < 0)
                return;
            var start = from + hit;
            var window = text.Slice(start, Math.Min(MaxWindow, text.Length - start));
            from = start + 3;
            if ((start > 0 && text[start] != ':' && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '_')) || Kind(window) is not { } kind)
                continue;
            found++;
            Report(kind, source.At(start), upload);
        }
    }

    private static string? Kind(ReadOnlySpan<char> window)
    {
        foreach (var match in Credential.EnumerateMatches(window))
        {
            var text = window.Slice(match.Index, match.Length);
            return text[0] switch
            {
                ':' => "An address holds a user and a password.",
                '-' => "A private key stands here.",
                // The example of the vendor's manuals.
                'A' when text.EndsWith("EXAMPLE") => null,
                'A' => "The id of a cloud access key stands here.",
                _ => "An access token stands here.",
            };
        }

        return null;
    }

    private static void Report(string what, SourcePosition at, Upload upload)
    {
        // The default of an input was reported as what it is.
        if (!upload.Findings.Exists(finding => finding.Code == "secret-default" && finding.Position.File == at.File && finding.Position.Line == at.Line))
        {
            upload.Findings.Add(Finding.Warning("credential-in-source", at, what,
                "Remove it, read it from an input instead, and have it replaced if it is a real one: everyone who sees the component can read it."));
        }
    }

    // Each begins with one of the marks. Names in brackets, braces or after a dollar sign stand for a value.
    [GeneratedRegex(
        @"\A(://[^\s/:@'""<>{}$%]{1,200}:[^\s/@'""<>{}$%]{1,500}@[A-Za-z0-9]|(AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])|AIza[0-9A-Za-z_-]{35}|-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}|glpat-[A-Za-z0-9_-]{20}|xox[abprs]-[A-Za-z0-9-]{10}|hf_[A-Za-z0-9]{34})",
        RegexOptions.CultureInvariant)]
    private static partial Regex Credential { get; }
}
