using System.Globalization;

namespace Claimed.TestKit;

/// <summary>A real RabbitMQ broker of this test run; it can be stopped, killed and started again on the same data and port.</summary>
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

    /// <summary>Asks it to stop, which it does in order.</summary>
    public Task StopAsync() => _server.SayAsync("stop", "stopped");

    /// <summary>Ends it without warning (SIGKILL), with all that it started.</summary>
    public Task KillAsync() => _server.SayAsync("kill", "killed");

    public Task StartAgainAsync() => _server.SayAsync("start", "ready");

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
