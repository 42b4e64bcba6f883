using System.Buffers.Text;
using System.Text;
using Claimed.Registry.Http.Documents;

namespace Claimed.Registry.Http;

/// <summary>
/// Which page of a list is asked for. A cursor names the last entry that was shown, never a number of entries: what is added or removed
/// meanwhile neither repeats nor hides anything else.
/// </summary>
/// <param name="List">Word of the list; a cursor of another list is refused.</param>
/// <param name="Limit">Entries of the page.</param>
/// <param name="After">Key of the last entry that was shown; null begins.</param>
public sealed record PageQuery(string List, int Limit, string? After)
{
    public const int Usual = 50;
    public const int Most = 200;
    private const int LongestCursor = 1000;

    /// <exception cref="RefusedException">The limit is out of range, or the cursor was not given out by this list.</exception>
    public static PageQuery Read(string list, string? cursor, int? limit, Func<string, bool>? isKey = null)
    {
        CheckLimit(limit, Most);
        if (cursor is null)
            return new PageQuery(list, limit ?? Usual, null);
        var after = KeyOf(list, cursor);
        return after is not null && isKey?.Invoke(after) != false
            ? new PageQuery(list, limit ?? Usual, after)
            : throw BadQuery("cursor was not given out by this list; start without one.");
    }

    /// <summary>The page, out of one entry more than it has if there are that many.</summary>
    public Page<TDocument> Of<T, TDocument>(IEnumerable<T> following, Func<T, string> key, Func<T, TDocument> show)
    {
        var found = following.Take(Limit + 1).ToList();
        return new Page<TDocument>([.. found.Take(Limit).Select(show)], found.Count > Limit ? CursorOf(List, key(found[Limit - 1])) : null);
    }

    public static void CheckLimit(int? limit, int most)
    {
        if (limit < 1 || limit > most)
            throw BadQuery($"limit is {limit}; use 1 to {most}.");
    }

    public static RefusedException BadQuery(string detail) => new(new Refusal(400, "bad-query", "A query parameter is not right.", detail));

    private static string CursorOf(string list, string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{list}\n{key}"));

    private static string? KeyOf(string list, string cursor)
    {
        if (cursor.Length > LongestCursor || !Base64Url.IsValid(cursor))
            return null;
        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        // No key has U+0000, and a database may not take it.
        return text.StartsWith(list + "\n", StringComparison.Ordinal) && !text.Contains('\0', StringComparison.Ordinal) ? text[(list.Length + 1)..] : null;
    }
}
