using Claimed.Registry.Access;
using Claimed.Registry.Http.Pieces;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs;

/// <summary>Entries of a list of the whole catalog.</summary>
/// <param name="Pieces">Without commas between them.</param>
/// <param name="Items">How many entries they have.</param>
/// <param name="OwnBytes">Of the pieces that were made for this answer alone.</param>
/// <param name="IsWhole">False when a component is left out because its text could not be read.</param>
internal sealed record CatalogEntries(IReadOnlyList<Piece> Pieces, int Items, long OwnBytes, bool IsWhole)
{
    public static readonly CatalogEntries None = new([], 0, 0, true);

    /// <summary>The pieces of a document, with commas between the entries.</summary>
    public IReadOnlyList<Piece> Between(Piece head, Piece tail)
    {
        List<Piece> all = [head];
        foreach (var (index, piece) in Pieces.Index())
        {
            if (index > 0)
                all.Add(PiecedList<ComponentEntry>.Comma);
            all.Add(piece);
        }
        all.Add(tail);
        return all;
    }
}

/// <summary>The blocks of a list as they were made from a catalog.</summary>
/// <param name="IsWhole">False when the text of a component could not be read: it is tried again soon.</param>
internal sealed record MadeBlocks(CatalogSnapshot Catalog, IReadOnlyList<PiecedBlock<ComponentEntry>> Blocks, bool IsWhole, long At);

/// <summary>
/// A list of all components, kept from one request to the next and brought on to the catalog that is asked for: what has changed since is encoded anew.
/// Once at a time, and for the process, not for the client that asked: one that leaves ends no work that the next would begin again.
/// </summary>
/// <param name="write">The entries of a component as JSON, parted by commas.</param>
internal sealed class CatalogBlocks(Func<ComponentEntry, CancellationToken, Task<PiecedText>> write, TimeProvider clock, CancellationToken ending)
{
    // A lost file is asked for again, but not by every reader.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly PiecedList<ComponentEntry> _list = new(write);
    private readonly Lock _turn = new();
    private volatile MadeBlocks? _current;
    private Task<MadeBlocks>? _running;

    /// <summary>The entries of what the caller sees.</summary>
    /// <param name="space">The only namespace that is wanted; null for all.</param>
    /// <param name="isWanted">Leaves out other components; null for none.</param>
    public async Task<CatalogEntries> EntriesAsync(CatalogView view, string? space, Func<ComponentEntry, bool>? isWanted, CancellationToken cancellation)
    {
        var made = await OfAsync(view.Catalog, cancellation);
        var pieces = new List<Piece>(made.Blocks.Count);
        var (items, own) = (0, 0L);
        foreach (var block in made.Blocks)
        {
            // A block has components of one namespace.
            var owner = block.Entries[0].Source.Namespace;
            if ((space is not null && owner != space) || view.Namespace(owner) is not { } seen)
                continue;
            bool IsSeen(ComponentEntry component) => (!seen.IsPrivate || view.Sees(component.Subject)) && isWanted?.Invoke(component) != false;
            var isWhole = !seen.IsPrivate && isWanted is null;
            if ((isWhole ? block.Piece : PiecedList<ComponentEntry>.Some(block, IsSeen)) is not { } piece)
                continue;
            pieces.Add(piece);
            items += isWhole ? block.Items : block.Entries.Where(entry => IsSeen(entry.Source)).Sum(entry => entry.Items);
            own += piece == block.Piece ? 0 : piece.Deflated.Length;
        }
        return new CatalogEntries(pieces, items, own, made.IsWhole);
    }

    private async ValueTask<MadeBlocks> OfAsync(CatalogSnapshot catalog, CancellationToken cancellation)
    {
        var made = _current;
        while (made is null || made.Catalog.Components != catalog.Components || (!made.IsWhole && clock.GetElapsedTime(made.At) >= Pause))
            made = await Make(catalog).WaitAsync(cancellation);
        return made;
    }

    /// <summary>What is being made is waited for, whichever catalog it is of.</summary>
    private Task<MadeBlocks> Make(CatalogSnapshot catalog)
    {
        lock (_turn)
            return _running is { IsCompleted: false } running ? running : _running = Task.Run(() => MakeAsync(catalog), ending);
    }

    private async Task<MadeBlocks> MakeAsync(CatalogSnapshot catalog)
    {
        var blocks = await _list.UpdateAsync(catalog.Components, subject => subject[..subject.IndexOf('/', StringComparison.Ordinal)], ending);
        return _current = new MadeBlocks(catalog, blocks, blocks.All(block => block.IsWhole), clock.GetTimestamp());
    }
}
