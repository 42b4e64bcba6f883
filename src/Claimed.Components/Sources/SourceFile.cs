namespace Claimed.Components.Sources;

/// <summary>One uploaded file.</summary>
/// <param name="Path">Relative path with <c>/</c>, already checked: no <c>..</c>, not absolute.</param>
/// <param name="Content">The bytes as sent.</param>
/// <param name="Executable">The owner's execute bit, where the upload carried one.</param>
public sealed record SourceFile(string Path, ReadOnlyMemory<byte> Content, bool Executable = false)
{
    public string FileName => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The folder of a path with its last slash; empty at the top.</summary>
    public static string FolderOf(string path) => path[..(path.LastIndexOf('/') + 1)];

    public string Extension => System.IO.Path.GetExtension(Path).ToLowerInvariant();
}

/// <summary>What came of reading an upload: the definition unless an error made it impossible, and all findings in file order.</summary>
public sealed record SourceReading(Definition? Definition, IReadOnlyList<Finding> Findings)
{
    public bool HasErrors => Definition is null || Findings.Any(finding => finding.Severity == Severity.Error);
}

/// <summary>What the publisher says beside the files.</summary>
/// <param name="Main">Which file is the source; null lets the rules decide.</param>
/// <param name="ExistingImage">The <c>image</c> field: the image exists, only the interface is read from the source.</param>
public sealed record SourceOptions(string? Main = null, string? ExistingImage = null);
