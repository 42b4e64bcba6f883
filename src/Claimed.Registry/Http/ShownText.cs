namespace Claimed.Registry.Http;

/// <summary>What a sender wrote, as an answer or a log repeats it.</summary>
public static class ShownText
{
    /// <summary>Its beginning, without characters that nobody sees.</summary>
    public static string Of(string text, int most) =>
        string.Concat(text.Take(most).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
}
