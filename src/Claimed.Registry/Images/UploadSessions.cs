using System.Collections.Concurrent;
using System.Security.Cryptography;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>
/// The uploads under way. What is stored of one is the session: its name ties it to its repository, so that an upload goes on after a
/// restart and at another node on the same store. What is kept in memory only saves work.
/// </summary>
public sealed class UploadSessions(IUploadStore uploads, IOptions<ImageOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, UploadSession> _open = new(StringComparer.Ordinal);

    /// <param name="isVisible">Whether other requests will ask for it.</param>
    public async Task<UploadSession> StartAsync(string repository, bool isVisible = true)
    {
        var session = uploads.Open(OwnerOf(repository), RandomNumberGenerator.GetHexString(32, lowercase: true));
        await session.StartAsync(isVisible);
        if (isVisible)
            _open[session.Name] = session;
        return session;
    }

    /// <summary>The upload of this repository, or null.</summary>
    public async Task<UploadSession?> FindAsync(string repository, string id, CancellationToken cancellation)
    {
        if (id.Length != 32 || id.AsSpan().ContainsAnyExcept("0123456789abcdef"))
            return null;
        var session = uploads.Open(OwnerOf(repository), id);
        if (_open.TryGetValue(session.Name, out var known))
            session = known;
        return await session.ExistsAsync(cancellation) ? _open.GetOrAdd(session.Name, session) : null;
    }

    /// <summary>Forgets a finished or cancelled upload and removes what is left of it.</summary>
    public async Task EndAsync(UploadSession session)
    {
        await session.EndAsync();
        _open.TryRemove(session.Name, out _);
    }

    /// <summary>Removes the uploads that nobody has written to for as long as the setting says, or only counts them.</summary>
    public async Task<Collected> ExpireAsync(bool countOnly, CancellationToken cancellation)
    {
        var (count, bytes) = await uploads.DropAsync(clock.GetUtcNow() - options.Value.UploadExpiry, countOnly, cancellation);
        // Other processes end uploads too.
        foreach (var (name, session) in _open)
        {
            if (!await session.ExistsAsync(cancellation))
                _open.TryRemove(name, out _);
        }
        return new Collected("uploads that nobody continued", count, bytes);
    }

    private static string OwnerOf(string repository) => $"image-{Digest.Of(repository).AsSpan(7, 16)}";
}
