namespace Claimed.Registry.Access.People;

/// <summary>Names that the audit gives to others than people. A person may have none of them, nor one that reads like it.</summary>
internal static class ReservedNames
{
    private static readonly string[] Names = ["administrator", "admin", "anonymous", "registry", "settings"];

    /// <summary>Whether a name is one of them, whatever digits stand for letters, and whatever marks and numbers are around.</summary>
    public static bool Has(string name)
    {
        var letters = string.Concat(name.Where(char.IsAsciiLetterOrDigit).Select(Letter));
        var plain = string.Concat(name.Where(char.IsAsciiLetter));
        return Names.Any(reserved => letters == Squashed(reserved) || plain == reserved || Squashed(plain) == Squashed(reserved));
    }

    private static string Squashed(string text) => string.Concat(text.Select(Letter));

    // An l, an i and a 1 look alike.
    private static char Letter(char sign) => sign switch
    {
        '0' => 'o',
        '1' or 'l' or '|' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        _ => sign,
    };
}
