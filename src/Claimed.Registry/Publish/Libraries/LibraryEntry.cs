namespace Claimed.Registry.Publish.Libraries;

/// <summary>One file of a component.</summary>
/// <param name="Path">Within the component, with <c>/</c>.</param>
/// <param name="FullPath">Where it lies; for a link where that leads.</param>
internal sealed record LibraryFile(string Path, string FullPath);

/// <summary>One component that was found in a folder, by <see cref="LibraryFolder"/>.</summary>
/// <param name="Path">Of its folder, or of its source, below the folder of the library, with <c>/</c>; empty for that folder itself.</param>
/// <param name="Files">What is sent.</param>
internal sealed record LibraryEntry(string Path, IReadOnlyList<LibraryFile> Files)
{
    /// <summary>The name that its folder gives it; null when its source does.</summary>
    public string? Name { get; init; }

    /// <summary>The category that the folders give it, where its source gives none.</summary>
    public string? Category { get; init; }

    /// <summary>Which file is the source, where the files alone do not tell.</summary>
    public string? Main { get; init; }

    /// <summary>The folder that it is all of; null for a source that lies among others.</summary>
    public string? Folder { get; init; }

    /// <summary>Why it cannot be read whole; it is refused then.</summary>
    public string? Unreadable { get; init; }

    /// <summary>Its place in a library as <c>starter.txt</c> and <c>--only</c> name it: without the ending of a source.</summary>
    public string Place => Folder is null ? System.IO.Path.ChangeExtension(Path, null) : Path;
}
