using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Http;

/// <summary>An answer to a read that <see cref="ReadCache"/> may give to the next reader.</summary>
public interface IKeptAnswer
{
    /// <summary>It holds while this does; null for an answer that is not to be kept.</summary>
    Freshness? Until { get; }

    /// <summary>Bytes that are kept for it alone.</summary>
    long OwnBytes { get; }

    /// <param name="isForOne">Whether the reader sees what not everyone sees: caches on the way must keep nothing for others.</param>
    Task AnswerAsync(HttpContext context, bool isForOne);
}
