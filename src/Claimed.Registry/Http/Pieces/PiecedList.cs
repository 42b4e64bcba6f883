using System.Text;

namespace Claimed.Registry.Http.Pieces;

/// <summary>One entry of a <see cref="PiecedList{TSource}"/>.</summary>
/// <param name="Start">Where its text begins in the text of the block.</param>
/// <param name="Length">0 for a source that has no text.</param>
/// <param name="IsWhole">False when some of the text could not be had: it is asked for again.</param>
/// <param name="Items">How many JSON texts it has.</param>
public sealed record PiecedEntry<TSource>(string Key, TSource Source, int Start, int Length, bool IsWhole, int Items) where TSource : class;

/// <summary>The text of an entry.</summary>
/// <param name="Text">Empty when it has none.</param>
/// <param name="IsWhole">False when some of it could not be had now.</param>
/// <param name="Items">How many JSON texts it has, parted by commas.</param>
public readonly record struct PiecedText(ReadOnlyMemory<byte> Text, bool IsWhole = true, int Items = 1);

/// <summary>Neighbouring entries, their texts parted by commas.</summary>
/// <param name="Piece">Null when none of them has a text.</param>
public sealed record PiecedBlock<TSource>(IReadOnlyList<PiecedEntry<TSource>> Entries, Piece? Piece) where TSource : class
{
    /// <summary>Whether all texts are what they should be.</summary>
    public bool IsWhole { get; } = Entries.All(entry => entry.IsWhole);

    /// <summary>How many JSON texts it has.</summary>
    public int Items { get; } = Entries.Sum(entry => entry.Items);
}

/// <summary>
/// A long list of JSON texts as pieces of about 64 entries: a change re-encodes the piece that it is in. Where a piece begins is said by the
/// keys alone, so that every node, and the same node after a restart, makes the same pieces.
/// </summary>
/// <param name="write">The text of an entry, asked for several at once. Asked again only when the source is another object, or the text was not whole.</param>
public sealed class PiecedList<TSource>(Func<TSource, CancellationToken, Task<PiecedText>> write) where TSource : class
{
    /// <summary>Entries in a block, on average.</summary>
    public const int Usual = 64;

    /// <summary>Between entries and between blocks.</summary>
    public static readonly Piece Comma = Piece.Of(","u8);

    // Texts are files, which may be far away.
    private const int AtOnce = 8;

    private Dictionary<string, PiecedBlock<TSource>> _known = new(StringComparer.Ordinal);

    /// <summary>All blocks, in the order of the sources. One caller at a time. What was made before it was cancelled need not be made again.</summary>
    /// <param name="sources">By key, in ordinal order.</param>
    /// <param name="partOf">The part of the list that a key is in; no block has entries of two parts.</param>
    public async Task<IReadOnlyList<PiecedBlock<TSource>>> UpdateAsync(
        IEnumerable<KeyValuePair<string, TSource>> sources, Func<string, string> partOf, CancellationToken cancellation)
    {
        var known = new Dictionary<string, PiecedBlock<TSource>>(StringComparer.Ordinal);
        var blocks = new List<PiecedBlock<TSource>>();
        foreach (var group in Grouped(sources, partOf))
        {
            var before = _known.GetValueOrDefault(group[0].Key);
            var block = before is not null && IsSame(before, group) ? before : await EncodeAsync(group, before, cancellation);
            known[group[0].Key] = _known[group[0].Key] = block;
            blocks.Add(block);
        }
        _known = known;
        return blocks;
    }

    /// <summary>The texts of some entries of a block, parted by commas; null when there are none.</summary>
    public static Piece? Some(PiecedBlock<TSource> block, Func<TSource, bool> isWanted)
    {
        var wanted = block.Entries.Where(entry => entry.Length > 0 && isWanted(entry.Source)).ToList();
        if (block.Piece is null || wanted.Count == 0)
            return null;
        if (wanted.Count == block.Entries.Count(entry => entry.Length > 0))
            return block.Piece;
        var text = block.Piece.Text();
        using var some = new MemoryStream();
        foreach (var entry in wanted)
            Append(some, text.AsSpan(entry.Start, entry.Length));
        return Piece.Of(some.GetBuffer().AsSpan(0, (int)some.Length));
    }

    private static IEnumerable<List<KeyValuePair<string, TSource>>> Grouped(IEnumerable<KeyValuePair<string, TSource>> sources, Func<string, string> partOf)
    {
        List<KeyValuePair<string, TSource>> group = [];
        foreach (var source in sources)
        {
            if (group.Count > 0 && (Begins(source.Key) || partOf(source.Key) != partOf(group[0].Key)))
            {
                yield return group;
                group = [];
            }
            group.Add(source);
        }
        if (group.Count > 0)
            yield return group;
    }

    private static bool Begins(string key) => System.IO.Hashing.XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(key)) % Usual == 0;

    private static bool IsSame(PiecedBlock<TSource> block, List<KeyValuePair<string, TSource>> group)
    {
        if (block.Entries.Count != group.Count || !block.IsWhole)
            return false;
        for (var index = 0; index < group.Count; index++)
        {
            if (!ReferenceEquals(block.Entries[index].Source, group[index].Value))
                return false;
        }
        return true;
    }

    private async Task<PiecedBlock<TSource>> EncodeAsync(List<KeyValuePair<string, TSource>> group, PiecedBlock<TSource>? before, CancellationToken cancellation)
    {
        var known = before?.Entries.Where(entry => entry.IsWhole).ToDictionary(entry => entry.Key, StringComparer.Ordinal);
        var old = before?.Piece?.Text();
        var texts = new PiecedText[group.Count];
        await Parallel.ForAsync(0, group.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (index, token) =>
        {
            var (key, source) = group[index];
            texts[index] = known?.GetValueOrDefault(key) is { } same && ReferenceEquals(same.Source, source)
                ? new PiecedText((old ?? []).AsMemory(same.Start, same.Length), Items: same.Items)
                : await write(source, token);
        });
        using var text = new MemoryStream();
        var entries = new List<PiecedEntry<TSource>>(group.Count);
        foreach (var ((key, source), one) in group.Zip(texts))
        {
            if (one.Text.Length > 0)
                Append(text, one.Text.Span);
            entries.Add(new PiecedEntry<TSource>(key, source, (int)text.Length - one.Text.Length, one.Text.Length, one.IsWhole, one.Text.Length > 0 ? one.Items : 0));
        }
        return new PiecedBlock<TSource>(entries, text.Length == 0 ? null : Piece.Of(text.GetBuffer().AsSpan(0, (int)text.Length)));
    }

    private static void Append(MemoryStream text, ReadOnlySpan<byte> entry)
    {
        if (text.Length > 0)
            text.WriteByte((byte)',');
        text.Write(entry);
    }
}
