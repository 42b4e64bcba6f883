using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Claimed.Registry.Builds.Sites;

/// <summary>
/// Answers CONNECT, with which steps reach HTTPS through the site's proxy: their bytes go on as they are. All other requests are for the web
/// server behind it, which cannot give a connection away.
/// </summary>
internal sealed class GatewayTunnel(SiteClient client, GatewayTickets tickets)
{
    private const int MostBytesOfHead = 16 * 1024;
    private static readonly TimeSpan HeadLimit = TimeSpan.FromSeconds(30);
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();

    public async Task RunAsync(ConnectionContext connection, Func<Task> next)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        limit.CancelAfter(HeadLimit);
        try
        {
            var isTunnel = await BeginsAsync(connection.Transport.Input, "CONNECT "u8.ToArray(), limit.Token);
            if (isTunnel)
            {
                await ConnectAsync(connection, await HeadAsync(connection.Transport.Input, limit.Token), connection.ConnectionClosed);
                return;
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ConnectionResetException)
        {
            return;
        }
        await next();
    }

    private async Task ConnectAsync(ConnectionContext connection, string head, CancellationToken cancellation)
    {
        var lines = head.Split("\r\n");
        var words = lines[0].Split(' ');
        if (words.Length != 3 || !Uri.TryCreate("https://" + words[1], UriKind.Absolute, out var target) || target.PathAndQuery != "/" || !words[1].Contains(':', StringComparison.Ordinal))
        {
            await SayAsync(connection, "400 Bad Request", "", cancellation);
            return;
        }
        var given = lines.Skip(1).Select(line => line.Split(':', 2)).FirstOrDefault(parts => parts.Length == 2 && parts[0].Equals("Proxy-Authorization", StringComparison.OrdinalIgnoreCase));
        if (!tickets.Opens(given?[1].Trim()))
        {
            await SayAsync(connection, "407 Proxy Authentication Required", "Proxy-Authenticate: Basic realm=\"build\"\r\n", cancellation);
            return;
        }
        Stream there;
        try
        {
            there = await OpenAsync(target, cancellation);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or System.Net.Sockets.SocketException or System.Security.Authentication.AuthenticationException)
        {
            await SayAsync(connection, "502 Bad Gateway", "", cancellation);
            return;
        }
        await using (there)
        {
            await SayAsync(connection, "200 Connection established", "", cancellation);
            await CopyAsync(connection, there, cancellation);
        }
    }

    /// <summary>A connection to the target, by the site's proxy where it is not one that this leaves out.</summary>
    private async Task<Stream> OpenAsync(Uri target, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(HeadLimit);
        if (client.Proxy is not { } proxy || proxy.IsDirect(target.IdnHost))
            return await client.ConnectAsync(new DnsEndPoint(target.IdnHost, target.Port), limit.Token);
        var there = await client.ConnectAsync(new DnsEndPoint(proxy.Address.IdnHost, proxy.Address.Port), limit.Token);
        try
        {
            if (proxy.Address.Scheme == Uri.UriSchemeHttps)
            {
                var secured = new SslStream(there, leaveInnerStreamOpen: false);
                there = secured;
                await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = proxy.Address.IdnHost, RemoteCertificateValidationCallback = client.Accepts }, limit.Token);
            }
            var account = proxy.Account is { } known ? $"Proxy-Authorization: {known.Header}\r\n" : "";
            await there.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {target.Host}:{target.Port} HTTP/1.1\r\nHost: {target.Host}:{target.Port}\r\n{account}\r\n"), limit.Token);
            var answer = await AnswerAsync(there, limit.Token);
            return answer.Split(' ') is [_, "200", ..] ? there : throw new HttpRequestException("The proxy refused.");
        }
        catch
        {
            await there.DisposeAsync();
            throw;
        }
    }

    /// <summary>The head of the proxy's answer, byte by byte: what follows belongs to the step.</summary>
    private static async Task<string> AnswerAsync(Stream there, CancellationToken cancellation)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < MostBytesOfHead)
        {
            if (await there.ReadAsync(one, cancellation) == 0)
                throw new IOException("The proxy ended the connection.");
            head.Add(one[0]);
            if (head.Count >= HeadEnd.Length && head.TakeLast(HeadEnd.Length).SequenceEqual(HeadEnd))
                return Encoding.ASCII.GetString([.. head]);
        }
        throw new IOException("The proxy's answer does not end.");
    }

    private static async Task CopyAsync(ConnectionContext connection, Stream there, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var up = connection.Transport.Input.CopyToAsync(there, end.Token);
        var down = there.CopyToAsync(connection.Transport.Output.AsStream(leaveOpen: true), end.Token);
        // A side that has said all may still be told something; when what comes down ends, all is over.
        await Task.WhenAny(down, Task.WhenAll(up, down)).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await end.CancelAsync();
        await Task.WhenAll(up, down).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static async Task SayAsync(ConnectionContext connection, string status, string headers, CancellationToken cancellation) =>
        await connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n{headers}{(status.StartsWith('2') ? "" : "Content-Length: 0\r\nConnection: close\r\n")}\r\n"), cancellation);

    /// <summary>Whether what comes begins so; nothing of it is taken.</summary>
    private static async Task<bool> BeginsAsync(PipeReader input, byte[] start, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            var known = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, start.Length)).ToArray();
            var differs = !start.AsSpan(0, known.Length).SequenceEqual(known);
            if (differs || known.Length == start.Length || read.IsCompleted)
            {
                input.AdvanceTo(read.Buffer.Start);
                return !differs && known.Length == start.Length;
            }
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static async Task<string> HeadAsync(PipeReader input, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            if (Take(read.Buffer, out var head, out var rest))
            {
                input.AdvanceTo(rest);
                return head;
            }
            if (read.IsCompleted || read.Buffer.Length > MostBytesOfHead)
                throw new IOException("The request's head does not end.");
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool Take(ReadOnlySequence<byte> buffer, out string head, out SequencePosition rest)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (reader.TryReadTo(out ReadOnlySequence<byte> found, HeadEnd))
        {
            (head, rest) = (Encoding.ASCII.GetString(found), reader.Position);
            return true;
        }
        (head, rest) = ("", buffer.Start);
        return false;
    }
}
