namespace Claimed.Components.Sources;

/// <summary>The uploaded files, by path, and the findings about them.</summary>
internal sealed class Upload(IReadOnlyList<SourceFile> files, SourceOptions options)
{
    private const int MaxFindings = 200;
    private const int MaxRequirementFiles = 16;

    private readonly Dictionary<string, SourceFile> byPath = Index(files);
    private readonly HashSet<string> requirementFiles = new(StringComparer.Ordinal);

    public IReadOnlyList<SourceFile> Files { get; } = files;

    public SourceOptions Options { get; } = options;

    public List<Finding> Findings { get; } = [];

    /// <summary>
    /// True once for each requirements file: files that include each other, over whichever way, would be read without end.
    /// </summary>
    public bool BeginsRequirements(SourceFile file, SourcePosition at)
    {
        if (requirementFiles.Contains(file.Path))
            return false;
        if (requirementFiles.Count < MaxRequirementFiles)
            return requirementFiles.Add(file.Path);
        Findings.Add(Finding.Error("requirements-too-many", at, $"More than {MaxRequirementFiles} requirements files include each other.",
            "Write the requirements into fewer files."));
        return false;
    }

    public SourceFile? Find(string path) => byPath.GetValueOrDefault(path);

    /// <summary>The file <paramref name="name"/> in the folder of <paramref name="neighbour"/>.</summary>
    public SourceFile? Beside(SourceFile neighbour, string name) => Find(SourceFile.FolderOf(neighbour.Path) + name);

    /// <summary>The findings by file and place; the lightest are left out when there are too many to read.</summary>
    public IReadOnlyList<Finding> SortedFindings()
    {
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Files.Count; i++)
            order.TryAdd(Files[i].Path, i);

        IEnumerable<Finding> kept = Findings.Distinct();
        var excess = Findings.Distinct().Count() - MaxFindings;
        if (excess > 0)
        {
            kept = kept.OrderByDescending(finding => finding.Severity).Take(MaxFindings).Append(Finding.Suggestion(
                "more-findings", default, $"{excess} more findings are not listed.", "Mend these first, then validate again."));
        }

        return
        [
            .. kept.OrderBy(finding => finding.Position.File is { } file ? order.GetValueOrDefault(file, int.MaxValue) : int.MaxValue)
                .ThenBy(finding => finding.Position.Line)
                .ThenBy(finding => finding.Position.Column),
        ];
    }

    private static Dictionary<string, SourceFile> Index(IReadOnlyList<SourceFile> files)
    {
        var index = new Dictionary<string, SourceFile>(StringComparer.Ordinal);
        foreach (var file in files)
            index.TryAdd(file.Path, file);
        return index;
    }
}
