using System.Globalization;

namespace Claimed.TestKit;

/// <summary>A real RabbitMQ broker of this test run; it can be stopped and started again.</summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    private readonly PrivateServer _server;

    private RabbitMqServer(PrivateServer server, int port)
    {
        _server = server;
        Port = port;
    }

    /// <summary>Loopback port that it listens on.</summary>
    public int Port { get; }

    /// <summary>Value of <c>Bus__Uri</c>.</summary>
    public string Uri => $"amqp://guest:guest@127.0.0.1:{Port}/";

    public static async Task<RabbitMqServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("claimed-rabbitmq-").FullName;
        // Its own port, the one of its clustering and the one of its port mapper.
        var port = FreePorts.Next(3);
        return new RabbitMqServer(await PrivateServer.StartAsync("private-rabbitmq.sh", folder, port.ToString(CultureInfo.InvariantCulture)), port);
    }

    public Task StopAsync() => _server.SayAsync("stop", "stopped");

    public Task StartAgainAsync() => _server.SayAsync("start", "ready");

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
