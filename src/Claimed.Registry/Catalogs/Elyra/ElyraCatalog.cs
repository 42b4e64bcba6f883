using System.Collections.Concurrent;
using System.Globalization;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Pieces;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs.Elyra;

/// <summary>Entries of a whole catalog.</summary>
/// <param name="Pieces">Without commas between them.</param>
/// <param name="OwnBytes">Of the pieces that were made for this answer alone.</param>
/// <param name="IsWhole">False when a component is left out because its text could not be read.</param>
internal sealed record ElyraEntries(IReadOnlyList<Piece> Pieces, long OwnBytes, bool IsWhole);

/// <summary>The pieces of the whole catalog of one runtime, kept from one request to the next: what has changed since is encoded anew.</summary>
public sealed class ElyraCatalog(IBlobStore blobs, LostBlobs lost, RegistryUrls urls, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private const int LongestKey = 512;
    private const long MaxAnswerBytes = 32L << 20;
    // What a channel means is another text for each channel. Clients follow few of them.
    private const int MostChannels = 8;
    private readonly Generations<ServedPieces> _answers = new(MaxAnswerBytes);
    private readonly Lock _turn = new();
    private readonly List<(ElyraSelection All, ElyraBlocks Blocks)> _channels = [];
    private readonly ConcurrentDictionary<ElyraRuntime, ElyraBlocks> _kept = new();

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
    internal async Task<ElyraEntries> EntriesAsync(
        ElyraSelection selection, CatalogView view, NamespaceEntry? space, Func<ComponentEntry, bool>? only, CancellationToken cancellation)
    {
        if (BlocksOf(selection, view) is not { } kept)
            return new ElyraEntries([], 0, true);
        var made = await kept.OfAsync(view.Catalog, cancellation);
        var pieces = new List<Piece>(made.Blocks.Count);
        var own = 0L;
        foreach (var block in made.Blocks)
        {
            // A block has components of one namespace.
            var owner = block.Entries[0].Source.Namespace;
            if ((space is not null && owner != space.Name) || view.Namespace(owner) is not { } seen)
                continue;
            var takesAll = !seen.IsPrivate && selection is { Category: null, Tag: null } && only is null;
            var piece = takesAll ? block.Piece : PiecedList<ComponentEntry>.Some(block, component =>
                (!seen.IsPrivate || view.Sees(component.Subject)) && selection.Has(component) && only?.Invoke(component) != false);
            if (piece is null)
                continue;
            pieces.Add(piece);
            own += piece == block.Piece ? 0 : piece.Deflated.Length;
        }
        return new ElyraEntries(pieces, own, made.IsWhole);
    }

    /// <summary>Null when no component that the caller sees has the channel.</summary>
    private ElyraBlocks? BlocksOf(ElyraSelection selection, CatalogView view)
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

    private ElyraBlocks New(ElyraSelection all) => new(
        new PiecedList<ComponentEntry>((component, cancellation) => ElyraEntry.WriteAsync(all, component, blobs, lost, urls, cancellation)), clock, lifetime.ApplicationStopping);
}
