using System.Collections.Concurrent;
using System.Globalization;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Pieces;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs.Elyra;

/// <summary>The pieces of the whole catalog of one runtime, kept from one request to the next: what has changed since is encoded anew.</summary>
public sealed class ElyraCatalog(IBlobStore blobs, LostBlobs lost, RegistryUrls urls, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private const int LongestKey = 512;
    private const long MaxAnswerBytes = 32L << 20;
    // What a channel means is another text for each channel. Clients follow few of them.
    private const int MostChannels = 8;
    private readonly Generations<ServedPieces> _answers = new(MaxAnswerBytes);
    private readonly Lock _turn = new();
    private readonly List<(ElyraSelection All, CatalogBlocks Blocks)> _channels = [];
    private readonly ConcurrentDictionary<ElyraRuntime, CatalogBlocks> _kept = new();

    /// <summary>What names an answer: what is asked for, and what the reader sees. Whatever else stands in the URL changes nothing.</summary>
    internal static string? KeyOf(KeptPlace? place, NamespaceEntry? space, ElyraSelection selection, long? since)
    {
        if (place is null)
            return null;
        var key = string.Join('\n', new[]
        {
            place.Sight, space?.Name, selection.Runtime.Name, selection.Category, selection.Tag, selection.Channel, selection.Pinned ? "pinned" : null, since?.ToString(CultureInfo.InvariantCulture),
        }.Select(part => part is null ? "" : "=" + Uri.EscapeDataString(part)));
        return key.Length <= LongestKey ? key : null;
    }

    /// <summary>An answer that was made from this very catalog for readers who see the same; null when there is none.</summary>
    internal ServedPieces? Find(string? key) =>
        key is not null && _answers.TryFind(key, static known => known.Until is { IsOver: false }, out var answer) ? answer : null;

    internal ServedPieces Keep(string? key, ServedPieces served)
    {
        if (key is not null && served.Until is not null)
            _answers.Keep(key, served, served.OwnBytes + 2L * key.Length);
        return served;
    }

    /// <summary>The entries of what the caller sees and the selection has.</summary>
    /// <param name="only">Leaves out other components; null for none.</param>
    internal Task<CatalogEntries> EntriesAsync(
        ElyraSelection selection, CatalogView view, NamespaceEntry? space, Func<ComponentEntry, bool>? only, CancellationToken cancellation)
    {
        if (BlocksOf(selection, view) is not { } kept)
            return Task.FromResult(CatalogEntries.None);
        var takesAll = selection is { Category: null, Tag: null } && only is null;
        return kept.EntriesAsync(view, space?.Name, takesAll ? null : component => selection.Has(component) && only?.Invoke(component) != false, cancellation);
    }

    /// <summary>Null when no component that the caller sees has the channel.</summary>
    private CatalogBlocks? BlocksOf(ElyraSelection selection, CatalogView view)
    {
        var all = new ElyraSelection(selection.Runtime, null, null, selection.Channel, false);
        if (selection.Channel is not { } channel)
            return _kept.GetOrAdd(selection.Runtime, _ => New(all));
        if (!view.Components.Any(component => component.Channel(channel) is not null))
            return null;
        lock (_turn)
        {
            var index = _channels.FindIndex(known => known.All == all);
            var blocks = index >= 0 ? _channels[index].Blocks : New(all);
            // The one that was asked for longest ago goes.
            if (index >= 0 || _channels.Count == MostChannels)
                _channels.RemoveAt(Math.Max(index, 0));
            _channels.Add((all, blocks));
            return blocks;
        }
    }

    private CatalogBlocks New(ElyraSelection all) => new(
        (component, cancellation) => ElyraEntry.WriteAsync(all, component, blobs, lost, urls, cancellation), clock, lifetime.ApplicationStopping);
}
