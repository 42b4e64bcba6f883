namespace Claimed.Registry.Http.Pieces;

/// <summary>
/// Texts of pieces for readers who take no compression: to unpack them for each of many readers costs more than to send them. Kept are those of a
/// body that is asked for again within a minute, until nobody has asked for a minute.
/// </summary>
public sealed class PlainTexts : IDisposable
{
    /// <summary>How soon a body must be asked for again.</summary>
    public static readonly TimeSpan Busy = TimeSpan.FromMinutes(1);

    private const long MaxBytes = 96L << 20;
    private const int Overhead = 256;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly Lock _turn = new();
    private volatile Generations<byte[]> _texts = new(MaxBytes);
    private (string Digest, long At)? _last;

    public PlainTexts(TimeProvider clock)
    {
        _clock = clock;
        _timer = clock.CreateTimer(_ => Forget(), null, Busy, Busy);
    }

    /// <summary>What is kept now.</summary>
    public long Bytes => _texts.Bytes;

    /// <summary>Gives the texts of one body.</summary>
    /// <param name="digest">Of the body.</param>
    public Func<Piece, byte[]> For(string digest)
    {
        var now = _clock.GetTimestamp();
        bool isBusy;
        lock (_turn)
        {
            isBusy = _last is { } last && last.Digest == digest && _clock.GetElapsedTime(last.At, now) < Busy;
            _last = (digest, now);
        }
        var texts = _texts;
        return piece => Text(texts, piece, isBusy);
    }

    public void Dispose() => _timer.Dispose();

    private static byte[] Text(Generations<byte[]> texts, Piece piece, bool isBusy)
    {
        if (texts.TryFind(piece.Name, static _ => true, out var known))
            return known;
        var text = piece.Text();
        if (isBusy)
            texts.Keep(piece.Name, text, text.Length + Overhead);
        return text;
    }

    private void Forget()
    {
        lock (_turn)
        {
            if (_last is { } last && _clock.GetElapsedTime(last.At) >= Busy)
                (_texts, _last) = (new(MaxBytes), null);
        }
    }
}
