using Claimed.Registry.Http.Pieces;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs.Elyra;

/// <summary>The blocks of one runtime, or of one channel of it, as they were made from a catalog.</summary>
/// <param name="IsWhole">False when the text of a component could not be read: it is tried again soon.</param>
internal sealed record MadeBlocks(CatalogSnapshot Catalog, IReadOnlyList<PiecedBlock<ComponentEntry>> Blocks, bool IsWhole, long At);

/// <summary>
/// Keeps blocks and brings them on to the catalog that is asked for. Once at a time, and for the process, not for the client that asked: one that leaves
/// ends no work that the next would begin again.
/// </summary>
internal sealed class ElyraBlocks(PiecedList<ComponentEntry> list, TimeProvider clock, CancellationToken ending)
{
    // A lost file is asked for again, but not by every reader.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly Lock _turn = new();
    private volatile MadeBlocks? _current;
    private Task<MadeBlocks>? _running;

    public async ValueTask<MadeBlocks> OfAsync(CatalogSnapshot catalog, CancellationToken cancellation)
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
        var blocks = await list.UpdateAsync(catalog.Components, subject => subject[..subject.IndexOf('/', StringComparison.Ordinal)], ending);
        return _current = new MadeBlocks(catalog, blocks, blocks.All(block => block.IsWhole), clock.GetTimestamp());
    }
}
