using System.Text.Json;
using Claimed.Database.Events;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Registry.Channels;

/// <summary>What a channel meant at a moment.</summary>
/// <param name="Since">When it began to mean that.</param>
/// <param name="SetBy"><c>publisher</c>, or <c>registry</c> for <c>latest</c> while nobody had set it.</param>
public sealed record ChannelMeaning(string Version, long Since, string SetBy);

/// <summary>
/// Works out from the events of a component what its channels meant. Moves and deletions are told; <c>latest</c>, while the registry moves it by itself, follows
/// from which versions were ready, and neither yanked, expiring nor gone.
/// </summary>
public sealed class ChannelHistory(RegistryDatabase database)
{
    /// <returns>What it meant, or null and when it meant something for the first time after that; null when it never did.</returns>
    public async Task<(ChannelMeaning? Then, long? First)> FindAsync(string subject, string channel, long at, CancellationToken cancellation)
    {
        var events = await database.ReadAsync(db => db.Events.Where(row => row.Subject == subject && (row.Kind.StartsWith("version.") || row.Kind.StartsWith("channel.")))
            .OrderBy(row => row.Serial).ToListAsync(cancellation), cancellation);
        var state = new Meanings(channel);
        // Clocks of nodes differ; what counts among those of that time is the order of commits.
        foreach (var row in events.Where(row => row.At <= at))
            state.Take(row);
        if (state.Current is { } then)
            return (then, null);
        foreach (var row in events.Where(row => row.At > at))
        {
            state.Take(row);
            if (state.Current is { } later)
                return (null, later.Since);
        }
        return (null, null);
    }

    /// <summary>The component while its events go by.</summary>
    private sealed class Meanings(string channel)
    {
        private readonly HashSet<string> _ready = new(StringComparer.Ordinal);
        private readonly HashSet<string> _yanked = new(StringComparer.Ordinal);
        private readonly HashSet<string> _expiring = new(StringComparer.Ordinal);
        private (string Version, long Since)? _set;

        public ChannelMeaning? Current { get; private set; }

        public void Take(RegistryEvent row)
        {
            using var payload = JsonDocument.Parse(row.Payload);
            string? Text(string name) => payload.RootElement.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
            if (Text("version") is not { } version)
                return;
            switch (row.Kind)
            {
                // Versions that expire are for whoever names them: latest passes them over.
                case "version.published":
                    if (payload.RootElement.TryGetProperty("expiresAt", out var end) && end.ValueKind == JsonValueKind.Number)
                        _expiring.Add(version);
                    else
                        _expiring.Remove(version);
                    break;
                case "version.ready":
                    _ready.Add(version);
                    break;
                case "version.yanked":
                    _yanked.Add(version);
                    break;
                case "version.unyanked":
                    _yanked.Remove(version);
                    break;
                // Channels that mean it go with it.
                case "version.purged" or "version.expired":
                    _ready.Remove(version);
                    if (_set?.Version == version)
                        _set = null;
                    break;
                case "channel.moved" when Text("channel") == channel:
                    _set = (version, row.At);
                    break;
                case "channel.deleted" when Text("channel") == channel:
                    _set = null;
                    break;
                default:
                    return;
            }
            Settle(row.At);
        }

        private void Settle(long at)
        {
            var means = _set is { } set ? (set.Version, SetBy: "publisher") : channel == ComponentEntry.Latest && Highest() is { } highest ? (highest, "registry") : ((string, string SetBy)?)null;
            if (means is null)
                Current = null;
            else if (Current is null || (Current.Version, Current.SetBy) != means)
                Current = new ChannelMeaning(means.Value.Item1, at, means.Value.SetBy);
        }

        private string? Highest() => _ready.Where(version => !_yanked.Contains(version) && !_expiring.Contains(version)).Select(version => SemVersion.Parse(version, SemVersionStyles.Strict)).Where(version => !version.IsPrerelease)
            .Order(SemVersion.PrecedenceComparer).LastOrDefault()?.ToString();
    }
}
