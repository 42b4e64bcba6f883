using System.Globalization;

namespace Claimed.Registry.Access;

/// <summary>Signed tickets with which an engine pushes the image of one build into one repository.</summary>
public sealed class PushTickets(KeyFiles keys, TimeProvider clock)
{
    private readonly SignedText _signed = new(() => keys.Key(KeyFiles.PushTicket), "clmp_");

    public string Issue(string repository, TimeSpan lifetime)
    {
        var ends = (clock.GetUtcNow() + lifetime).ToUnixTimeSeconds();
        return _signed.Write(string.Create(CultureInfo.InvariantCulture, $"{ends} {repository}"));
    }

    /// <summary>The repository that the ticket opens, or null when it is not a valid ticket.</summary>
    public string? Read(string token)
    {
        if (_signed.Read(token)?.Split(' ', 2) is not [var ends, var repository])
            return null;
        return long.Parse(ends, CultureInfo.InvariantCulture) > clock.GetUtcNow().ToUnixTimeSeconds() ? repository : null;
    }
}
