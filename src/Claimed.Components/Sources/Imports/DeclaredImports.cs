using System.Text.RegularExpressions;

namespace Claimed.Components.Sources.Imports;

/// <summary>The modules that a source wants imported before its image counts: <c># claimed: imports=pandas,sklearn.linear_model</c>. Each once, in its order.</summary>
internal sealed partial class DeclaredImports(List<Finding> findings)
{
    private const int MaxImports = 100;
    private const int MaxLength = 100;

    private readonly List<RequiredImport> imports = [];

    /// <summary>Null when the source declares none.</summary>
    public IReadOnlyList<RequiredImport>? Imports => imports.Count == 0 ? null : imports;

    /// <param name="list">Names between commas or blanks.</param>
    public void Add(string list, SourcePosition at)
    {
        foreach (var module in list.Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IsModule(module))
                Invalid(at, "A word of `imports` is no name of a module.");
            else if (imports.Exists(known => known.Module == module))
                continue;
            else if (imports.Count < MaxImports)
                imports.Add(new RequiredImport(module, at));
            else
                Invalid(at, $"More than {MaxImports} modules are to be imported.");
        }
    }

    /// <summary>Letters, digits and underscores, with dots between names: nothing that could be more than a name in Python or R.</summary>
    public static bool IsModule(string text) => text.Length <= MaxLength && Name.IsMatch(text);

    private void Invalid(SourcePosition at, string what) => findings.Add(Finding.Error("imports-invalid", at, what,
        $"Write the names that the source imports, at most {MaxImports}: `imports=pandas,sklearn.linear_model`."));

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name { get; }
}
