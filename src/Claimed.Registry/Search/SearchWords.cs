using System.Globalization;
using System.Text;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Search;

/// <summary>
/// How text becomes words, for what is indexed and for what is asked, so that both databases match the same: they get finished words and take
/// nothing apart. Letters lose case and marks (NFKD); all but letters and digits separates. What hyphens, underscores, dots and capitals hold
/// together is one compound: <c>filter-csv</c>, <c>filter_csv</c> and <c>filterCsv</c> are found as <c>filter</c>, <c>csv</c> and <c>filtercsv</c>.
/// </summary>
internal static class SearchWords
{
    /// <summary>Letters of a word that count.</summary>
    private const int MaxWord = 64;

    /// <summary>Letters that count of what is written without spaces.</summary>
    private const int MaxRun = 8;

    // Longer chains are numbers, hashes and paths; only their parts count.
    private const int MaxParts = 8;

    // What people type without the letter that has no marks to lose.
    private static readonly Dictionary<int, string> Spelt = new()
    {
        ['ß'] = "ss",
        ['æ'] = "ae",
        ['œ'] = "oe",
        ['ø'] = "o",
        ['ł'] = "l",
        ['đ'] = "d",
        ['ð'] = "d",
        ['þ'] = "th",
        ['ı'] = "i",
        ['ς'] = "σ",
    };

    /// <summary>The parts of each compound of a text, in its order.</summary>
    public static IEnumerable<IReadOnlyList<string>> Compounds(string text)
    {
        var parts = new Parts();
        foreach (var rune in DecomposedText.CompatibleOf(text).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
                parts.Add(rune);
            else if (IsMark(rune))
                continue;
            else if (rune.Value is '-' or '_' or '.')
                parts.EndPart();
            else if (parts.Take() is { Count: > 0 } compound)
                yield return compound;
        }
        if (parts.Take() is { Count: > 0 } last)
            yield return last;
    }

    /// <summary>What a compound is found by: each part, and what follows it joined to it. Where words are not spaced, each letter begins one.</summary>
    public static IEnumerable<string> Found(IReadOnlyList<string> compound)
    {
        foreach (var (index, part) in compound.Index())
        {
            if (IsUnspaced(part))
            {
                var runes = part.EnumerateRunes().ToArray();
                for (var start = 0; start < runes.Length; start++)
                    yield return string.Concat(runes.Skip(start).Take(MaxRun));
            }
            else
            {
                yield return part;
            }
            if (index < compound.Count - 1 && compound.Count <= MaxParts)
                yield return Joined(compound.Skip(index));
        }
    }

    /// <summary>The words of a compound that is asked for: text must have all of them.</summary>
    public static IReadOnlyList<string> Asked(IReadOnlyList<string> compound) => [.. compound.SelectMany(part =>
        IsUnspaced(part) ? part.EnumerateRunes().Chunk(MaxRun).Select(runes => string.Concat(runes)) : [part])];

    /// <summary>The compound as one word; null when it is one or has too many parts.</summary>
    public static string? Whole(IReadOnlyList<string> compound) => compound.Count is > 1 and <= MaxParts ? Joined(compound) : null;

    private static string Joined(IEnumerable<string> parts) => string.Concat(string.Concat(parts).EnumerateRunes().Take(MaxWord));

    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format;

    private static bool IsUnspaced(string part) => Rune.GetRuneAt(part, 0) is var first && IsUnspaced(first);

    /// <summary>Han, Kana, Thai, Lao, Khmer and Burmese are written without spaces between words.</summary>
    private static bool IsUnspaced(Rune rune) => rune.Value is (>= 0x2E80 and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x20000 and <= 0x3FFFF) or (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF);

    /// <summary>One compound in the making.</summary>
    private sealed class Parts
    {
        private readonly StringBuilder _part = new();
        private List<string> _parts = [];
        private int _length;
        private Rune _last;
        private bool _hasLast;

        // Since the last small letter or digit.
        private int _capitals;

        public void Add(Rune rune)
        {
            var isCapital = Rune.IsUpper(rune);
            if (_hasLast && (IsUnspaced(rune) != IsUnspaced(_last) || (isCapital && _capitals == 0)))
                EndPart();
            else if (!isCapital && _capitals > 1 && Rune.IsLower(rune))
                // In "HTTPServer" the last capital begins the next word.
                SplitBeforeLast();
            _capitals = isCapital ? _capitals + 1 : Rune.IsDigit(rune) && _capitals > 0 ? _capitals : 0;
            Append(rune);
            (_last, _hasLast) = (rune, true);
        }

        public void EndPart()
        {
            if (_part.Length > 0)
                _parts.Add(_part.ToString());
            _part.Clear();
            (_length, _hasLast, _capitals) = (0, false, 0);
        }

        public IReadOnlyList<string> Take()
        {
            EndPart();
            var taken = _parts;
            if (taken.Count > 0)
                _parts = [];
            return taken;
        }

        private void Append(Rune rune)
        {
            var small = Rune.ToLowerInvariant(rune);
            if (!IsUnspaced(rune) && _length >= MaxWord)
                return;
            _length++;
            _part.Append(Spelt.TryGetValue(small.Value, out var spelt) ? spelt : small.ToString());
        }

        private void SplitBeforeLast()
        {
            if (_length >= MaxWord || !Rune.IsUpper(_last))
                return;
            var last = Rune.ToLowerInvariant(_last);
            _part.Length -= Spelt.TryGetValue(last.Value, out var spelt) ? spelt.Length : last.Utf16SequenceLength;
            EndPart();
            Append(last);
        }
    }
}
