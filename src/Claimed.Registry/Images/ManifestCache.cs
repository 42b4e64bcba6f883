using System.Diagnostics.CodeAnalysis;
using Claimed.Registry.Http;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>
/// Manifests by the path that names them, kept until an event of their repository: on the own node that is before the writer's answer, on
/// others at their next look at the events. Rights are not looked at here.
/// </summary>
public sealed class ManifestCache
{
    // Repositories share counters, which only costs reading again; so a flood of names takes no memory.
    private const int Slots = 4096;

    // What an entry costs beside its bytes: objects, header texts, its place in the table.
    private const int Overhead = 1024;
    private readonly long[] _moves = new long[Slots];
    private readonly long[] _removals = new long[Slots];
    private readonly Generations<KeptManifest> _kept;
    private readonly Func<KeptManifest, bool> _isCurrent;

    public ManifestCache(SnapshotFeed feed, IOptions<ImageOptions> options)
    {
        _kept = new Generations<KeptManifest>(options.Value.ManifestCacheBytes);
        _isCurrent = IsCurrent;
        feed.Seen += Forget;
    }

    /// <summary>What is kept now, as it counts against the bound.</summary>
    public long Bytes => _kept.Bytes;

    /// <summary>
    /// How often something was told that changes what this reference names. Whoever keeps a manifest asks before reading it from the tables:
    /// what changed meanwhile then outdates it at once.
    /// </summary>
    public long EpochOf(string repository, string reference)
    {
        var slot = SlotOf(repository);
        // A digest always names the same bytes; only their removal ends that.
        return Volatile.Read(ref _removals[slot]) + (reference.Contains(':') ? 0 : Volatile.Read(ref _moves[slot]));
    }

    /// <summary>The manifest that this path names now.</summary>
    public bool TryFind(string path, [NotNullWhen(true)] out KeptManifest? manifest) => _kept.TryFind(path, _isCurrent, out manifest);

    /// <summary>The manifest that this path named once, where it had this digest: its bytes need not be read again.</summary>
    public KeptManifest? FindOlder(string path, string digest) => _kept.Peek(path) is { } manifest && manifest.Digest == digest ? manifest : null;

    public void Keep(string path, KeptManifest manifest) => _kept.Keep(path, manifest, manifest.Bytes.Length + 2L * path.Length + Overhead);

    private bool IsCurrent(KeptManifest manifest) => manifest.Epoch == EpochOf(manifest.Repository, manifest.Reference);

    private void Forget(SeenEvent seen)
    {
        if (!seen.Kind.StartsWith(SnapshotFeed.ImageKinds, StringComparison.Ordinal))
            return;
        var counters = seen.Kind is ImageEvents.Pushed or ImageEvents.Tagged or ImageEvents.Untagged or ImageEvents.Attested ? _moves : _removals;
        Interlocked.Increment(ref counters[SlotOf(seen.Subject)]);
    }

    private static int SlotOf(string repository) => (int)((uint)string.GetHashCode(repository, StringComparison.Ordinal) % Slots);
}

/// <summary>A manifest with the headers of its answer.</summary>
/// <param name="Reference">The tag or digest that it was asked for by.</param>
/// <param name="Epoch">Of this reference, before the tables were read.</param>
public sealed record KeptManifest(string Repository, string Reference, long Epoch, string Digest, string MediaType, ReadOnlyMemory<byte> Bytes)
{
    private readonly Served _served = new(Bytes, MediaType, Digest, Reference == Digest ? Served.Immutable : Served.Moving);

    /// <param name="isForOne">Whether the reader sees what not everyone sees.</param>
    public Task AnswerAsync(HttpContext context, bool isForOne)
    {
        var headers = context.Response.Headers;
        headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        headers["Docker-Content-Digest"] = Digest;
        return _served.AnswerAsync(context, isForOne);
    }
}
