using Claimed.TestKit;

namespace Claimed.Registry.Tests.Words;

/// <summary>A folder of components that a test writes, and a folder beside it that nobody may read.</summary>
internal sealed class LibraryOnDisk : IDisposable
{
    public const string Notebook = """{"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# It counts"]}, {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": ["x = 1"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}""";

    public LibraryOnDisk() => Directory.CreateDirectory(Library);

    public string Folder { get; } = Directory.CreateTempSubdirectory("claimed-library-").FullName;

    public string Library => Path.Combine(Folder, "library");

    public void Write(string path, string text) => WriteFile(Path.Combine(Library, path), text);

    public void WriteOutside(string path, string text) => WriteFile(Path.Combine(Folder, "outside", path), text);

    public void Link(string path, string target) => File.CreateSymbolicLink(Path.Combine(Library, path), target);

    public void Delete(string path) => File.Delete(Path.Combine(Library, path));

    public async Task<string> GitAsync(params IReadOnlyList<string> arguments) => (await Shell.RunAsync("git", arguments, folder: Library)).Succeeded();

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static void WriteFile(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
