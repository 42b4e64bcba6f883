using System.Globalization;
using System.Text;
using Claimed.Components;

namespace Claimed.Registry.Builds.Logs;

/// <summary>A part of a log.</summary>
/// <param name="Start">Where it begins, in characters of the whole log.</param>
internal readonly record struct LogPiece(long Start, string Text)
{
    public long End => Start + Text.Length;
}

/// <summary>A log of which so many characters are kept: the first half and the last, with a note where the middle was.</summary>
internal sealed class LogPieces(int most)
{
    /// <summary>Characters of a row.</summary>
    public const int MostInPiece = 64 * 1024;

    private readonly int _mostHead = most / 2;
    private readonly List<LogPiece> _head = [];
    private readonly Queue<LogPiece> _tail = new();
    private long _headEnd;
    private int _tailLength;

    /// <summary>Characters of the whole log so far, also those that are not kept.</summary>
    public long Length { get; private set; }

    /// <summary>Where the middle was cut out; null while nothing was.</summary>
    public (long From, long To)? Cut { get; private set; }

    public void Add(string text)
    {
        var start = 0;
        if (_tail.Count == 0 && Cut is null && _headEnd < _mostHead)
        {
            var end = WholeText.Cut(text, 0, (int)(_mostHead - _headEnd));
            Put(text[..end], _head.Add);
            _headEnd = Length;
            start = end;
        }
        if (start == text.Length)
            return;
        Put(text[start..], piece =>
        {
            _tail.Enqueue(piece);
            _tailLength += piece.Text.Length;
        });
        while (_tailLength > most - _mostHead && _tail.Count > 1)
            _tailLength -= _tail.Dequeue().Text.Length;
        if (_tail.Peek().Start > _headEnd)
            Cut = (_headEnd, _tail.Peek().Start);
    }

    /// <summary>What is kept from there on.</summary>
    public IEnumerable<LogPiece> From(long start) => _head.Concat(_tail).Where(piece => piece.End > start)
        .Select(piece => piece.Start >= start ? piece : new LogPiece(start, piece.Text[(int)(start - piece.Start)..]));

    private void Put(string text, Action<LogPiece> put)
    {
        // Small pieces, so that the tail loses little more than it must.
        var longest = Math.Min(MostInPiece, Math.Max(256, most / 16));
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = WholeText.Cut(text, start, longest);
            put(new LogPiece(Length, text[start..end]));
            Length += end - start;
        }
    }
}

/// <summary>A log as readers get it.</summary>
/// <param name="Run">The fence of the attempt that wrote it.</param>
/// <param name="Pieces">In order, without what was cut.</param>
internal sealed record LogView(long Run, string State, IReadOnlyList<LogPiece> Pieces, (long From, long To)? Cut)
{
    /// <summary>Of a build that failed at a step: what is known of it, as JSON.</summary>
    public string? Failure { get; init; }

    public long End => Pieces.Count == 0 ? 0 : Pieces[^1].End;

    /// <summary>The text from there on, with the note where it jumps.</summary>
    public string From(long start)
    {
        var text = new StringBuilder();
        var isNoted = Cut is not { } cut || start >= cut.To;
        foreach (var piece in Pieces.Where(piece => piece.End > start))
        {
            if (!isNoted && piece.Start >= Cut!.Value.To)
            {
                text.Append(Note(Cut.Value.To - Cut.Value.From));
                isNoted = true;
            }
            text.Append(piece.Text.AsSpan((int)Math.Max(0, start - piece.Start)));
        }
        return text.ToString();
    }

    /// <summary>Rows, of which some may reach into what is left out by now.</summary>
    public static LogView OfRows(long run, string state, IEnumerable<LogPiece> rows, (long From, long To)? cut) =>
        new(run, state, [.. cut is var (from, to) ? rows.SelectMany(row => Outside(row, from, to)) : rows], cut);

    private static IEnumerable<LogPiece> Outside(LogPiece row, long from, long to)
    {
        if (row.Start < from)
            yield return row with { Text = row.Text[..(int)Math.Min(row.Text.Length, from - row.Start)] };
        if (row.End > to)
            yield return new LogPiece(Math.Max(row.Start, to), row.Text[(int)Math.Max(0, to - row.Start)..]);
    }

    /// <summary>Stands where the middle of a long log was.</summary>
    public static string Note(long characters) =>
        string.Create(CultureInfo.InvariantCulture, $"\n… {characters} characters of the log are left out here; Builds__MaxLogLength says how many are kept …\n");

    /// <summary>A stored log, taken apart again.</summary>
    public static LogView OfWhole(long run, string state, string whole, (long From, long To)? cut)
    {
        if (cut is not { } range)
            return new LogView(run, state, whole.Length == 0 ? [] : [new LogPiece(0, whole)], null);
        var after = (int)range.From + Note(range.To - range.From).Length;
        // A note of another wording: the text as it is serves a reader better than none.
        return after > whole.Length
            ? OfWhole(run, state, whole, null)
            : new LogView(run, state, [new LogPiece(0, whole[..(int)range.From]), new LogPiece(range.To, whole[after..])], cut);
    }
}
