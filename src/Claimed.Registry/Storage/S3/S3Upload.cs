using System.Globalization;
using System.Security.Cryptography;

namespace Claimed.Registry.Storage.S3;

/// <summary>A piece of an upload. Its key says where it begins: <c>…/0000000001000000-3f2a…</c>.</summary>
internal sealed record S3Piece(string Key, long First, long Size)
{
    public long End => First + Size;

    public static string KeyOf(string folder, long first) =>
        string.Create(CultureInfo.InvariantCulture, $"{folder}{first:x16}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}");

    /// <summary>The pieces that follow one another from the first byte. What is beside them was written by one who had lost its turn, or is to be removed.</summary>
    public static List<S3Piece> Chain(string folder, IEnumerable<S3Entry> objects)
    {
        var chain = new List<S3Piece>();
        var end = 0L;
        foreach (var entry in objects.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var name = entry.Key[folder.Length..];
            if (name.Length != 33 || !long.TryParse(name.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var first) || first != end || entry.Size == 0)
                continue;
            chain.Add(new S3Piece(entry.Key, first, entry.Size));
            end += entry.Size;
        }
        return chain;
    }
}

/// <summary>What this process hashed in its last turn: the SHA-256 of exactly these pieces.</summary>
internal sealed record HashedPieces(IncrementalHash Hash, IReadOnlyList<S3Piece> Pieces);

internal sealed class S3Upload(string owner, string id, S3Uploads uploads) : UploadSession(owner, id)
{
    private const string Start = "start";

    // A look costs a request; what was there a moment ago is looked for again by whoever takes the turn.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private long? _seen;
    private bool _isOurs;

    public string Folder => uploads.FolderOf(Name);

    internal HashedPieces? Hashed { get; set; }

    public override async ValueTask StartAsync(bool isVisible)
    {
        if (isVisible)
            await uploads.Bucket.PutAsync(Folder + Start, new MemoryStream([], writable: false), CancellationToken.None);
        _isOurs = !isVisible;
        _seen = uploads.Clock.GetTimestamp();
    }

    public override async ValueTask<bool> ExistsAsync(CancellationToken cancellation)
    {
        if (_seen is { } seen && uploads.Clock.GetElapsedTime(seen) < Fresh)
            return true;
        var exists = await uploads.Bucket.FindAsync(Folder + Start, cancellation) is not null;
        _seen = exists ? uploads.Clock.GetTimestamp() : null;
        return exists;
    }

    public override async ValueTask<long> LengthAsync(CancellationToken cancellation) => (await PiecesAsync(cancellation)).LastOrDefault()?.End ?? 0;

    public override async ValueTask EndAsync()
    {
        _seen = null;
        await uploads.RemoveAsync(await uploads.ListAsync(Name, CancellationToken.None));
    }

    protected override async ValueTask<UploadTurn?> TryTakeAsync(Action release, CancellationToken cancellation)
    {
        // Nobody else knows its name.
        if (_isOurs)
            return new S3UploadTurn(this, uploads, [], null, release);
        if (await uploads.Locks.TryTakeAsync(Name, cancellation) is not { } alone)
            return null;
        try
        {
            return new S3UploadTurn(this, uploads, await PiecesAsync(cancellation), alone, release);
        }
        catch
        {
            await alone.DisposeAsync();
            throw;
        }
    }

    private async Task<List<S3Piece>> PiecesAsync(CancellationToken cancellation)
    {
        var objects = await uploads.ListAsync(Name, cancellation);
        if (!objects.Exists(entry => entry.Key == Folder + Start))
        {
            _seen = null;
            throw new UploadGoneException();
        }
        _seen = uploads.Clock.GetTimestamp();
        return S3Piece.Chain(Folder, objects);
    }
}
