using System.Collections.Concurrent;
using System.Security.Cryptography;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>
/// The uploads under way. The file is the session: its name ties it to its repository, and its length is how far it came, so that
/// an upload goes on after a restart and at another node on the same folder. What is kept in memory only saves work.
/// </summary>
public sealed class UploadSessions(IBlobStore blobs, IOptions<ImageOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, UploadSession> _open = new(StringComparer.Ordinal);

    public UploadSession Start(string repository)
    {
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var session = new UploadSession(id, PathOf(repository, id));
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
        return File.Exists(path) ? _open.GetOrAdd(path, _ => new UploadSession(id, path)) : null;
    }

    /// <summary>Forgets a finished or cancelled upload and removes what is left of it.</summary>
    public void End(UploadSession session)
    {
        File.Delete(session.Path);
        _open.TryRemove(session.Path, out _);
    }

    /// <summary>Removes the uploads that nobody has written to for as long as the setting says, or only counts them.</summary>
    public Collected Expire(bool countOnly = false)
    {
        var (count, bytes) = blobs.DropUploads(clock.GetUtcNow() - options.Value.UploadExpiry, countOnly);
        // Other processes end uploads too.
        foreach (var path in _open.Keys.Where(path => !File.Exists(path)))
            _open.TryRemove(path, out _);
        return new Collected("uploads that nobody continued", count, bytes);
    }

    private string PathOf(string repository, string id) => blobs.CreateUploadPath($"image-{Digest.Of(repository).AsSpan(7, 16)}-{id}");
}
