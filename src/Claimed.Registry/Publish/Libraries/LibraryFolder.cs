using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;

namespace Claimed.Registry.Publish.Libraries;

/// <summary>
/// Finds the components in any folder. A folder is one component, with all that lies in it, when it holds a component.yaml or a source of
/// its own name beside which there are only scripts that it uses, or any one such source and a README.md; or when it holds the only source
/// far and wide. Every other source is a component by itself, with a requirements.txt beside it. docs/operations.md says the same to operators.
/// </summary>
internal sealed class LibraryFolder
{
    private const string Requirements = "requirements.txt";
    private const string Readme = "README.md";
    private const string Marker = "claimed:";
    private const int MostLooked = 64 * 1024;

    private static readonly string[] Definitions = ["component.yaml", "component.yml"];
    private static readonly string[] Scripts = [".py", ".r"];

    private readonly string _root;
    private readonly LinkTargets _links;
    private readonly List<LibraryEntry> _entries = [];

    private LibraryFolder(string root)
    {
        _root = root;
        _links = new LinkTargets(root);
    }

    /// <summary>The components in the order of their paths.</summary>
    public static IReadOnlyList<LibraryEntry> Find(string root)
    {
        var folder = new LibraryFolder(Path.GetFullPath(root));
        folder.Walk(folder._root);
        return [.. folder._entries.OrderBy(entry => entry.Path, StringComparer.Ordinal)];
    }

    /// <summary>Folders whose files are no part of a component: what begins with a dot, what Python compiled, tests.</summary>
    public static bool IsPassedBy(string name) => name is "__pycache__" or "tests" || name.StartsWith('.');

    private void Walk(string folder)
    {
        string[] files, folders;
        try
        {
            (files, folders) = (Names(Directory.EnumerateFiles(folder)), Folders(folder));
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            _entries.Add(new LibraryEntry(Below(folder), []) { Folder = folder, Unreadable = $"its folder cannot be listed: {closed.Message}" });
            return;
        }
        var sources = files.Where(file => IsSource(folder, file)).ToList();
        var named = sources.Where(file => ComponentName.FromFileName(file) == ComponentName.FromFileName(Path.GetFileName(folder) + ".py")).ToList();
        if (files.FirstOrDefault(file => Definitions.Contains(file)) is { } definition)
            _entries.Add(Whole(folder, definition, isNamedByFolder: true));
        else if (named is [var own] && (sources.Count == 1 || MainOf(folder, sources) == own))
            _entries.Add(Whole(folder, own, isNamedByFolder: true));
        else if (folder != _root && files.Contains(Readme) && !folders.Any(HoldsSource) && MainOf(folder, sources) is { } main)
            _entries.Add(Whole(folder, main, isNamedByFolder: true));
        else if (sources is [var only] && !folders.Any(HoldsSource))
            _entries.Add(Whole(folder, only, isNamedByFolder: false));
        else
        {
            _entries.AddRange(sources.Select(source => Alone(folder, source, files.Contains(Requirements))));
            foreach (var below in folders)
                Walk(below);
        }
    }

    /// <summary>What a whole folder is.</summary>
    private LibraryEntry Whole(string folder, string source, bool isNamedByFolder)
    {
        var files = new List<LibraryFile>();
        var unreadable = Collect(folder, "", files);
        var entry = new LibraryEntry(Below(folder), files)
        {
            Folder = folder,
            Name = isNamedByFolder ? ComponentName.Slug(Path.GetFileName(folder)) : null,
            Category = CategoryOf(isNamedByFolder ? Path.GetDirectoryName(folder)! : folder),
            Unreadable = unreadable,
        };
        // Said only where it is needed: it is part of what a bundle is.
        return unreadable is not null || MainFileOf(files) == source ? entry : entry with { Main = source };
    }

    private LibraryEntry Alone(string folder, string source, bool hasRequirements)
    {
        var files = new List<LibraryFile>();
        var unreadable = Add(Path.Combine(folder, source), source, files);
        if (hasRequirements)
            unreadable ??= Add(Path.Combine(folder, Requirements), Requirements, files);
        return new LibraryEntry(Below(Path.Combine(folder, source)), files) { Category = CategoryOf(folder), Unreadable = unreadable };
    }

    /// <summary>All files of a folder and those below it; the first reason why that cannot be all.</summary>
    private string? Collect(string folder, string prefix, List<LibraryFile> files)
    {
        try
        {
            string? unreadable = null;
            foreach (var name in Names(Directory.EnumerateFiles(folder)))
                unreadable ??= Add(Path.Combine(folder, name), prefix + name, files);
            foreach (var below in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
            {
                var name = Path.GetFileName(below);
                if (IsPassedBy(name))
                    continue;
                unreadable ??= new DirectoryInfo(below).LinkTarget is null
                    ? Collect(below, $"{prefix}{name}/", files)
                    : $"{prefix}{name} is a link to a folder, which is not followed: put the files themselves there.";
            }
            return unreadable;
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return $"{(prefix.Length == 0 ? "its folder" : prefix)} cannot be listed: {closed.Message}";
        }
    }

    /// <summary>Adds a file, or says why it cannot be read.</summary>
    private string? Add(string path, string name, List<LibraryFile> files)
    {
        if (_links.Resolve(path, out var target) is { } why)
            return $"{name} {why}";
        files.Add(new LibraryFile(name, target));
        return null;
    }

    private bool HoldsSource(string folder)
    {
        try
        {
            return Names(Directory.EnumerateFiles(folder)).Any(file => Definitions.Contains(file) || IsSource(folder, file)) || Folders(folder).Any(HoldsSource);
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            // It is told where the folder is walked.
            return true;
        }
    }

    /// <summary>A shell script is a source only when it says so; most are there to build or start something.</summary>
    private bool IsSource(string folder, string file)
    {
        var extension = Path.GetExtension(file).ToLowerInvariant();
        if (file.StartsWith('.'))
            return false;
        return extension == ".ipynb" || (Scripts.Contains(extension) && !SourceReader.IsAside(file))
            || (extension == ".sh" && (ComponentName.FromFileName(file) == ComponentName.Slug(Path.GetFileName(folder)) || SaysSo(Path.Combine(folder, file))));
    }

    private bool SaysSo(string path)
    {
        if (_links.Resolve(path, out var target) is not null)
            return false;
        try
        {
            using var reader = new StreamReader(target);
            var text = new char[MostLooked];
            var read = reader.ReadBlock(text);
            return new string(text, 0, read).Split('\n').Any(line => line.TrimStart() is ['#', ..] comment && comment.TrimStart('#', ' ', '\t').StartsWith(Marker, StringComparison.OrdinalIgnoreCase));
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Which of these files an upload of them would choose; null when it could not.</summary>
    private string? MainOf(string folder, IEnumerable<string> names)
    {
        var files = new List<LibraryFile>();
        foreach (var name in names)
            Add(Path.Combine(folder, name), name, files);
        return MainFileOf(files);
    }

    private static string? MainFileOf(IEnumerable<LibraryFile> files)
    {
        try
        {
            // Of the others no more than the name counts.
            return SourceReader.MainOf([.. files.Select(file => new SourceFile(file.Path, Path.GetExtension(file.Path).ToLowerInvariant() is ".py" or ".r" or ".sh" ? File.ReadAllBytes(file.FullPath) : default))]);
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            // Reading it for the publish says what is wrong.
            return null;
        }
    }

    /// <summary>The name of the folder, where a palette takes it; the library's own folder is none.</summary>
    private string? CategoryOf(string folder)
    {
        var name = Path.GetFileName(folder);
        return folder.Length > _root.Length && folder.StartsWith(_root, StringComparison.Ordinal) && ClientRenditions.CheckCategory(name).Count == 0 ? name : null;
    }

    private string Below(string path) => path.Length == _root.Length ? "" : Path.GetRelativePath(_root, path).Replace(Path.DirectorySeparatorChar, '/');

    private static string[] Names(IEnumerable<string> paths) => [.. paths.Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>Links to folders lead out, or in circles.</summary>
    private static string[] Folders(string folder) => [.. Directory.EnumerateDirectories(folder)
        .Where(below => !IsPassedBy(Path.GetFileName(below)) && new DirectoryInfo(below).LinkTarget is null).Order(StringComparer.Ordinal)];
}
