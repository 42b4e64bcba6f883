using Claimed.Components.Sources;

namespace Claimed.Registry.Publish;

/// <summary>Collects the files of one upload and holds them to the limits.</summary>
internal sealed class UploadFiles(PublishOptions limits)
{
    private readonly Dictionary<string, SourceFile> _files = new(StringComparer.Ordinal);
    private long _bytes;

    public int Count => _files.Count;

    /// <summary>What a tar may unpack to: the files, and 4 KiB of headers and padding for each.</summary>
    public long MaxArchiveBytes => limits.MaxUnpackedBytes + (limits.MaxFiles * 4096L);

    /// <summary>Reads one file to its end, however long it claims to be.</summary>
    /// <param name="checksum">The CRC-32 that the archive states, if it does; a zip's sizes cannot be trusted without it.</param>
    public async Task AddAsync(string path, Stream content, bool executable, uint? checksum, CancellationToken cancellation)
    {
        var clean = CheckedPath(path);
        if (IsLeftOver(clean))
            return;
        if (_files.Count >= limits.MaxFiles)
            throw UploadRefusal.TooLarge($"The upload has more than {limits.MaxFiles} files. Leave out what the component does not need at run time.");
        var bytes = await ReadAsync(content, clean, cancellation);
        if (checksum is { } stated && Crc32.Of(bytes) != stated)
            throw UploadRefusal.BadArchive($"\"{clean}\" does not have the checksum that the archive states: it is damaged. Pack and send it again.");
        if (!_files.TryAdd(clean, new SourceFile(clean, bytes, executable)))
            throw UploadRefusal.BadPath(path, "appears twice.");
    }

    /// <summary>Files in path order; a single folder around everything is taken off, as archives of a folder have it.</summary>
    public IReadOnlyList<SourceFile> ToList(bool unwrap)
    {
        var files = _files.Values.OrderBy(file => file.Path, StringComparer.Ordinal).ToList();
        var folder = files.Count == 0 ? -1 : files[0].Path.IndexOf('/');
        if (!unwrap || folder < 0)
            return files;
        var prefix = files[0].Path[..(folder + 1)];
        return files.TrueForAll(file => file.Path.StartsWith(prefix, StringComparison.Ordinal))
            ? files.ConvertAll(file => file with { Path = file.Path[prefix.Length..] })
            : files;
    }

    private async Task<byte[]> ReadAsync(Stream content, string path, CancellationToken cancellation)
    {
        using var memory = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await content.ReadAsync(buffer, cancellation)) > 0)
        {
            _bytes += read;
            if (_bytes > limits.MaxUnpackedBytes)
                throw UploadRefusal.TooLarge($"The files are larger than {limits.MaxUnpackedBytes >> 20} MiB together; \"{path}\" is where the limit was passed.");
            memory.Write(buffer, 0, read);
        }
        return memory.ToArray();
    }

    private string CheckedPath(string path)
    {
        var clean = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        if (clean.Length == 0)
            throw UploadRefusal.BadPath(path, "is empty.");
        if (clean.Length > limits.MaxPathLength)
            throw UploadRefusal.BadPath(path, $"is longer than {limits.MaxPathLength} characters.");
        if (clean[0] == '/' || clean.Contains('\\') || (clean.Length > 1 && clean[1] == ':'))
            throw UploadRefusal.BadPath(path, "is absolute or uses backslashes.");
        if (clean.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter) || letter == '\uFFFD'))
            throw UploadRefusal.BadPath(path, "has control characters, is not UTF-8, or uses characters beyond the basic plane.");
        if (clean.Split('/').Any(segment => segment is "" or "." or ".."))
            throw UploadRefusal.BadPath(path, "has an empty, \".\" or \"..\" segment.");
        return clean;
    }

    // What file managers and editors leave behind; nobody means to publish it.
    private static bool IsLeftOver(string path) =>
        path.Split('/').Any(segment => segment is "__MACOSX" or ".DS_Store" or "__pycache__" or ".ipynb_checkpoints" or ".git"
            || segment.StartsWith("._", StringComparison.Ordinal));
}
