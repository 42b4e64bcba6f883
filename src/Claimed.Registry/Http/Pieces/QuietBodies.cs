using System.IO.Compression;

namespace Claimed.Registry.Http.Pieces;

/// <summary>
/// Brotli of bodies that are asked for and have not changed for a while. Compressing well takes seconds for ten megabytes, so it is done
/// once, beside the requests, and not for a body that the next publish replaces.
/// </summary>
public sealed class QuietBodies(TimeProvider clock)
{
    /// <summary>How long a body must have been the same.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(60);

    private const long MaxBytes = 64L << 20;
    private const int Overhead = 256;
    private const int Quality = 9;
    private readonly Generations<byte[]> _packed = new(MaxBytes);
    private readonly Generations<object> _seen = new(MaxBytes >> 4);
    private int _working;

    /// <summary>The body in brotli; null as long as there is none.</summary>
    public byte[]? Find(string digest, IReadOnlyList<Piece> pieces)
    {
        if (_packed.TryFind(digest, static _ => true, out var known))
            return known;
        if (!_seen.TryFind(digest, static _ => true, out var since))
            _seen.Keep(digest, clock.GetTimestamp(), digest.Length + Overhead);
        // One at a time: the rest of the machine is for readers.
        else if (clock.GetElapsedTime((long)since) >= Quiet && Interlocked.Exchange(ref _working, 1) == 0)
            _ = Task.Run(() => Pack(digest, pieces));
        return null;
    }

    private void Pack(string digest, IReadOnlyList<Piece> pieces)
    {
        try
        {
            using var packed = new MemoryStream();
            using (var brotli = new BrotliStream(packed, new BrotliCompressionOptions { Quality = Quality }, leaveOpen: true))
            {
                foreach (var piece in pieces)
                    brotli.Write(piece.Text());
            }
            _packed.Keep(digest, packed.ToArray(), packed.Length + Overhead);
        }
        finally
        {
            Volatile.Write(ref _working, 0);
        }
    }
}
