using System.Text;

namespace Claimed.Components.Sources.Shell;

/// <summary>The word within <c>${x:-word}</c>, with its quotes and backslashes taken away as a shell does it.</summary>
internal ref struct ShellWord
{
    private const int MaxLength = 32 * 1024;

    private readonly ReadOnlySpan<char> text;
    private readonly bool quoted;
    private readonly StringBuilder value = new();
    private int position;

    private ShellWord(ReadOnlySpan<char> text, bool quoted)
    {
        this.text = text;
        this.quoted = quoted;
    }

    /// <summary>The value and how many characters stand before the closing brace; null when only the shell can tell, or when it is never closed.</summary>
    /// <param name="quoted">The expansion stands within double quotes.</param>
    public static (string Value, int Length)? Read(ReadOnlySpan<char> text, bool quoted)
    {
        var word = new ShellWord(text[..Math.Min(MaxLength, text.Length)], quoted);
        return word.Read() ? (word.value.ToString(), word.position) : null;
    }

    private bool Read()
    {
        // The home directory is that of whoever runs it.
        if (!quoted && text.StartsWith("~"))
            return false;
        for (; position < text.Length; position++)
        {
            switch (text[position])
            {
                case '}':
                    return true;
                case '\'' when !quoted:
                    var close = text[(position + 1)..].IndexOf('\'');
                    if (close < 0)
                        return false;
                    value.Append(text.Slice(position + 1, close));
                    position += close + 1;
                    break;
                case '"':
                    if (!ReadQuoted())
                        return false;
                    break;
                case '\\':
                    Escape(quoted);
                    break;
                default:
                    if (IsExpansion())
                        return false;
                    value.Append(text[position]);
                    break;
            }
        }

        return false;
    }

    /// <summary>Up to the quotation mark that closes.</summary>
    private bool ReadQuoted()
    {
        for (position++; position < text.Length && text[position] != '"'; position++)
        {
            if (IsExpansion())
                return false;
            if (text[position] == '\\')
                Escape(within: true);
            else
                value.Append(text[position]);
        }

        return position < text.Length;
    }

    /// <summary>Within double quotes a backslash counts before few characters only.</summary>
    private void Escape(bool within)
    {
        var next = position + 1 < text.Length ? text[position + 1] : '\0';
        if (within && !"$`\"\\}\n".Contains(next))
        {
            value.Append('\\');
            return;
        }

        position++;
        if (next != '\n')
            value.Append(next);
    }

    private readonly bool IsExpansion()
    {
        if (text[position] == '`')
            return true;
        var next = position + 1 < text.Length ? text[position + 1] : '\0';
        return text[position] == '$' && (char.IsAsciiLetterOrDigit(next) || "_{(@*#?$!-'\"".Contains(next));
    }
}
