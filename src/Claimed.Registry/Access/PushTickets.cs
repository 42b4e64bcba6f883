using System.Globalization;

namespace Claimed.Registry.Access;

/// <summary>What the engine of one build may push until when: one tag of one repository.</summary>
/// <param name="Ends">Unix seconds.</param>
public sealed record PushTicket(string Repository, string Tag, long Ends);

/// <summary>Signed tickets with which an engine pushes the image of one build under that build's tag.</summary>
public sealed class PushTickets(KeyFiles keys, TimeProvider clock)
{
    public const string Prefix = "clmp_";

    private readonly SignedText _signed = new(() => keys.Key(KeyFiles.PushTicket), Prefix);

    public string Issue(string repository, string tag, TimeSpan lifetime)
    {
        var ends = (clock.GetUtcNow() + lifetime).ToUnixTimeSeconds();
        return _signed.Write(string.Create(CultureInfo.InvariantCulture, $"{ends} {repository} {tag}"));
    }

    /// <summary>What the ticket opens, or null when it is not a valid one.</summary>
    public PushTicket? Read(string token)
    {
        if (_signed.Read(token)?.Split(' ') is not [var ends, var repository, var tag])
            return null;
        var ticket = new PushTicket(repository, tag, long.Parse(ends, CultureInfo.InvariantCulture));
        return ticket.Ends > clock.GetUtcNow().ToUnixTimeSeconds() ? ticket : null;
    }
}
