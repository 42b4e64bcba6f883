using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Pieces;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs.Elyra;

/// <summary>The pieces of the whole catalog of one runtime, kept from one request to the next: what has changed since is encoded anew.</summary>
public sealed class ElyraCatalog(IBlobStore blobs, LostBlobs lost, RegistryUrls urls)
{
    // Bodies are mostly pieces that are kept anyway; what each adds is its head.
    private const int LongestTarget = 512;
    private const long MaxAnswerBytes = 32L << 20;
    private readonly Generations<Answer> _answers = new(MaxAnswerBytes);
    private readonly Dictionary<ElyraRuntime, Kept> _kept = ElyraRuntime.All.ToDictionary(runtime => runtime, runtime =>
    {
        var all = new ElyraSelection(runtime, null, null, null, false);
        return new Kept(new PiecedList<ComponentEntry>((component, cancellation) => ElyraEntry.WriteAsync(all, component, blobs, lost, urls, cancellation)));
    });

    /// <summary>An answer that was made from this very catalog for readers who see the same; null when there is none.</summary>
    internal ServedPieces? Find(KeptPlace? place) =>
        place is not null && _answers.TryFind(place.Target, static known => !known.Until.IsOver, out var answer) ? answer.Served : null;

    internal ServedPieces Keep(KeptPlace? place, ServedPieces served, CatalogView view)
    {
        if (place is not null && place.Target.Length <= LongestTarget)
            _answers.Keep(place.Target, new Answer(served, view.Freshness), served.Pieces[0].Deflated.Length + 64L * served.Pieces.Count + 2L * place.Target.Length);
        return served;
    }

    /// <summary>The entries of what the caller sees and the selection has, as pieces without commas between them.</summary>
    /// <param name="only">Leaves out other components; null for none.</param>
    internal async Task<IReadOnlyList<Piece>> EntriesAsync(
        ElyraSelection selection, CatalogView view, NamespaceEntry? space, Func<ComponentEntry, bool>? only, CancellationToken cancellation)
    {
        if (selection.Channel is not null)
            return await ChosenAsync(selection, view, space, only, cancellation);
        var blocks = await BlocksAsync(selection.Runtime, view.Catalog, cancellation);
        var pieces = new List<Piece>(blocks.Count);
        foreach (var block in blocks)
        {
            // A block has components of one namespace.
            var owner = block.Entries[0].Source.Namespace;
            if ((space is not null && owner != space.Name) || view.Namespace(owner) is not { } seen)
                continue;
            var isWhole = !seen.IsPrivate && selection.IsAll && only is null;
            var piece = isWhole ? block.Piece : PiecedList<ComponentEntry>.Some(block, component =>
                (!seen.IsPrivate || view.Sees(component.Subject)) && selection.Has(component) && only?.Invoke(component) != false);
            if (piece is not null)
                pieces.Add(piece);
        }
        return pieces;
    }

    /// <summary>What a channel means is another text for each channel: it is read for whoever asks.</summary>
    private async Task<IReadOnlyList<Piece>> ChosenAsync(
        ElyraSelection selection, CatalogView view, NamespaceEntry? space, Func<ComponentEntry, bool>? only, CancellationToken cancellation)
    {
        var pieces = new List<Piece>();
        foreach (var component in (space is null ? view.Components : view.InNamespace(space.Name)).Where(component => only?.Invoke(component) != false))
        {
            var text = await ElyraEntry.WriteAsync(selection, component, blobs, lost, urls, cancellation);
            if (text.Length > 0)
                pieces.Add(Piece.Of(text.Span));
        }
        return pieces;
    }

    private async Task<IReadOnlyList<PiecedBlock<ComponentEntry>>> BlocksAsync(ElyraRuntime runtime, CatalogSnapshot catalog, CancellationToken cancellation)
    {
        var kept = _kept[runtime];
        if (kept.Current is { } current && current.Catalog.Components == catalog.Components)
            return current.Blocks;
        await kept.One.WaitAsync(cancellation);
        try
        {
            if (kept.Current is { } meanwhile && meanwhile.Catalog.Components == catalog.Components)
                return meanwhile.Blocks;
            var blocks = await kept.List.UpdateAsync(catalog.Components, subject => subject[..subject.IndexOf('/', StringComparison.Ordinal)], cancellation);
            kept.Current = new Made(catalog, blocks);
            return blocks;
        }
        finally
        {
            kept.One.Release();
        }
    }

    private sealed record Answer(ServedPieces Served, Freshness Until);

    private sealed record Made(CatalogSnapshot Catalog, IReadOnlyList<PiecedBlock<ComponentEntry>> Blocks);

    private sealed class Kept(PiecedList<ComponentEntry> list)
    {
        private volatile Made? _current;

        public PiecedList<ComponentEntry> List => list;

        public SemaphoreSlim One { get; } = new(1, 1);

        public Made? Current
        {
            get => _current;
            set => _current = value;
        }
    }
}
