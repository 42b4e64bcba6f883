using System.Collections.Concurrent;
using System.Text;
using Claimed.Components.Renditions;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Catalogs.Kfp;

/// <summary>
/// Digests as <c>kfp.components.ComponentStore</c> computes them: of the text with CRLF made LF. They name what was uploaded with CRLF, which
/// is stored and served as it came.
/// </summary>
internal sealed class LineEnds(IBlobStore blobs)
{
    private const int MostKnown = 10_000;

    // By the digest of what is stored; null for a text without CRLF, which has no other.
    private readonly ConcurrentDictionary<string, string?> _known = new(StringComparer.Ordinal);

    /// <summary>Of the versions that have these bytes but for their line ends the lowest; null when none has.</summary>
    public async Task<KfpVersion?> FindAsync(KfpPackage package, string digest, CancellationToken cancellation)
    {
        if (!Digest.IsSha256(digest))
            return null;
        foreach (var version in package.There)
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
        // Latin-1 is bytes as letters.
        var made = bytes.AsSpan().IndexOf("\r\n"u8) < 0 ? null : Digest.Of(Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes).Replace("\r\n", "\n", StringComparison.Ordinal)));
        if (_known.Count >= MostKnown)
            _known.Clear();
        return _known[stored] = made;
    }
}
