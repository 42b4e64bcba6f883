using Claimed.Registry.Storage;

namespace Claimed.Registry.Publish.Libraries;

/// <summary>Where the files of a folder really lie: nothing outside of it is ever read.</summary>
internal sealed class LinkTargets(string root)
{
    /// <summary>As many as the system follows itself.</summary>
    private const int MostLinks = 40;

    private readonly string _root = Real(root) ?? root;

    /// <summary>Null with the place of a file that may be read; else why it may not, to be put behind its name.</summary>
    public string? Resolve(string path, out string target)
    {
        target = path;
        if (Real(path) is not { } real)
            return "is a link that leads nowhere.";
        if (!real.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return "is a link out of the folder, which is not followed: put the file itself there.";
        target = real;
        if (Directory.Exists(real))
            return "is a link to a folder, which is not followed: put the files themselves there.";
        return !File.Exists(real) ? "is a link that leads nowhere." : Posix.IsPlainFile(real) ? null : "is no file but a pipe, a socket or a device.";
    }

    /// <summary>The path without any link in it; null when links go round in a circle.</summary>
    internal static string? Real(string path)
    {
        var rest = new Stack<string>(Segments(path).Reverse());
        var (at, links) = (Path.GetPathRoot(Path.GetFullPath(path))!, 0);
        while (rest.TryPop(out var segment))
        {
            if (segment == ".")
                continue;
            if (segment == "..")
            {
                at = Path.GetDirectoryName(at) ?? at;
                continue;
            }
            var next = Path.Combine(at, segment);
            if (new FileInfo(next).LinkTarget is not { } link)
            {
                at = next;
                continue;
            }
            if (++links > MostLinks)
                return null;
            if (Path.IsPathRooted(link))
                at = Path.GetPathRoot(link)!;
            foreach (var part in Segments(link).Reverse())
                rest.Push(part);
        }
        return at;
    }

    private static string[] Segments(string path) => path[(Path.GetPathRoot(path)?.Length ?? 0)..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
}
