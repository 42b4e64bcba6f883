using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Claimed.TestKit;

/// <summary>What a <see cref="TcpProxy"/> does with connections and bytes.</summary>
public enum ProxyMode
{
    /// <summary>Passes everything on.</summary>
    Forward,

    /// <summary>Nothing listens: connections are refused by the system.</summary>
    Refuse,

    /// <summary>Connections are accepted and held, and no byte passes in any direction: the other side seems to have frozen.</summary>
    Stall,
}

/// <summary>
/// Stands between a client and a server on this machine, by TCP or by a socket file, and does what networks do: cut, delay, half-close,
/// refuse, stall and throttle. Everything can be switched while connections are open.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly EndPoint _target;
    private readonly ConcurrentDictionary<ProxiedConnection, Task> _open = new();
    private readonly CancellationTokenSource _end = new();
    private Socket? _listener;
    private long _uploaded;
    private Task _accepting = Task.CompletedTask;
    private volatile TaskCompletionSource _go = Completed();
    private volatile Watch? _watch;

    private sealed record Watch(byte[] Text, TaskCompletionSource Seen);

    private TcpProxy(EndPoint target, EndPoint listen)
    {
        _target = target;
        EndPoint = listen;
    }

    /// <summary>Where clients connect; stays the same over <see cref="ProxyMode.Refuse"/>.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>The port of a TCP proxy.</summary>
    public int Port => ((IPEndPoint)EndPoint).Port;

    /// <summary>Waited before each piece of bytes is passed on, in both directions.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Bytes a second from the client to the server; 0 means as fast as it goes.</summary>
    public int UploadRate { get; set; }

    /// <summary>Bytes a second from the server to the client; 0 means as fast as it goes.</summary>
    public int DownloadRate { get; set; }

    /// <summary>Bytes that went from clients to the server.</summary>
    public long Uploaded => Volatile.Read(ref _uploaded);

    /// <summary>Open connections.</summary>
    public int Connections => _open.Count;

    /// <summary>Connections that were accepted since the proxy was made.</summary>
    public int Accepted { get; private set; }

    /// <summary>A proxy to a TCP port of this machine.</summary>
    public static TcpProxy To(int port) => Start(new IPEndPoint(IPAddress.Loopback, port), new IPEndPoint(IPAddress.Loopback, FreePorts.Next()));

    /// <summary>A proxy to a socket file, which listens on another one.</summary>
    public static TcpProxy To(string socketFile, string listenFile) => Start(new UnixDomainSocketEndPoint(socketFile), new UnixDomainSocketEndPoint(listenFile));

    private static TcpProxy Start(EndPoint target, EndPoint listen)
    {
        var proxy = new TcpProxy(target, listen);
        proxy.Listen();
        return proxy;
    }

    /// <summary>Changes what happens to new connections; <see cref="ProxyMode.Stall"/> also holds the open ones, and leaving it lets them go on.</summary>
    public void Switch(ProxyMode mode)
    {
        if (mode != ProxyMode.Stall)
            _go.TrySetResult();
        else if (_go.Task.IsCompleted)
            _go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (mode == ProxyMode.Refuse)
            StopListening();
        else if (_listener is null)
            Listen();
    }

    /// <summary>Ends every open connection at once, on both sides, as a reset.</summary>
    public void Cut()
    {
        foreach (var connection in _open.Keys)
            connection.Reset();
    }

    /// <summary>Refuses new connections and cuts the open ones: the server is gone.</summary>
    public void Vanish()
    {
        Switch(ProxyMode.Refuse);
        Cut();
    }

    /// <summary>Tells the server on every open connection that the client will send nothing more, while answers still pass.</summary>
    public void HalfCloseClients()
    {
        foreach (var connection in _open.Keys)
            connection.EndUpload();
    }

    /// <summary>Tells the client on every open connection that the server will send nothing more, while the client may still send.</summary>
    public void HalfCloseServers()
    {
        foreach (var connection in _open.Keys)
            connection.EndDownload();
    }

    /// <summary>Returns when a client sends this text, such as <c>POST /build</c>; only one such wait at a time.</summary>
    public Task UntilSentAsync(string text, TimeSpan limit)
    {
        var watch = new Watch(Encoding.ASCII.GetBytes(text), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _watch = watch;
        return watch.Seen.Task.WaitAsync(limit);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        StopListening();
        _go.TrySetResult();
        Cut();
        await _accepting;
        await Task.WhenAll(_open.Values);
        _end.Dispose();
    }

    private static TaskCompletionSource Completed()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        done.SetResult();
        return done;
    }

    private void Listen()
    {
        if (EndPoint is UnixDomainSocketEndPoint file)
            File.Delete(file.ToString());
        var listener = EndPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(EndPoint);
        listener.Listen(128);
        _listener = listener;
        _accepting = AcceptAsync(listener);
    }

    private void StopListening()
    {
        Interlocked.Exchange(ref _listener, null)?.Dispose();
        if (EndPoint is UnixDomainSocketEndPoint file)
            File.Delete(file.ToString());
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync(_end.Token);
                Accepted++;
                // The system would take tens of megabytes at once, and the client would believe them sent.
                if (UploadRate > 0)
                    client.ReceiveBufferSize = 256 * 1024;
                var connection = new ProxiedConnection(client);
                _open[connection] = Task.CompletedTask;
                _open[connection] = ServeAsync(connection);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The listener was closed to refuse or to end.
        }
    }

    private async Task ServeAsync(ProxiedConnection connection)
    {
        try
        {
            await _go.Task;
            await connection.ConnectAsync(_target, _end.Token);
            await Task.WhenAll(
                connection.PumpUpAsync(bytes => PassAsync(bytes, isUpload: true)),
                connection.PumpDownAsync(bytes => PassAsync(bytes, isUpload: false)));
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException or IOException)
        {
            // One of the two is gone, or the test cut them apart: the other one is to see it.
            connection.Reset();
        }
        finally
        {
            connection.Dispose();
            _open.TryRemove(connection, out _);
        }
    }

    /// <summary>Waits as long as the proxy's mode says, and returns how many of these bytes may pass then.</summary>
    private async Task<int> PassAsync(ReadOnlyMemory<byte> bytes, bool isUpload)
    {
        if (isUpload && _watch is { } watch && bytes.Span.IndexOf(watch.Text) >= 0)
        {
            _watch = null;
            watch.Seen.TrySetResult();
        }
        await _go.Task;
        var rate = isUpload ? UploadRate : DownloadRate;
        // Ten pieces a second look like a slow line; fewer bytes a second than that go one by one.
        var count = rate > 0 ? Math.Min(bytes.Length, Math.Max(1, rate / 10)) : bytes.Length;
        var pause = Delay + (rate > 0 ? TimeSpan.FromSeconds((double)count / rate) : TimeSpan.Zero);
        if (pause > TimeSpan.Zero)
            await Task.Delay(pause, _end.Token);
        await _go.Task;
        if (isUpload)
            Interlocked.Add(ref _uploaded, count);
        return count;
    }
}

/// <summary>A client's connection and the one to the server behind it.</summary>
internal sealed class ProxiedConnection(Socket client) : IDisposable
{
    private Socket? _server;

    public async Task ConnectAsync(EndPoint target, CancellationToken cancellation)
    {
        _server = target is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _server.ConnectAsync(target, cancellation);
    }

    public Task PumpUpAsync(Func<ReadOnlyMemory<byte>, Task<int>> pass) => PumpAsync(client, _server!, pass);

    public Task PumpDownAsync(Func<ReadOnlyMemory<byte>, Task<int>> pass) => PumpAsync(_server!, client, pass);

    public void EndUpload() => Shut(_server);

    public void EndDownload() => Shut(client);

    /// <summary>Closes both sides so that they see a reset instead of an orderly end.</summary>
    public void Reset()
    {
        foreach (var socket in (Socket?[])[client, _server])
        {
            if (socket is null)
                continue;
            if (socket.AddressFamily == AddressFamily.InterNetwork)
                TryLinger(socket);
            socket.Dispose();
        }
    }

    public void Dispose()
    {
        client.Dispose();
        _server?.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to, Func<ReadOnlyMemory<byte>, Task<int>> pass)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await from.ReceiveAsync(buffer, SocketFlags.None)) > 0)
            {
                for (var sent = 0; sent < read;)
                {
                    var count = await pass(buffer.AsMemory(sent, read - sent));
                    sent += await to.SendAsync(buffer.AsMemory(sent, count), SocketFlags.None);
                }
            }
            Shut(to);
        }
        catch
        {
            // The other direction may wait for bytes for ever.
            Reset();
            throw;
        }
    }

    private static void TryLinger(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }
    }

    private static void Shut(Socket? socket)
    {
        try
        {
            socket?.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }
    }
}
