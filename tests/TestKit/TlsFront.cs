using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Claimed.TestKit;

/// <summary>Ends TLS in front of a socket file, for whoever shows a certificate of <see cref="EngineCertificates"/>: what stands before engines that speak no TLS themselves.</summary>
public sealed class TlsFront : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _socketFile;
    private readonly SslServerAuthenticationOptions _tls;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<Task, bool> _served = new();
    private readonly Task _accepting;

    /// <param name="certificates">Where <see cref="EngineCertificates.Write"/> has put them.</param>
    public TlsFront(string socketFile, string certificates)
    {
        _socketFile = socketFile;
        using var own = X509Certificate2.CreateFromPemFile(Path.Combine(certificates, "server-cert.pem"), Path.Combine(certificates, "server-key.pem"));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(Path.Combine(certificates, "ca.pem"));
        _tls = new SslServerAuthenticationOptions
        {
            ServerCertificate = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null),
            ClientCertificateRequired = true,
            CertificateChainPolicy = policy,
        };
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary><c>tcp://127.0.0.1:port</c>.</summary>
    public string Endpoint => $"tcp://{_listener.LocalEndpoint}";

    /// <summary>Connections whose certificate was right.</summary>
    public int Accepted { get; private set; }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var served = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
                _served[served] = true;
                _ = served.ContinueWith(_ => _served.TryRemove(served, out bool _), TaskScheduler.Default);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener was closed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                await using var secured = new SslStream(client.GetStream());
                await secured.AuthenticateAsServerAsync(_tls, _end.Token);
                Accepted++;
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socketFile), _end.Token);
                await using var engine = new NetworkStream(socket, ownsSocket: true);
                // Whoever hangs up first ends both.
                await Task.WhenAny(secured.CopyToAsync(engine, _end.Token), engine.CopyToAsync(secured, _end.Token));
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // One of the two is gone, or the client showed no certificate.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_served.Keys);
        _tls.ServerCertificate?.Dispose();
        _end.Dispose();
    }
}
