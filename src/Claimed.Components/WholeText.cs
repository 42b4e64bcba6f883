using System.Text;

namespace Claimed.Components;

/// <summary>Text that every database and every encoding can hold.</summary>
public static class WholeText
{
    /// <summary>False for U+0000 and for half of a surrogate pair.</summary>
    public static bool Is(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (text[i] == '\0' || char.IsSurrogate(text[i]))
                return false;
        }

        return true;
    }

    /// <summary>Where a part of at most <paramref name="length"/> characters from <paramref name="start"/> ends: never between the halves of a character.</summary>
    public static int Cut(string text, int start, int length)
    {
        var end = Math.Min(text.Length, start + Math.Max(0, length));
        return end > start + 1 && end < text.Length && char.IsHighSurrogate(text[end - 1]) ? end - 1 : end;
    }

    /// <summary>The text with U+FFFD for what it cannot hold: escapes in a source or a log can say anything.</summary>
    public static string Of(string text) => Is(text) ? text
        : string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0 ? Rune.ReplacementChar.ToString() : rune.ToString()));
}
