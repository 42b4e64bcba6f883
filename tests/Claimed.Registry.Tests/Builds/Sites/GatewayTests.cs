using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Claimed.Registry.Builds;
using Claimed.Registry.Builds.Sites;
using Claimed.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Builds.Sites;

/// <summary>The gateway serves builds that run, and leads them nowhere that they could not go by themselves.</summary>
[Trait("Database", "any")]
public sealed class GatewayTests : IAsyncLifetime
{
    private readonly PretendEngine _engine = new(1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("claimed-gateway-");
    private PrivateIndex _index = null!;

    public async ValueTask InitializeAsync() => _index = await PrivateIndex.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _index.DisposeAsync();
        _engine.Dispose();
        _folder.Delete(recursive: true);
    }

    private SiteOptions Site => new()
    {
        Pip = new PipOptions { IndexUrl = _index.Address, Credentials = _index.CredentialsFile },
        Apt = new MirrorOptions { Mirror = $"https://{_index.Place}/mirrors/apt/" },
        CaBundle = _index.CaFile,
        Wheelhouse = _folder.FullName,
    };

    private sealed class Running(SiteGateway gateway, SiteClient client, SiteAccess access, SecretTexts secrets) : IAsyncDisposable
    {
        public SiteAccess Access => access;

        public SecretTexts Secrets => secrets;

        public Uri Proxy => new(access.Arguments["http_proxy"]);

        /// <summary>As a program in a step: by the proxy of its environment.</summary>
        public HttpClient Step(bool withTicket = true)
        {
            var user = Proxy.UserInfo.Split(':');
            return new HttpClient(new HttpClientHandler
            {
                Proxy = new WebProxy(new Uri($"http://{Proxy.Authority}")) { Credentials = withTicket ? new NetworkCredential(user[0], user[1]) : null },
                AllowAutoRedirect = false,
            });
        }

        public async ValueTask DisposeAsync()
        {
            access.Dispose();
            await gateway.DisposeAsync();
            client.Dispose();
        }
    }

    private async Task<Running> StartAsync(SiteOptions site)
    {
        var client = new SiteClient(Options.Create(site));
        var secrets = new SecretTexts();
        var gateway = new SiteGateway(client, new PackageIndex(client, Options.Create(site), NullLogger<PackageIndex>.Instance), _engine, secrets, Options.Create(site),
            Options.Create(new BuildOptions { NetworkMode = "host", AllowHostNetwork = true }), NullLoggerFactory.Instance, NullLogger<SiteGateway>.Instance);
        return new Running(gateway, client, await gateway.OpenAsync(TestContext.Current.CancellationToken), secrets);
    }

    private static async Task<string> GetAsync(HttpClient step, string url) => await step.GetStringAsync(url);

    [Fact]
    public async Task Pages_name_files_at_the_gateway_and_the_wheelhouse_comes_first()
    {
        _index.AddWheel("tool", "1.0", "index");
        _index.AddWheel("tool", "2.0", "index");
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "tool-1.0-py3-none-any.whl"), PrivateIndex.Wheel("tool", "1.0", "house"));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "notes.txt"), "not a package");
        await using var running = await StartAsync(Site);
        using var step = running.Step();

        var page = await GetAsync(step, "http://pypi.claimed.internal/simple/Tool/");
        foreach (var secret in _index.Secrets)
            Assert.DoesNotContain(secret, page, StringComparison.Ordinal);
        var links = System.Text.RegularExpressions.Regex.Matches(page, "href=\"([^\"]+)\"").Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(2, links.Count);
        Assert.Equal("/wheels/tool-1.0-py3-none-any.whl", links[0]);
        Assert.Matches("^/at/[0-9a-f]{32}/[0-9a-f]{12}/team/files/tool-2.0-py3-none-any.whl#sha256=[0-9a-f]{64}$", links[1]);
        Assert.Contains("data-requires-python=\"&gt;=3\"", page, StringComparison.Ordinal);
        Assert.Equal(PrivateIndex.Wheel("tool", "1.0", "house").Length, (await step.GetByteArrayAsync("http://pypi.claimed.internal" + links[0])).Length);
        Assert.Equal(PrivateIndex.Wheel("tool", "2.0", "index").Length, (await step.GetByteArrayAsync("http://pypi.claimed.internal" + links[1].Split('#')[0])).Length);
        foreach (var other in new[] { "wheels/notes.txt", "wheels/..%2Fcredentials", "at/0123456789ab/team/files/x", "simple/nothing/", "simple/../x" })
            Assert.Equal(HttpStatusCode.NotFound, (await step.GetAsync("http://pypi.claimed.internal/" + other)).StatusCode);
    }

    [Fact]
    public async Task Only_a_build_that_runs_is_served()
    {
        _index.AddMirrored("apt/debian/word", "word");
        await using var running = await StartAsync(Site);
        using (var stranger = running.Step(withTicket: false))
            Assert.Equal(HttpStatusCode.ProxyAuthenticationRequired, (await stranger.GetAsync("http://deb.debian.org/debian/word")).StatusCode);
        using var step = running.Step();
        Assert.Equal("word", await GetAsync(step, "http://deb.debian.org/debian/word"));
        var ticket = running.Proxy.UserInfo.Split(':')[1];
        Assert.Equal("a *** b", running.Secrets.Masked($"a {ticket} b"));
        running.Access.Dispose();
        using var late = running.Step();
        Assert.Equal(HttpStatusCode.ProxyAuthenticationRequired, (await late.GetAsync("http://deb.debian.org/debian/word")).StatusCode);
        Assert.Equal(ticket, running.Secrets.Masked(ticket));
        Assert.Equal("***", running.Secrets.Masked(PrivateIndex.Password));
    }

    [Fact]
    public async Task A_step_does_not_get_to_this_machine_through_the_gateway_though_the_site_s_own_servers_may_be_on_it()
    {
        await using var running = await StartAsync(Site);
        using var step = running.Step();
        using var inner = new TcpListener(IPAddress.Any, 0);
        inner.Start();
        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(one => one.Address)
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork);
        var serving = ServeAsync(inner);
        var port = ((IPEndPoint)inner.LocalEndpoint).Port;
        foreach (var url in new[] { $"http://127.0.0.1:{port}/", $"http://localhost:{port}/", $"http://[::ffff:127.0.0.1]:{port}/", "http://169.254.169.254/latest/meta-data/" }.Concat(own.Select(address => $"http://{address}:{port}/")))
            Assert.Equal(HttpStatusCode.BadGateway, (await step.GetAsync(url)).StatusCode);
        Assert.Equal("HTTP/1.1 502", (await ConnectAsync(running, $"127.0.0.1:{port}"))[..12]);
        inner.Stop();
        await serving;
        // Without a proxy of the site HTTPS goes its own way.
        Assert.False(running.Access.Arguments.ContainsKey("https_proxy"));
    }

    [Theory]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("100.100.100.200", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("::ffff:168.63.129.16", false)]
    [InlineData("192.0.2.7", false)]
    [InlineData("::ffff:192.0.2.7", false)]
    [InlineData("fd00::7", false)]
    [InlineData("192.0.2.8", true)]
    [InlineData("fd00::8", true)]
    public void Neither_this_machine_under_any_of_its_addresses_nor_a_cloud_s_metadata_are_the_network(string address, bool isOfNetwork) =>
        Assert.Equal(isOfNetwork, SiteClient.IsOfNetwork(IPAddress.Parse(address), [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("fd00::7")]));

    [Fact]
    public async Task HTTPS_goes_through_the_site_s_proxy_with_the_site_s_account()
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        var credentials = Path.Combine(_folder.FullName, "proxy");
        await File.WriteAllTextAsync(credentials, "site:proxy-password");
        await using var running = await StartAsync(new SiteOptions { HttpProxy = $"http://{proxy.LocalEndpoint}", HttpProxyCredentials = credentials, NoProxy = ".inner.example.org" });
        Assert.Equal(running.Access.Arguments["http_proxy"], running.Access.Arguments["https_proxy"]);

        var asking = ConnectAsync(running, "files.example.org:443");
        using var taken = await proxy.AcceptTcpClientAsync();
        var stream = taken.GetStream();
        var head = await HeadAsync(stream);
        Assert.StartsWith("CONNECT files.example.org:443 HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Proxy-Authorization: Basic " + Convert.ToBase64String("site:proxy-password"u8), head, StringComparison.Ordinal);
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nX: y\r\n\r\nfrom there"u8.ToArray());
        Assert.Equal("HTTP/1.1 200", (await asking)[..12]);

        // Plain HTTP goes through it, too, without the ticket.
        using var step = running.Step();
        var plain = GetAsync(step, "http://files.example.org/x?y=1");
        using var second = await proxy.AcceptTcpClientAsync();
        head = await HeadAsync(second.GetStream());
        Assert.StartsWith("GET http://files.example.org/x?y=1 HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(running.Proxy.UserInfo)), head, StringComparison.Ordinal);
        await second.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nword"u8.ToArray());
        Assert.Equal("word", await plain);
        Assert.Equal("HTTP/1.1 407", (await ConnectAsync(running, "files.example.org:443", withTicket: false))[..12]);
    }

    [Theory]
    [InlineData("none", null, null, "Builds__NetworkMode=none")]
    [InlineData("host", "https://user:secret@pypi.example.org/simple", null, "Builds__Pip__Credentials")]
    [InlineData("host", "pypi.example.org", null, "Builds__Pip__IndexUrl")]
    [InlineData("host", "https://pypi.example.org/simple", "/there/is/no/such/file", "Builds__Pip__Credentials")]
    public void What_could_not_work_keeps_the_program_from_starting(string network, string? index, string? credentials, string named)
    {
        var check = new SiteOptionsCheck(Options.Create(new BuildOptions { NetworkMode = network, AllowHostNetwork = true }));
        var site = new SiteOptions { Pip = new PipOptions { IndexUrl = index ?? "https://pypi.example.org/simple", Credentials = credentials } };
        var said = check.Validate(null, site).FailureMessage;
        Assert.Contains(named, said, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", said, StringComparison.Ordinal);
    }

    /// <summary>Answers everyone who gets through.</summary>
    private static async Task ServeAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            }
        }
        catch (SocketException)
        {
            // The test is over.
        }
    }

    /// <summary>Head of the gateway's answer to CONNECT.</summary>
    private static async Task<string> ConnectAsync(Running running, string target, bool withTicket = true)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(running.Proxy.Host, running.Proxy.Port);
        var account = withTicket ? $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(running.Proxy.UserInfo))}\r\n" : "";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{account}\r\n"));
        return await HeadAsync(client.GetStream());
    }

    private static async Task<string> HeadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer, limit.Token) is var count and > 0)
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        return text.ToString();
    }
}
