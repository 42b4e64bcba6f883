using System.Globalization;
using System.Text.RegularExpressions;

namespace Claimed.Registry.Pages;

/// <summary>
/// Characters that nobody sees but that turn text around or hide some of it (the "Trojan Source" characters) are shown by their code
/// points. Works on a finished page, where they stand as themselves or as numeric references, so that no place can be forgotten.
/// </summary>
public static partial class HiddenCharacters
{
    public static string Reveal(string html) => Hidden.Replace(html, found =>
    {
        var code = found.Groups["code"] is { Success: true, Value: var hex } ? int.Parse(hex, NumberStyles.HexNumber) : found.Value[0];
        return IsHidden(code) ? $"[U+{code:X4}]" : found.Value;
    });

    // Bidirectional marks and overrides, zero-width space, word joiner, invisible operators, byte order mark, C0 and C1 controls.
    private static bool IsHidden(int code) => code is 0x061C or 0x180E or 0x200B or (>= 0x200E and <= 0x200F) or (>= 0x2028 and <= 0x202E)
        or (>= 0x2060 and <= 0x206F) or 0xFEFF or (>= 0xFFF9 and <= 0xFFFB) or (< 0x20 and not (0x09 or 0x0A or 0x0D)) or (>= 0x7F and <= 0x9F);

    [GeneratedRegex(@"&#x(?<code>[0-9A-Fa-f]{1,6});|[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Hidden { get; }
}
