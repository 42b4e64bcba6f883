using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Claimed.Registry.Images;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>A registry elsewhere whose certificate a site signed itself.</summary>
[Trait("Database", "any")]
public sealed class OwnCertificateTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("claimed-certificates-");
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private Task _serving = Task.CompletedTask;

    private string Authority => $"localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public ValueTask InitializeAsync()
    {
        _listener.Start();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _folder.Delete(recursive: true);
    }

    /// <summary>Writes the authority's certificate and serves one answer with a certificate that it signed for a name.</summary>
    private string Serve(string name)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=Site", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = rootRequest.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(root, TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1), RandomNumberGenerator.GetBytes(8));
        var own = signed.CopyWithPrivateKey(key);
        _serving = AnswerAsync(own);
        var file = Path.Combine(_folder.FullName, $"{Guid.CreateVersion7():N}.pem");
        File.WriteAllText(file, root.ExportCertificatePem());
        return file;
    }

    private async Task AnswerAsync(X509Certificate2 certificate)
    {
        using (certificate)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var secure = new SslStream(client.GetStream());
                await secure.AuthenticateAsServerAsync(certificate);
                await secure.ReadExactlyAsync(new byte[1]);
                await secure.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
            }
            catch (Exception fault) when (fault is SocketException or IOException or System.Security.Authentication.AuthenticationException)
            {
                // The client does not trust it, or the test is over; what the client saw is what counts.
            }
        }
    }

    private async Task<HttpStatusCode> AskAsync(string? caFile)
    {
        using var requests = new OutsideRequests(allowPrivateHosts: true, new Upstream(new UpstreamOptions { Host = Authority, CaFile = caFile }), TimeSpan.FromSeconds(10));
        using var answer = await requests.SendAsync(HttpMethod.Get, new Uri($"https://{Authority}/v2/"), null, CancellationToken.None);
        return answer.StatusCode;
    }

    [Fact]
    public async Task Is_trusted_with_the_certificate_of_who_signed_it() => Assert.Equal(HttpStatusCode.OK, await AskAsync(Serve("localhost")));

    [Fact]
    public async Task Is_not_trusted_without_it()
    {
        Serve("localhost");
        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(null));
        Assert.Equal(HttpRequestError.SecureConnectionError, fault.HttpRequestError);
    }

    [Fact]
    public async Task Is_not_trusted_under_another_name()
    {
        var file = Serve("registry.example.org");
        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(file));
        Assert.Equal(HttpRequestError.SecureConnectionError, fault.HttpRequestError);
    }

    [Fact]
    public async Task Is_not_trusted_when_somebody_else_signed_it()
    {
        var other = Serve("localhost");
        _listener.Stop();
        await _serving;
        _listener.Start();
        Serve("localhost");
        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(other));
        Assert.Equal(HttpRequestError.SecureConnectionError, fault.HttpRequestError);
    }

    [Theory]
    [InlineData(null, "is not there")]
    [InlineData("", "holds no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----\n", "holds no certificate")]
    public async Task A_file_without_certificates_stops_the_start(string? content, string expected)
    {
        var file = Path.Combine(_folder.FullName, "ca.pem");
        if (content is not null)
            await File.WriteAllTextAsync(file, content);
        var fault = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => RegistryHost.StartAsync(new Dictionary<string, string>
        {
            ["Images:Upstreams:0:Host"] = "harbor.example.org",
            ["Images:Upstreams:0:Namespaces:0"] = "*",
            ["Images:Upstreams:0:CaFile"] = file,
        }));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Contains("Images__Upstreams__0__CaFile", fault.Message, StringComparison.Ordinal);
    }
}
