using System.Globalization;

namespace Claimed.Registry.Http;

/// <summary>A moment in a query: RFC 3339 or Unix milliseconds.</summary>
public static class TimeQuery
{
    private const long MostMilliseconds = 253_402_300_799_999;

    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <exception cref="RefusedException">It is neither, or has not come yet.</exception>
    public static long Read(string name, string text, TimeProvider clock)
    {
        // A plus that was not written %2B arrives as a space.
        var plain = text.Replace(' ', '+');
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        long at;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= MostMilliseconds)
            at = milliseconds;
        else if (HasZone(plain) && DateTimeOffset.TryParseExact(plain.ToUpperInvariant(), Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            at = time.ToUnixTimeMilliseconds();
        else
            throw PageQuery.BadQuery($"{name} is \"{(text.Length <= 50 ? text : text[..50] + "…")}\": write a time such as 2026-01-01T12:00:00Z, or Unix milliseconds.");
        return at <= now ? at : throw PageQuery.BadQuery($"{name} has not come yet; leave it out for what holds now.");
    }

    /// <summary>A time of day without its zone is another moment for each reader.</summary>
    private static bool HasZone(string text) => text.Length > 19 && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-');
}
