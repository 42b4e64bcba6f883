using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Claimed.Benchmarks;

/// <summary>One connection that sends a request and waits for its answer, with as little work as that takes: the machine is for the servers.</summary>
internal sealed class PlainConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer = new byte[64 * 1024];
    private readonly string _host;
    private readonly string _more;

    /// <param name="token">Sent with every request; null for none.</param>
    public PlainConnection(Uri address, string? token)
    {
        _host = address.Authority;
        _more = token is null ? "" : $"Authorization: Bearer {token}\r\n";
        _socket.Connect(address.Host, address.Port);
    }

    /// <summary>Headers of the answer; throws when its status is another.</summary>
    public string Send(string method, string target, int status, string? type = null, params ReadOnlySpan<ReadOnlyMemory<byte>> body)
    {
        var length = 0L;
        foreach (var part in body)
            length += part.Length;
        var head = string.Create(CultureInfo.InvariantCulture,
            $"{method} {target} HTTP/1.1\r\nHost: {_host}\r\n{_more}Content-Length: {length}\r\nContent-Type: {type ?? "application/octet-stream"}\r\n\r\n");
        var first = new byte[head.Length + (length <= 128 * 1024 ? length : 0)];
        var at = Encoding.ASCII.GetBytes(head, first);
        foreach (var part in length <= 128 * 1024 ? body : [])
        {
            part.Span.CopyTo(first.AsSpan(at));
            at += part.Length;
        }
        SendAll(first);
        foreach (var part in length <= 128 * 1024 ? [] : body)
            SendAll(part.Span);
        return Read(method, target, status);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Value of a header in what <see cref="Send"/> returned.</summary>
    public static string Header(string headers, string name)
    {
        var at = headers.IndexOf($"\r\n{name}: ", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            throw new InvalidOperationException($"There is no {name} in\n{headers}");
        at += name.Length + 4;
        return headers[at..headers.IndexOf("\r\n", at, StringComparison.Ordinal)];
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[_socket.Send(bytes[..Math.Min(bytes.Length, 1 << 20)])..];
    }

    private string Read(string method, string target, int status)
    {
        var count = 0;
        int end;
        while ((end = _answer.AsSpan(0, count).IndexOf("\r\n\r\n"u8)) < 0)
            count += Receive(_answer.AsSpan(count));
        var headers = Encoding.ASCII.GetString(_answer, 0, end + 2);
        if (headers.Contains("\r\nTransfer-Encoding: chunked\r\n", StringComparison.OrdinalIgnoreCase))
        {
            // Nothing is asked for before the answer is whole, so its last chunk is the last that comes.
            while (!_answer.AsSpan(end + 2, count - end - 2).EndsWith("\r\n0\r\n\r\n"u8))
                count += Receive(_answer.AsSpan(count));
        }
        var rest = headers.Contains("\r\nContent-Length: ", StringComparison.OrdinalIgnoreCase)
            ? int.Parse(Header(headers, "Content-Length"), CultureInfo.InvariantCulture) - (count - end - 4)
            : 0;
        while (rest > 0)
            rest -= Receive(_answer.AsSpan(0, Math.Min(rest, _answer.Length)));
        return headers.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal)
            ? headers
            : throw new InvalidOperationException($"{method} {target} was answered with\n{headers}");
    }

    private int Receive(Span<byte> place) => _socket.Receive(place) is var read and > 0 ? read : throw new IOException("The server closed the connection.");
}
