using Claimed.Components.Sources.Python;
using Claimed.Components.Sources.Requirements;

namespace Claimed.Components.Sources.R;

/// <summary>The packages that a source in R installs and uses.</summary>
internal sealed class RInstall(PythonTokens tokens, ComponentDraft draft)
{
    private const int MaxDepth = 4;

    /// <summary>Packages that the code looks for first: it copes without them.</summary>
    private readonly HashSet<string> tested = Tested(tokens);
    private Dictionary<string, PythonRange?>? values;

    /// <summary>Takes in what stands at a token, when it is about packages.</summary>
    public void Look(int index)
    {
        if (tokens.IsName(index, "install") && tokens.IsOperator(index + 1, ".") && tokens.IsName(index + 2, "packages") && Opens(index + 3))
            Install(index, index + 3);
        else if (tokens.Text(index) is "library" or "require" && !IsTested(index) && Opens(index + 1))
            Library(index, index + 1);
        else if (tokens.IsOperator(index, ":") && tokens.IsOperator(index + 1, ":") && tokens.Is(index - 1, PythonTokenKind.Name) && !tokens.IsOperator(index - 1, ":"))
            Member(index);
        if (IsOtherInstaller(index) && draft.Upload.Options.ExistingImage is null)
        {
            draft.Warning("requirement-manager-unknown", tokens.At(index), "The line installs with a function that images are not built with.",
                "Use install.packages with names of CRAN, or send a Dockerfile with a component.yaml.");
        }
    }

    private bool Opens(int index) => tokens.IsOperator(index, "(") && tokens.Partners[index] > index;

    private bool IsOtherInstaller(int index) => tokens.IsOperator(index + 1, "(") && (tokens.Text(index) is "p_load" or "pkg_install"
        or "install_github" or "install_gitlab" or "install_bitbucket" or "install_git" or "install_url" or "install_version" or "install_cran" or "install_bioc"
        || (tokens.IsName(index, "install") && tokens.IsOperator(index - 1, ":") && tokens.IsName(index - 3, "BiocManager")));

    private static HashSet<string> Tested(PythonTokens tokens)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < tokens.Code.Count; i++)
        {
            if ((tokens.IsName(i, "requireNamespace") || tokens.IsName(i, "require")) && tokens.IsOperator(i + 1, "(") && tokens.Is(i + 2, PythonTokenKind.String)
                && RLiteral.Text(tokens.Text(i + 2)) is { } name)
            {
                names.Add(name);
            }
        }

        return names;
    }

    /// <summary><c>if (!require(x))</c>: the script copes without it.</summary>
    private bool IsTested(int index) =>
        (tokens.IsOperator(index - 1, "!") || tokens.IsOperator(index - 1, "(")) && (tokens.IsName(index - 2, "if") || tokens.IsName(index - 3, "if"));

    private void Library(int index, int open)
    {
        var arguments = RArguments.Split(tokens, open);
        var package = arguments.FirstOrDefault(argument => argument.Name is null or "package");
        // With character.only the name stands in a variable.
        if (package.Range.Length > 0 && !arguments.Exists(argument => argument.Name == "character.only"))
            Import(RLiteral.Read(tokens, package.Range) is PythonValue.Text { Value: var quoted } ? quoted : Text(package.Range), index);
    }

    /// <summary><c>package::function</c>.</summary>
    private void Member(int colon)
    {
        var start = colon - 1;
        while (start >= 2 && colon - start < 8 && tokens.IsOperator(start - 1, ".") && tokens.Is(start - 2, PythonTokenKind.Name))
            start -= 2;
        var package = Text(new PythonRange(start, colon));
        if (!tested.Contains(package))
            Import(package, start);
    }

    private void Import(string package, int index)
    {
        if (PackageGrammar.Accepts(PackageManager.Cran, package))
            draft.Imports.Add(package, tokens.At(index));
    }

    private string Text(PythonRange range) => tokens.Source.Text[tokens.Code[range.Start].Start..tokens.Code[range.End - 1].End];

    private void Install(int index, int open)
    {
        if (draft.Upload.Options.ExistingImage is not null)
            return;
        var arguments = RArguments.Split(tokens, open);
        var packages = arguments.Find(argument => argument.Name == "pkgs") is { Range.Length: > 0 } named ? named : arguments.Find(argument => argument.Name is null);
        if (packages.Range.Length == 0)
            return;
        if (Literals(packages.Range, 0) is not { } names || !names.TrueForAll(name => PackageGrammar.Accepts(PackageManager.Cran, name)))
        {
            draft.Error("requirement-refused", tokens.At(index), "The line installs with cran and contains a part that is no package name.",
                "Write the names as literals: install.packages(c(\"dplyr\", \"readr\")).");
        }
        else if (names.Count > 0)
        {
            draft.Require(new Requirement(PackageManager.Cran, names, [], tokens.At(index)));
        }
    }

    /// <summary>A text, those of <c>c("a", "b")</c>, or those of a variable that is set once; null when they are computed.</summary>
    private List<string>? Literals(PythonRange range, int depth)
    {
        if (depth > MaxDepth || range.Length == 0)
            return null;
        if (RLiteral.Read(tokens, range) is PythonValue.Text { Value: var single })
            return [single];
        var (start, last) = (range.Start, range.End - 1);
        var isCall = tokens.IsOperator(start + 1, "(") && tokens.Partners[start + 1] == last;
        if (tokens.IsName(start, "c") && isCall)
        {
            var parts = RArguments.Split(tokens, start + 1).ConvertAll(argument => Literals(argument.Range, depth + 1));
            return parts.Contains(null) ? null : [.. parts.SelectMany(part => part!)];
        }

        // Those that are not there yet: setdiff(names, rownames(installed.packages())), names[!(names %in% …)].
        if (tokens.IsName(start, "setdiff") && isCall && RArguments.Split(tokens, start + 1) is [var all, ..])
            return Literals(all.Range, depth + 1);
        if (tokens.Is(start, PythonTokenKind.Name) && tokens.IsOperator(start + 1, "[") && tokens.Partners[start + 1] == last)
            return Literals(new PythonRange(start, start + 1), depth + 1);
        return range.Length == 1 && tokens.Is(start, PythonTokenKind.Name) && ValueOf(tokens.Text(start)) is { } value ? Literals(value, depth + 1) : null;
    }

    /// <summary>What a variable is set to, when that is done once.</summary>
    private PythonRange? ValueOf(ReadOnlySpan<char> name)
    {
        values ??= Values();
        return values.GetValueOrDefault(name.ToString());
    }

    private Dictionary<string, PythonRange?> Values()
    {
        var found = new Dictionary<string, PythonRange?>(StringComparer.Ordinal);
        for (var i = 0; i < tokens.Code.Count; i++)
        {
            if (!tokens.Is(i, PythonTokenKind.Name) || tokens.IsOperator(i - 1, "$") || tokens.IsOperator(i - 1, "."))
                continue;
            var value = tokens.IsOperator(i + 1, "<") && tokens.IsOperator(i + 2, "-") ? i + 3 : tokens.IsOperator(i + 1, "=") ? i + 2 : -1;
            if (value < 0)
                continue;
            var name = tokens.Text(i).ToString();
            found[name] = found.ContainsKey(name) ? null : new PythonRange(value, EndOfValue(value));
        }

        return found;
    }

    private int EndOfValue(int start)
    {
        var end = start + 1;
        while (end < tokens.Code.Count && (tokens.IsOperator(end, "(") || tokens.IsOperator(end, "[")) && tokens.Partners[end] > end)
            end = tokens.Partners[end] + 1;
        return end;
    }
}
