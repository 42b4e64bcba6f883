using System.Globalization;
using System.Text.Json;
using Claimed.Components;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Mirrors;

/// <summary>An event of the origin, as far as it is of use here.</summary>
internal sealed record OriginEvent(long Serial, DateTimeOffset At, string Kind, string Subject, JsonElement Payload)
{
    private static readonly string[] OfComponents = ["version.", "channel.", "component."];

    /// <summary>By it the same feed is known again; the payload is left out, which a purge empties.</summary>
    public string Mark => string.Create(CultureInfo.InvariantCulture, $"{Serial} {Digest.Of($"{At.ToUnixTimeMilliseconds()} {Kind} {Subject}")}");

    /// <summary>The component that it tells of; null for other events.</summary>
    public ComponentSubject? Component => Subject.Split('/') is [var space, var name] && ComponentName.IsNamespace(space) && ComponentName.IsName(name)
        && OfComponents.Any(family => Kind.StartsWith(family, StringComparison.Ordinal)) ? new ComponentSubject(space, name) : null;

    /// <summary>The namespace whose visibility may have changed; null for other events.</summary>
    public string? Space => Kind is "namespace.changed" && ComponentName.IsNamespace(Subject) ? Subject : null;

    /// <summary>The channel that was deleted; null for other events.</summary>
    public string? DroppedChannel => Kind == "channel.deleted" && Payload.ValueKind == JsonValueKind.Object && Payload.TryGetProperty("channel", out var channel) && channel.ValueKind == JsonValueKind.String
        ? channel.GetString() : null;
}

/// <summary>The events of the origin, and what of it this registry sees.</summary>
internal sealed class OriginFeed(Origin origin, SpaceCopy spaces, IOptions<MirrorOptions> options)
{
    private const int PageSize = 500;
    private const long MostPage = 32 << 20;
    private const long MostAnswer = 1 << 20;

    private sealed record Me(string? Pattern, IReadOnlyList<string>? Scopes);

    /// <summary>The serial of the newest event.</summary>
    public async Task<long> NewestAsync(CancellationToken cancellation) => NextOf(await origin.JsonAsync<Page<OriginEvent>>("api/v1/events?newest=true", MostPage, cancellation), 0);

    /// <summary>Events after a serial, and the serial to ask after next.</summary>
    /// <param name="wait">Seconds for which the origin may hold the answer.</param>
    public async Task<(IReadOnlyList<OriginEvent> Events, long Next)> ReadAsync(long after, int wait, CancellationToken cancellation, int limit = PageSize)
    {
        var page = await origin.JsonAsync<Page<OriginEvent>>($"api/v1/events?after={after}&limit={limit}&wait={wait}", MostPage, cancellation, wait);
        var next = NextOf(page, after);
        var last = after;
        foreach (var one in page.Items ?? [])
        {
            if (one?.Kind is null || one.Subject is null || one.Serial <= last || one.Serial > next)
                throw new OriginAwayException($"{origin.Name} sends events that are none, or not in their order.");
            last = one.Serial;
        }
        return (page.Items ?? [], next);
    }

    /// <summary>Whether the feed still has the event that was read last, under its serial: else it begins later, or belongs to another registry.</summary>
    public async Task<bool> IsSameAsync(MirrorState state, CancellationToken cancellation)
    {
        if (await NewestAsync(cancellation) < state.Serial)
            return false;
        if (state.Mark?.Split(' ')[0] is not { } text || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var serial))
            return true;
        var (events, _) = await ReadAsync(serial - 1, 0, cancellation, limit: 1);
        return events is [var one] && one.Mark == state.Mark;
    }

    /// <summary>The mark of the newest event up to a serial that is shown; null when there is none close by.</summary>
    public async Task<string?> MarkAsync(long serial, CancellationToken cancellation) =>
        (await ReadAsync(Math.Max(0, serial - PageSize), 0, cancellation)).Events.LastOrDefault(one => one.Serial <= serial)?.Mark;

    /// <summary>Sees that the token is still one: the origin answers a wrong one with what everyone sees, and says nothing of the rest.</summary>
    /// <exception cref="OriginAwayException">It is not.</exception>
    public async Task DemandTokenAsync(CancellationToken cancellation)
    {
        if (origin.HasToken)
            await MeAsync(cancellation);
    }

    /// <summary>What is followed and what is seen. When it changes, the events do not tell of what comes into view.</summary>
    public async Task<string> SightAsync(CancellationToken cancellation)
    {
        var me = origin.HasToken ? await MeAsync(cancellation) : null;
        var closed = (await spaces.ListAsync(cancellation)).Where(space => space.Visibility != "public").Select(space => space.Name);
        return Digest.Of(Json.Write(new { options.Value.Namespaces, me?.Pattern, Closed = closed.Where(options.Value.Covers).Order(StringComparer.Ordinal) }));
    }

    private Task<Me> MeAsync(CancellationToken cancellation) => origin.JsonAsync<Me>("api/v1/me", MostAnswer, cancellation);

    private long NextOf(Page<OriginEvent> page, long after) => long.TryParse(page.Next, NumberStyles.None, CultureInfo.InvariantCulture, out var next) && next >= after
        ? next : throw new OriginAwayException($"{origin.Name} does not say which event comes next; is it a registry of this kind?");
}
