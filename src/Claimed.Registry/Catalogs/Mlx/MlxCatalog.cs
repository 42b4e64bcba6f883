using System.Text;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Pieces;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs.Mlx;

/// <summary>The list of everything, for the connector, which asks for nothing else: kept as pieces from one request to the next.</summary>
public sealed class MlxCatalog(QuietBodies quiet, PlainTexts plain, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private const string Components = "{\"components\":[";
    private static readonly Piece Head = Piece.Of(Encoding.UTF8.GetBytes(Components));
    private readonly CatalogBlocks _blocks = new(WriteAsync, clock, lifetime.ApplicationStopping);

    /// <param name="document">The document without its components, by how many there are.</param>
    internal async Task<ServedPieces> AllAsync<T>(CatalogView view, Func<int, T> document, CancellationToken cancellation)
    {
        var entries = await _blocks.EntriesAsync(view, null, null, cancellation);
        var empty = Json.Write(document(entries.Items));
        if (!empty.StartsWith(Components + "]", StringComparison.Ordinal))
            throw new InvalidOperationException("The components are not the first of the MLX document.");
        var tail = Piece.Of(Encoding.UTF8.GetBytes(empty[Components.Length..]));
        return new ServedPieces(entries.Between(Head, tail), MlxEndpoints.JsonType, quiet, plain)
        {
            Until = view.Freshness,
            OwnPieces = entries.OwnBytes + tail.Deflated.Length,
        };
    }

    private static Task<PiecedText> WriteAsync(ComponentEntry component, CancellationToken cancellation)
    {
        var documents = MlxId.All(component).Select(found => Json.Write(MlxComponentDocument.Of(found))).ToList();
        return Task.FromResult(new PiecedText(Encoding.UTF8.GetBytes(string.Join(',', documents)), Items: documents.Count));
    }
}
