using System.Collections.Concurrent;
using System.Security.Cryptography;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>
/// The uploads under way. The file is the session: its name ties it to its repository, and its length is how far it came, so that
/// an upload goes on after a restart. What is kept in memory only saves work.
/// </summary>
public sealed class UploadSessions(IBlobStore blobs)
{
    private readonly ConcurrentDictionary<string, UploadSession> _open = new(StringComparer.Ordinal);

    public UploadSession Start(string repository)
    {
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var session = new UploadSession(id, PathOf(repository, id), length: 0);
        File.Create(session.Path).Dispose();
        _open[session.Path] = session;
        return session;
    }

    /// <summary>The upload of this repository, or null.</summary>
    public UploadSession? Find(string repository, string id)
    {
        if (id.Length != 32 || id.AsSpan().ContainsAnyExcept("0123456789abcdef"))
            return null;
        var path = PathOf(repository, id);
        var file = new FileInfo(path);
        return file.Exists ? _open.GetOrAdd(path, _ => new UploadSession(id, path, file.Length)) : null;
    }

    /// <summary>Forgets a finished or cancelled upload and removes what is left of it.</summary>
    public void End(UploadSession session)
    {
        File.Delete(session.Path);
        _open.TryRemove(session.Path, out _);
    }

    /// <summary>Removes uploads that nobody has written to since then; returns how many.</summary>
    public int Expire(DateTimeOffset idleSince)
    {
        var (count, _) = blobs.DropUploads(idleSince);
        foreach (var path in _open.Keys.Where(path => !File.Exists(path)))
            _open.TryRemove(path, out _);
        return count;
    }

    private string PathOf(string repository, string id) => blobs.CreateUploadPath($"image-{Digest.Of(repository).AsSpan(7, 16)}-{id}");
}
