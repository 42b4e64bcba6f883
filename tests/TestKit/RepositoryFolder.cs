namespace Claimed.TestKit;

/// <summary>Where the sources lie that the tests were built from.</summary>
public static class RepositoryFolder
{
    /// <summary>The folder of the solution.</summary>
    public static string Path { get; } = Find();

    /// <summary>A file or folder by its path inside the repository, such as <c>deploy/base-images.sh</c>.</summary>
    public static string Of(string relative) => System.IO.Path.Combine(Path, relative);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Claimed.Registry.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Claimed.Registry.sln: run the tests from the repository.");
    }
}
