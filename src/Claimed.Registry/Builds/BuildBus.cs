using System.Diagnostics;
using System.Threading.Channels;
using Claimed.Registry.Storage;
using Claimed.Registry.Telemetry;
using MassTransit;

namespace Claimed.Registry.Builds;

/// <summary>"Take builds until there are none or you are full." The row is the queue; losing this message loses nothing.</summary>
/// <param name="BuildId">What was queued, for traces.</param>
public sealed record BuildRequested(long BuildId);

/// <summary>Hands ids to a sender after the commit, so that a slow or dead broker never delays a publish.</summary>
public sealed class BuildCalls
{
    private readonly Channel<BuildCall> _calls = Channel.CreateBounded<BuildCall>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public BuildCalls(DeferredBuilds deferred) => deferred.Queued = Call;

    public void Call(long buildId) => _calls.Writer.TryWrite(new BuildCall(buildId, RegistryTraces.Current));

    internal IAsyncEnumerable<BuildCall> ReadAsync(CancellationToken cancellation) => _calls.Reader.ReadAllAsync(cancellation);
}

/// <summary>A build that builders should hear of, and the trace that asked for it.</summary>
internal readonly record struct BuildCall(long BuildId, string? TraceParent);

/// <summary>Sends what <see cref="BuildCalls"/> collects. A broker that is away costs no more than the message, which is a mere wake-up.</summary>
public sealed partial class BuildSender(BuildCalls calls, IBus bus, ILogger<BuildSender> logger) : BackgroundService
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (id, traceParent) in calls.ReadAsync(stoppingToken))
        {
            // The message carries this span's context on by itself.
            using var span = RegistryTraces.Continue("build.request", traceParent, ActivityKind.Producer);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            limit.CancelAfter(Limit);
            try
            {
                await bus.Publish(new BuildRequested(id), limit.Token).WaitAsync(limit.Token);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotSent(logger, id, fault.Message);
                span?.SetStatus(ActivityStatusCode.Error, fault.Message);
            }
        }
    }

    // What a person needs to know is said once, by BusWatch.
    [LoggerMessage(Level = LogLevel.Debug, Message = "The call for build {Build} was not sent: {Reason}")]
    private static partial void LogNotSent(ILogger logger, long build, string reason);
}

/// <summary>Wakes this process's builder.</summary>
public sealed class BuildRequestedConsumer(BuildWake wake) : IConsumer<BuildRequested>
{
    public Task Consume(ConsumeContext<BuildRequested> context)
    {
        wake.Now();
        return Task.CompletedTask;
    }
}

/// <summary>Wakes the builder of this process.</summary>
public sealed class BuildWake : Wake;
