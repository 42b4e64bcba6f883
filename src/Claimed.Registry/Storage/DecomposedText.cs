using System.Globalization;
using System.Text;

namespace Claimed.Registry.Storage;

/// <summary>
/// Text with every letter taken apart into base and marks, as file systems do that know no difference between the two. The runtime's own
/// normalization does nothing with invariant globalization; the table has the canonical decompositions of Unicode's basic plane.
/// </summary>
internal static class DecomposedText
{
    private const int HangulFirst = 0xAC00;
    private const int HangulCount = 11172;
    private const int Vowels = 21;
    private const int Finals = 28;

    private static readonly Lazy<Dictionary<char, string>> Letters = new(ReadTable);
    private static readonly Lazy<Dictionary<int, string>> Alike = new(ReadCompatibilities);

    public static string Of(string text)
    {
        if (Ascii.IsValid(text))
            return text;
        var letters = Apart(text).ToString().ToCharArray();
        SortMarks(letters);
        return new string(letters);
    }

    /// <summary>Every letter taken apart, with its marks in the order that they came in.</summary>
    private static StringBuilder Apart(string text)
    {
        var parts = new StringBuilder(text.Length + 8);
        foreach (var letter in text)
        {
            if (Letters.Value.TryGetValue(letter, out var apart))
                parts.Append(apart);
            else if (letter - HangulFirst is >= 0 and < HangulCount and var syllable)
                AppendHangul(parts, syllable);
            else
                parts.Append(letter);
        }
        return parts;
    }

    /// <summary>
    /// The same, and with plain letters and digits for those that only look otherwise: full width, ligatures, raised, in a circle. That is the form
    /// NFKD, but for signs, which stay, and marks, which keep their order: texts of any length come here, from anyone, and no word has marks.
    /// </summary>
    public static string CompatibleOf(string text)
    {
        if (Ascii.IsValid(text))
            return text;
        var plain = new StringBuilder(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Alike.Value.TryGetValue(rune.Value, out var alike))
                plain.Append(alike);
            else
                plain.Append(rune.ToString());
        }
        return Apart(plain.ToString()).ToString();
    }

    /// <summary>Syllables are made of two or three letters by counting.</summary>
    private static void AppendHangul(StringBuilder parts, int syllable)
    {
        parts.Append((char)(0x1100 + (syllable / (Vowels * Finals)))).Append((char)(0x1161 + (syllable / Finals % Vowels)));
        if (syllable % Finals is > 0 and var final)
            parts.Append((char)(0x11A7 + final));
    }

    /// <summary>Marks of one letter may come in any order; one order for all.</summary>
    private static void SortMarks(Span<char> letters)
    {
        for (var start = 0; start < letters.Length; start++)
        {
            var end = start;
            while (end < letters.Length && IsMark(letters[end]))
                end++;
            letters[start..end].Sort();
            start = end;
        }
    }

    private static bool IsMark(char letter) => CharUnicodeInfo.GetUnicodeCategory(letter) == UnicodeCategory.NonSpacingMark;

    /// <summary>Lines of a letter and what it is made of, in hexadecimal.</summary>
    private static Dictionary<char, string> ReadTable()
    {
        using var reader = new StreamReader(typeof(DecomposedText).Assembly.GetManifestResourceStream("decompositions.txt")!);
        var table = new Dictionary<char, string>();
        while (reader.ReadLine() is { } line)
        {
            var letters = line.Split(' ').Select(number => (char)int.Parse(number, NumberStyles.HexNumber)).ToArray();
            table[letters[0]] = new string(letters, 1, letters.Length - 1);
        }
        return table;
    }

    /// <summary>The same of letters, also beyond the basic plane, and what they look like.</summary>
    private static Dictionary<int, string> ReadCompatibilities()
    {
        using var reader = new StreamReader(typeof(DecomposedText).Assembly.GetManifestResourceStream("compatibilities.txt")!);
        var table = new Dictionary<int, string>();
        while (reader.ReadLine() is { } line)
        {
            var letters = line.Split(' ').Select(number => int.Parse(number, NumberStyles.HexNumber)).ToArray();
            table[letters[0]] = string.Concat(letters[1..].Select(char.ConvertFromUtf32));
        }
        return table;
    }
}
