using System.Collections.Concurrent;

namespace Claimed.Registry.Storage;

/// <summary>Tells the log of each lost blob once, however often clients ask for it.</summary>
public sealed partial class LostBlobs(ILogger<LostBlobs> logger)
{
    private const int MaxRemembered = 10_000;
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    public void Tell(BlobLostException lost)
    {
        if (_told.Count < MaxRemembered && _told.TryAdd(lost.Digest, true))
            LogLost(logger, lost.Message, lost.InnerException);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{What} The word scrub lists all that is lost and what it belongs to.")]
    private static partial void LogLost(ILogger logger, string what, Exception? cause);
}
