using System.Buffers;
using System.IO.Hashing;
using Claimed.Components.Sources;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Publish;

/// <summary>Collects the files of one upload and holds them to the limits.</summary>
internal sealed class UploadFiles(PublishOptions limits, UploadShare memory)
{
    // By what a file system may take a path for: those that are one there overwrite each other where people unpack them.
    private readonly Dictionary<string, SourceFile> _files = new(StringComparer.OrdinalIgnoreCase);
    private long _bytes;

    private const int PieceBytes = 64 * 1024;

    public int Count => _files.Count;

    public int MaxFiles => limits.MaxFiles;

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
        if (checksum is { } stated && Crc32.HashToUInt32(bytes) != stated)
            throw UploadRefusal.BadArchive($"\"{clean}\" does not have the checksum that the archive states: it is damaged. Pack and send it again.");
        var key = DecomposedText.Of(clean);
        if (!_files.TryAdd(key, new SourceFile(clean, bytes, executable)))
            throw UploadRefusal.BadPath(path, Difference(clean, _files[key].Path));
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

    private static string Difference(string path, string other)
    {
        if (path == other)
            return "appears twice.";
        return path.Equals(other, StringComparison.OrdinalIgnoreCase)
            ? $"differs from \"{other}\" in case alone."
            : $"differs from \"{other}\" only in how its letters are written in Unicode (composed or decomposed): send it once.";
    }

    private async Task<byte[]> ReadAsync(Stream content, string path, CancellationToken cancellation)
    {
        // Pieces and one copy: a buffer that grows by doubling would hold three times the file at its worst.
        var pieces = new List<ArraySegment<byte>>();
        try
        {
            int read;
            do
            {
                var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
                read = await content.ReadAtLeastAsync(piece.AsMemory(0, PieceBytes), PieceBytes, throwOnEndOfStream: false, cancellation);
                pieces.Add(new(piece, 0, read));
                _bytes += read;
                if (_bytes > limits.MaxUnpackedBytes)
                    throw UploadRefusal.TooLarge($"The files are larger than {limits.MaxUnpackedBytes >> 20} MiB together; \"{path}\" is where the limit was passed.");
                memory.Take(2 * read);
            }
            while (read == PieceBytes);
            return Joined(pieces);
        }
        finally
        {
            foreach (var piece in pieces)
                ArrayPool<byte>.Shared.Return(piece.Array!);
        }
    }

    private byte[] Joined(List<ArraySegment<byte>> pieces)
    {
        var whole = new byte[pieces.Sum(piece => piece.Count)];
        var at = 0;
        foreach (var piece in pieces)
        {
            piece.CopyTo(whole, at);
            at += piece.Count;
        }
        memory.Give(at);
        return whole;
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
    internal static bool IsLeftOver(string path) =>
        path.Split('/').Any(segment => segment is "__MACOSX" or ".DS_Store" or "__pycache__" or ".ipynb_checkpoints" or ".git"
            || segment.StartsWith("._", StringComparison.Ordinal));
}
