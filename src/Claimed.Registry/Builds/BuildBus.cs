using System.Threading.Channels;
using MassTransit;

namespace Claimed.Registry.Builds;

/// <summary>Setting <c>Bus__Transport</c>.</summary>
public sealed record BusOptions
{
    /// <summary><c>InMemory</c> (one process) or <c>RabbitMq</c>.</summary>
    public string Transport { get; init; } = "InMemory";

    /// <summary>Address of the broker, such as <c>amqp://user:password@host/</c>.</summary>
    public string? Uri { get; init; }
}

/// <summary>"Take builds until there are none or you are full." The row is the queue; losing this message loses nothing.</summary>
/// <param name="BuildId">What was queued, for traces.</param>
public sealed record BuildRequested(long BuildId);

/// <summary>Hands ids to a sender after the commit, so that a slow or dead broker never delays a publish.</summary>
public sealed class BuildCalls
{
    private readonly Channel<long> _ids = Channel.CreateBounded<long>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public void Call(long buildId) => _ids.Writer.TryWrite(buildId);

    internal IAsyncEnumerable<long> ReadAsync(CancellationToken cancellation) => _ids.Reader.ReadAllAsync(cancellation);
}

/// <summary>Sends what <see cref="BuildCalls"/> collects.</summary>
public sealed partial class BuildSender(BuildCalls calls, IBus bus, ILogger<BuildSender> logger) : BackgroundService
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failing = false;
        await foreach (var id in calls.ReadAsync(stoppingToken))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            limit.CancelAfter(Limit);
            try
            {
                await bus.Publish(new BuildRequested(id), limit.Token).WaitAsync(limit.Token);
                failing = false;
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                if (!failing)
                    LogBusDown(logger, fault);
                failing = true;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The message bus does not take messages; builders find new builds by looking at the queue.")]
    private static partial void LogBusDown(ILogger logger, Exception fault);
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

/// <summary>One pending "look now" for the builder; many calls count once.</summary>
public sealed class BuildWake
{
    private readonly Channel<bool> _pending = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Now() => _pending.Writer.TryWrite(true);

    /// <summary>Returns when someone called or the interval is over.</summary>
    public async Task WaitAsync(TimeSpan interval, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(interval);
        try
        {
            await _pending.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The interval is over: time for a look of one's own.
        }
    }
}
