using Claimed.Registry.Http.Documents;

namespace Claimed.Registry.Storage;

/// <summary>How often versions are used, for pages and documents that go on without it while the database is away.</summary>
public sealed class ShownReads(RegistryDatabase database, TimeProvider clock)
{
    private readonly PatientReads _reads = new(database, clock);

    /// <summary>Null while the database does not answer.</summary>
    public async ValueTask<ReadsDocument?> OfAsync(long version, CancellationToken cancellation) =>
        (await _reads.AskAsync((db, limit) => ReadRows.OfAsync(db, version, limit), cancellation)).Value is { } rows ? ReadsDocument.From(rows, clock.GetUtcNow().ToUnixTimeMilliseconds()) : null;
}
