using System.Threading.Channels;
using Claimed.Database.Access;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Access.Audit;

/// <summary>
/// Records refused acts; those that were done are recorded with their events. Written behind the answers, so that a flood of refusals
/// costs its senders and not the database; what does not fit is counted and told.
/// </summary>
public sealed partial class RefusalAudit(RegistryDatabase database, SnapshotFeed feed, Readiness readiness, TimeProvider clock, ILogger<RefusalAudit> logger) : BackgroundService
{
    private const int Waiting = 2000;
    private const int AtOnce = 200;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);
    private readonly Channel<AuditEntry> _entries = Channel.CreateBounded<AuditEntry>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _dropped;

    /// <summary>Takes note of a request that was answered with a refusal.</summary>
    /// <param name="route">The values of its route, which say the subject.</param>
    public void Note(HttpContext context, RouteValueDictionary route)
    {
        var (caller, request) = (Caller.Of(context), context.Request);
        var space = route["namespace"] as string ?? NamespaceOfPath(request.Path.Value ?? "");
        var name = route["name"] as string;
        var entry = new AuditEntry
        {
            At = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            Who = caller.Name,
            Address = context.Connection.RemoteIpAddress?.ToString(),
            TokenId = caller.TokenId,
            // Paths have no secrets in them; queries are left out.
            Action = Bounded($"{request.Method} {request.Path}"),
            Subject = Bounded(name is null ? space ?? "" : $"{space}/{name}"),
            Namespace = space is not null && feed.Current.Namespaces.ContainsKey(space) ? space : null,
            Outcome = $"refused {context.Response.StatusCode}",
        };
        if (!_entries.Writer.TryWrite(entry))
            Interlocked.Increment(ref _dropped);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.Loaded.WaitAsync(stoppingToken);
        var batch = new List<AuditEntry>();
        while (await _entries.Reader.WaitToReadAsync(stoppingToken))
        {
            while (batch.Count < AtOnce && _entries.Reader.TryRead(out var entry))
                batch.Add(entry);
            try
            {
                await database.ChangeAsync(change =>
                {
                    change.Db.Audit.AddRange(batch);
                    return Task.CompletedTask;
                }, stoppingToken);
                batch.Clear();
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogLater(logger, batch.Count, fault);
                await Task.Delay(Again, clock, stoppingToken);
            }
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                LogDropped(logger, dropped);
        }
    }

    private static string? NamespaceOfPath(string path) => path.StartsWith("/v2/", StringComparison.Ordinal) ? path.Split('/') is [_, _, var space, _, ..] ? space : null : null;

    private static string Bounded(string text) => text.Length <= 300 ? text : text[..300];

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} refusals wait to be recorded.")]
    private static partial void LogLater(ILogger logger, int count, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} refusals came faster than they could be recorded, and were not.")]
    private static partial void LogDropped(ILogger logger, long count);
}
