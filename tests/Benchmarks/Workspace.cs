namespace Claimed.Benchmarks;

/// <summary>A temporary folder for all that the benchmarks write, removed at their end.</summary>
internal static class Workspace
{
    private static readonly DirectoryInfo Root = Directory.CreateTempSubdirectory("claimed-benchmarks-");

    /// <summary>An empty folder.</summary>
    public static string Folder(string name) => Directory.CreateDirectory(Path.Combine(Root.FullName, $"{name}-{Guid.CreateVersion7():N}")).FullName;

    public static void Remove() => Root.Delete(recursive: true);
}
