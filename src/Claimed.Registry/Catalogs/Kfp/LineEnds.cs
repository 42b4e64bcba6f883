using System.Collections.Concurrent;
using Claimed.Components.Renditions;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs.Kfp;

/// <summary>
/// Digests as <c>kfp.components.ComponentStore</c> computes them: of the text with CRLF made LF. They name what was uploaded with CRLF, which
/// is stored and served as it came.
/// </summary>
internal sealed class LineEnds(IBlobStore blobs, TimeProvider clock)
{
    private const int MostKnown = 10_000;

    // By the digest of what is stored; null for a text without CRLF, which has no other.
    private readonly ConcurrentDictionary<string, string?> _known = new(StringComparer.Ordinal);

    /// <summary>Of the versions that have these bytes but for their line ends the lowest; null when none has.</summary>
    public async Task<KfpVersion?> FindAsync(ComponentEntry component, string digest, CancellationToken cancellation)
    {
        if (!Digest.IsSha256(digest))
            return null;
        foreach (var version in component.Versions.Reverse().Where(version => version is { IsReady: true, Withdrawn: false } && !version.HasExpired(clock)))
        {
            // Where nothing was uploaded verbatim the registry wrote the text, with LF.
            if (version.Renditions.GetValueOrDefault(RenditionForm.Original) is null)
                continue;
            foreach (var form in (string[])[RenditionForm.Component, RenditionForm.Original])
            {
                if (version.Renditions.GetValueOrDefault(form) is { } stored && await OfAsync(stored.Digest, cancellation) == digest)
                    return new KfpVersion(version, stored);
            }
        }
        return null;
    }

    private async Task<string?> OfAsync(string stored, CancellationToken cancellation)
    {
        if (_known.TryGetValue(stored, out var known))
            return known;
        var bytes = await blobs.ReadAllAsync(stored, cancellation);
        var made = bytes.AsSpan().IndexOf("\r\n"u8) < 0 ? null : Digest.Of(WithLf(bytes));
        if (_known.Count >= MostKnown)
            _known.Clear();
        return _known[stored] = made;
    }

    private static byte[] WithLf(byte[] text)
    {
        var kept = new byte[text.Length];
        var count = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\r' || at + 1 == text.Length || text[at + 1] != '\n')
                kept[count++] = text[at];
        }
        return kept[..count];
    }
}
