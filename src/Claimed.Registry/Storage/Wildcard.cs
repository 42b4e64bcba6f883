namespace Claimed.Registry.Storage;

/// <summary>Patterns of names: <c>*</c> stands for any characters, slashes and none included, <c>?</c> for one. Everything else stands for itself.</summary>
public static class Wildcard
{
    /// <summary>Whether the pattern covers all of the text. Goes back to the last star only, so that no pattern takes long.</summary>
    public static bool Matches(string pattern, string text)
    {
        var (at, place, star, from) = (0, 0, -1, 0);
        while (at < text.Length)
        {
            if (place < pattern.Length && pattern[place] == '*')
                (star, from) = (place++, at);
            else if (place < pattern.Length && (pattern[place] == '?' || pattern[place] == text[at]))
                (place, at) = (place + 1, at + 1);
            else if (star >= 0)
                (place, at) = (star + 1, ++from);
            else
                return false;
        }
        while (place < pattern.Length && pattern[place] == '*')
            place++;
        return place == pattern.Length;
    }
}
