using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Claimed.Components.Sources;

namespace Claimed.Registry.Publish.Libraries;

/// <summary>
/// The git work tree that a folder lies in. Git is asked for names and hashes alone, in ways that run nothing that the repository may
/// configure: no hooks, no monitor, no filters, no fetching of what is missing. Whether files are those of the revision is found by their hashes.
/// </summary>
internal sealed partial class GitCheckout
{
    private const string PlainFile = "100";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _top;
    private readonly Dictionary<string, string> _files;

    private GitCheckout(string top, string revision, string? repository, Dictionary<string, string> files) => (_top, Revision, Repository, _files) = (top, revision, repository, files);

    /// <summary>The commit that is checked out.</summary>
    public string Revision { get; }

    /// <summary>Where others get it, without user and password; null when its remote is on this machine or is none.</summary>
    public string? Repository { get; }

    /// <summary>Null when the folder lies in no work tree with a commit, or git is not there.</summary>
    public static async Task<GitCheckout?> OfAsync(string folder, CancellationToken cancellation)
    {
        if (await AskAsync(folder, cancellation, "rev-parse", "--show-toplevel", "HEAD^{commit}") is not { } told || told.TrimEnd('\n').Split('\n') is not [var top, var revision] || !Hash.IsMatch(revision))
            return null;
        if (await AskAsync(top, cancellation, "ls-tree", "-r", "-z", "--full-tree", revision) is not { } tree)
            return null;
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        // "100644 blob HASH\tPATH"
        foreach (var line in tree.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith(PlainFile, StringComparison.Ordinal) && line.Split('\t', 2) is [var head, var path])
                files[path] = head[(head.LastIndexOf(' ') + 1)..];
        }
        var remote = await AskAsync(top, cancellation, "config", "--get", "remote.origin.url");
        return new GitCheckout(top, revision, remote is null ? null : Public(remote.TrimEnd('\n')), files);
    }

    /// <summary>Where a component lies in the repository; null unless its files are those of the revision, all of them and to the byte.</summary>
    public string? PathOf(string root, LibraryEntry entry, IReadOnlyList<SourceFile> files)
    {
        var path = Below(Path.Combine(Path.GetFullPath(root), entry.Path));
        if (path is null)
            return null;
        var places = entry.Files.ToDictionary(file => file.Path, file => Below(file.FullPath), StringComparer.Ordinal);
        if (!files.All(file => places.GetValueOrDefault(file.Path) is { } place && _files.GetValueOrDefault(place) is { } hash && hash == HashOf(file.Content.Span, hash.Length)))
            return null;
        return entry.Folder is not null && IsIncomplete(path, files) ? null : path;
    }

    /// <summary>Whether the revision has more in that folder.</summary>
    private bool IsIncomplete(string folder, IReadOnlyList<SourceFile> files)
    {
        var prefix = folder.Length == 0 ? "" : folder + "/";
        var sent = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        return _files.Keys.Any(path => path.StartsWith(prefix, StringComparison.Ordinal) && path[prefix.Length..] is var within && !sent.Contains(within)
            && !within.Split('/').SkipLast(1).Any(LibraryFolder.IsPassedBy) && !UploadFiles.IsLeftOver(within));
    }

    private string? Below(string path)
    {
        var below = Path.GetRelativePath(_top, path).Replace(Path.DirectorySeparatorChar, '/');
        return below == "." ? "" : below.StartsWith("../", StringComparison.Ordinal) || below == ".." ? null : below;
    }

    // Git names contents by these; nothing here is kept safe by them.
#pragma warning disable CA5350
    private static string HashOf(ReadOnlySpan<byte> content, int length)
    {
        using var hash = IncrementalHash.CreateHash(length == SHA256.HashSizeInBytes * 2 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {content.Length}\0")));
        hash.AppendData(content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
#pragma warning restore CA5350

    /// <summary>An address that is worth telling others, without what is before its host, its query and its fragment.</summary>
    internal static string? Public(string remote)
    {
        if (remote.Length > Http.JsonBody.MaxText || remote.Any(letter => letter is <= ' ' or > '~'))
            return null;
        if (Uri.TryCreate(remote, UriKind.Absolute, out var address) && remote.Contains("://", StringComparison.Ordinal))
            return address.Scheme is "https" or "http" or "ssh" or "git" && address.Host.Length > 0
                ? $"{address.Scheme}://{(address is { Scheme: "ssh", UserInfo: "git" } ? "git@" : "")}{address.Authority}{address.AbsolutePath}" : null;
        return ShortForm.Match(remote) is { Success: true } match ? $"{(match.Groups["user"].Value == "git" ? "git@" : "")}{match.Groups["host"].Value}:{match.Groups["path"].Value}" : null;
    }

    /// <summary>What git says; null when it cannot say it, or is not there.</summary>
    private static async Task<string?> AskAsync(string folder, CancellationToken cancellation, params IEnumerable<string> question)
    {
        var start = new ProcessStartInfo("git", ["--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never", "-C", folder, .. question])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
        };
        // Which repository it is, is for the folder to say.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("GIT_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var name in (ReadOnlySpan<string>)["GIT_NO_LAZY_FETCH", "GIT_NO_REPLACE_OBJECTS"])
            start.Environment[name] = "1";
        foreach (var name in (ReadOnlySpan<string>)["GIT_OPTIONAL_LOCKS", "GIT_TERMINAL_PROMPT"])
            start.Environment[name] = "0";
        try
        {
            using var git = Process.Start(start)!;
            git.StandardInput.Close();
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Limit);
            try
            {
                var said = git.StandardOutput.ReadToEndAsync(limit.Token);
                await Task.WhenAll(said, git.StandardError.ReadToEndAsync(limit.Token));
                await git.WaitForExitAsync(limit.Token);
                return git.ExitCode == 0 ? await said : null;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return null;
            }
            finally
            {
                if (!git.HasExited)
                    git.Kill(entireProcessTree: true);
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\A([0-9a-f]{40}|[0-9a-f]{64})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hash { get; }

    // git@host:team/name.git; a single letter would be a drive.
    [GeneratedRegex(@"\A((?<user>[^@/:]+)@)?(?<host>[A-Za-z0-9][A-Za-z0-9.-]+):(?<path>[^:?#@]+)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ShortForm { get; }
}
