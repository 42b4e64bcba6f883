namespace Claimed.Components.Sources;

/// <summary>Files that tell of a component and are not its source, such as README.md.</summary>
public static class CompanionFile
{
    /// <summary>The file of this name beside the source, else at the top of the upload; upper and lower case are one.</summary>
    /// <param name="mainFile">Path of the source.</param>
    public static SourceFile? Find(IReadOnlyList<SourceFile> files, string mainFile, string name) =>
        At(files, SourceFile.FolderOf(mainFile) + name) ?? At(files, name);

    private static SourceFile? At(IReadOnlyList<SourceFile> files, string path) =>
        files.FirstOrDefault(file => file.Path.Equals(path, StringComparison.OrdinalIgnoreCase));
}
