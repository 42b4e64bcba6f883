using Claimed.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Claimed.Faults.Roles;

/// <summary>Sends every call to builders again, several times, as a broker may that lost sight of what it had delivered.</summary>
public sealed class BusEcho : IAsyncDisposable
{
    // As MassTransit names the exchange of a message.
    private const string Exchange = "Claimed.Registry.Builds:BuildRequested";
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private int _sent;

    private BusEcho(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    /// <summary>Calls that were sent again.</summary>
    public int Sent => Volatile.Read(ref _sent);

    public static async Task<BusEcho> StartAsync(RabbitMqServer broker, int times)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(broker.Uri) }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync(Exchange, ExchangeType.Fanout, durable: true);
        var queue = await channel.QueueDeclareAsync();
        await channel.QueueBindAsync(queue.QueueName, Exchange, "");
        var echo = new BusEcho(connection, channel);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            // Its own come back to it too.
            if (!echo._seen.Add(message.BasicProperties.MessageId ?? ""))
                return;
            for (var i = 0; i < times; i++)
            {
                await channel.BasicPublishAsync(Exchange, "", false, new BasicProperties(message.BasicProperties), message.Body);
                Interlocked.Increment(ref echo._sent);
            }
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
        return echo;
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
