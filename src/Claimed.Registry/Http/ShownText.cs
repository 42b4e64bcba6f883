namespace Claimed.Registry.Http;

/// <summary>What a sender wrote, as an answer or a log repeats it.</summary>
public static class ShownText
{
    private const int MostShort = 80;

    /// <summary>As it was sent, its end left out where it is long; for names in refusals.</summary>
    public static string Short(string text) => text.Length <= MostShort ? text : text[..MostShort] + "…";

    /// <summary>Its beginning, without characters that nobody sees.</summary>
    public static string Of(string text, int most) =>
        string.Concat(text.Take(most).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
}
