using System.Text;
using Claimed.Database.Builds;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds.Logs;

/// <summary>A log in the blob store, and where its middle was left out, in characters of the whole.</summary>
public sealed record StoredLog(string Blob, long? CutFrom, long? CutTo)
{
    /// <summary>Makes it the log of the build, in place of the rows.</summary>
    internal async Task UseAsync(Change change, Build build)
    {
        (build.LogBlob, build.LogCutFrom, build.LogCutTo) = (Blob, CutFrom, CutTo);
        change.Names(Blob);
        await change.Db.BuildLogParts.Where(part => part.BuildId == build.Id).ExecuteDeleteAsync(change.Cancellation);
    }
}

/// <summary>Collects the output of one running build: rows of at most 64 KiB or one second while it runs, one blob at its end.</summary>
/// <param name="mostLength">Characters that are kept.</param>
public sealed class BuildLog(RegistryDatabase database, IBlobStore blobs, BuildLease lease, SecretTexts secrets, int mostLength)
{
    private readonly Lock _lock = new();
    private readonly LogText _text = new(secrets);
    private readonly LogPieces _pieces = new(mostLength);

    // How far the rows go, and the number of the last. One flush at a time.
    private long _stored;
    private int _parts;

    /// <summary>Told on every output; resets the idle limit.</summary>
    public Action? Active { get; set; }

    public void Write(string text)
    {
        Active?.Invoke();
        lock (_lock)
            _pieces.Add(_text.Take(text));
    }

    /// <summary>The last characters, whole lines where there are any.</summary>
    public string Tail(int most)
    {
        string tail;
        lock (_lock)
            tail = string.Concat(_pieces.From(_pieces.Length - most).Select(piece => piece.Text));
        var line = tail.Length < most ? -1 : tail.IndexOf('\n', StringComparison.Ordinal);
        return tail[(line + 1)..];
    }

    /// <summary>Stores what has come since the last call. A call that fails loses nothing: the next one brings it, in its place.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        List<LogPiece> pieces;
        (long From, long To)? cut;
        lock (_lock)
        {
            pieces = [.. Joined(_pieces.From(_stored))];
            cut = _pieces.Cut;
        }
        if (pieces.Count == 0)
            return;
        var held = await database.ChangeAsync(async change =>
        {
            // A builder that lost its lease must not write into the log of the next attempt.
            if (!await BuildQueue.HoldAsync(change, lease))
                return false;
            // What a commit stored that nobody heard of, and what is left out by now.
            await change.Db.BuildLogParts.Where(part => part.BuildId == lease.BuildId && part.Start >= _stored).ExecuteDeleteAsync(change.Cancellation);
            if (cut is var (from, to))
            {
                // A row that ends after the cut stays whole; readers leave out its beginning.
                var last = await change.Db.BuildLogParts.Where(part => part.BuildId == lease.BuildId && part.Start <= to).MaxAsync(part => (long?)part.Start, change.Cancellation);
                await change.Db.BuildLogParts.Where(part => part.BuildId == lease.BuildId && part.Start >= from && part.Start < last).ExecuteDeleteAsync(change.Cancellation);
                await change.Db.Builds.Where(build => build.Id == lease.BuildId)
                    .ExecuteUpdateAsync(set => set.SetProperty(build => build.LogCutFrom, from).SetProperty(build => build.LogCutTo, to), change.Cancellation);
            }
            var number = _parts;
            foreach (var piece in pieces)
                change.Db.BuildLogParts.Add(new BuildLogPart { BuildId = lease.BuildId, Part = ++number, Start = piece.Start, Text = piece.Text });
            return true;
        }, cancellation);
        if (held)
            (_stored, _parts) = (pieces[^1].End, _parts + pieces.Count);
    }

    /// <summary>Stores the whole log as a blob.</summary>
    public async Task<StoredLog> StoreAsync(CancellationToken cancellation)
    {
        string whole;
        (long From, long To)? cut;
        lock (_lock)
        {
            _pieces.Add(_text.End());
            cut = _pieces.Cut;
            whole = new LogView(lease.Fence, "", [.. _pieces.From(0)], cut).From(0);
        }
        var bytes = Encoding.UTF8.GetBytes(whole);
        var digest = Digest.Of(bytes);
        await blobs.PutAsync(digest, bytes, cancellation);
        return new StoredLog(digest, cut?.From, cut?.To);
    }

    // A row has what came in a second, not what came at once.
    private static IEnumerable<LogPiece> Joined(IEnumerable<LogPiece> pieces)
    {
        var text = new StringBuilder();
        var start = 0L;
        foreach (var piece in pieces)
        {
            if (text.Length > 0 && (start + text.Length != piece.Start || text.Length + piece.Text.Length > LogPieces.MostInPiece))
            {
                yield return new LogPiece(start, text.ToString());
                text.Clear();
            }
            if (text.Length == 0)
                start = piece.Start;
            text.Append(piece.Text);
        }
        if (text.Length > 0)
            yield return new LogPiece(start, text.ToString());
    }
}
