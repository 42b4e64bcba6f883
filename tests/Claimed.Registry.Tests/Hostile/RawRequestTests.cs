using System.Net;
using System.Net.Sockets;
using System.Text;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Hostile;

/// <summary>Requests that no client library would send, byte by byte over a socket.</summary>
[Trait("Database", "any")]
public sealed class RawRequestTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private const string Digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);

    private readonly RegistryHost _host = registry.Host;

    /// <summary>Targets that decode to something else, leave their folder, or are too long; each with what may be answered.</summary>
    public static TheoryData<string> Targets =>
    [
        "/api/v1/components/%2e%2e/%2e%2e/etc/passwd", "/../../etc/passwd", "/assets/..%2f..%2fappsettings.json", "/assets/%2e%2e%2fregistry.css", "/components/acme%2Fgreet", "/components/%00", "/api/v1/components/a%00b/c",
        "/api/v1/components/acme/greet/versions/1.0.0%00", "/api/v1/components/%c0%af/x", "/api/v1/components/%ed%a0%80/x", "/api/v1/components/%ff/x", "/api/v1/components/%zz/x", "/api/v1/components?q=%00", "/api/v1/components?cursor=%00",
        "/api/v1/components?limit=99999999999999999999", "/api/v1/components?limit=abc", "/api/v1/components?limit=0", "/api/v1/components?limit=-5", "/api/v1/components?limit=2147483647", "/api/v1/components?cursor=%ff%fe&q=%20", "/api/v1/builds?limit=-1&cursor=9223372036854775807", "/api/v1/events?limit=2147483647", "/api/v1/events?after=-1", "/api/v1/events?after=9223372036854775808", "/api/v1/events?wait=2147483648", "/api/v1/events?wait=61", "/api/v1/events?wait=-1",
        "/api/v1/builds?state=%00", "/api/v1/builds?state=x", "/api/v1/builds?cursor=%ff", "/api/v1/builds/9223372036854775808", "/api/v1/builds/-1", "/api/v1/builds/1%2F..", "/api/v1/builds/0/log",
        "/catalogs/elyra/nobody/catalog.json", "/catalogs/elyra/..%2f..%2f/catalog.json", "/v2/%2e%2e/%2e%2e/blobs/" + Digest, "/v2/acme/greet/manifests/%00", "/v2/acme/greet/manifests/..%2f..", "/v2/acme/greet/tags/list?last=%00", "/v2/acme/greet/tags/list?n=-1",
        "/v2/acme/greet/tags/list?n=99999999999", "/v2/acme/greet/blobs/sha256:xyz", "/v2/acme/greet/blobs/sha256:" + "%41", "/v2/ACME/greet/manifests/latest", "/v2/acme/greet/referrers/sha256:0", "/v2/_catalog", "/api/v1/components/" + new string('a', 7000),
        "/v2/" + string.Concat(Enumerable.Repeat("a/", 500)) + "manifests/x", "http://other.example/api/v1/builds/0", "/api/v1/components/acme/greet/versions/%5E%5E", "/api/v1/components/acme/greet/versions/" + new string('^', 2000),
    ];

    [Theory]
    [MemberData(nameof(Targets), DisableDiscoveryEnumeration = true)]
    public async Task A_hostile_target_is_refused(string target)
    {
        var answer = await SendAsync($"GET {target} HTTP/1.1\r\nHost: {_host.Address.Authority}\r\nConnection: close\r\n\r\n");
        Assert.Matches("^HTTP/1.1 4[0-9][0-9] ", answer);
        await StillServesAsync();
    }

    public static TheoryData<string> Requests =>
    [
        // A method that is none, one that is not there, and one that would show the request to others.
        "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", "DELETE /api/v1/components HTTP/1.1\r\nHost: x\r\n\r\n", "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", "CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n", "PATCH /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX-HTTP-Method-Override: DELETE\r\nContent-Length: -1\r\n\r\n",
        // Two lengths, a length beside chunks, lengths that are no numbers: the ways to smuggle a second request.
        "POST /api/v1/builds/1/retry HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", "POST /api/v1/builds/1/retry HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n", "POST /api/v1/builds/1/retry HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /api/v1/components/a/validate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\nZZ\r\n", "POST /api/v1/components/a/validate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx",
        "POST /api/v1/components/a/validate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, x\r\n\r\n", "POST /api/v1/components/a/validate HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
        // Headers: no host, two hosts, a host that is none, line ends and NUL within, bytes beyond ASCII, too many and too long.
        "GET /api/v1/builds/0 HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\"b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nAccept: a\0b\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nNo colon\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n: empty\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: \u00ff\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n" + string.Concat(Enumerable.Range(0, 200).Select(n => $"H{n}: x\r\n")) + "\r\n",
        $"GET / HTTP/1.1\r\nHost: x\r\nCookie: {new string('c', 60_000)}\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "GET /\r\n\r\n", "\0\0\0\0\r\n\r\n", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003\r\n\r\n",
        $"GET /v2/ HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {new string('A', 20_000)}\r\n\r\n", "GET /v2/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", "GET /token HTTP/1.1\r\nHost: x\r\nAuthorization: Basic OmNsbXNfLg==\r\n\r\n",
        "PUT /v2/acme/x/manifests/one HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer test-administrator-token\r\nContent-Length: 2\r\n\r\n{}", "POST /v2/acme/x/blobs/uploads/?digest=sha256:0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer test-administrator-token\r\nContent-Length: 1\r\n\r\na",
        "PATCH /v2/acme/x/blobs/uploads/../../../x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer test-administrator-token\r\nContent-Range: 9-1\r\nContent-Length: 0\r\n\r\n",
    ];

    [Theory]
    [MemberData(nameof(Requests), DisableDiscoveryEnumeration = true)]
    public async Task A_hostile_request_is_refused_or_cut_off(string request)
    {
        var before = await StoredThings.InAsync(_host);
        var answer = await SendAsync(request);
        // Without an answer the connection was cut; an interim answer invites a body that never came.
        Assert.Matches("\\A(HTTP/1.1 100 Continue\r\n\r\n)?(HTTP/1.1 4[0-9][0-9] (.|\n)*)?\\z", answer.Replace("HTTP/1.1 505 ", "HTTP/1.1 405 "));
        Assert.Equal(before, await StoredThings.InAsync(_host));
        await StillServesAsync();
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(0)]
    public async Task A_length_that_the_body_does_not_have_stores_nothing(int more)
    {
        var before = await StoredThings.InAsync(_host);
        var body = new Multipart().Source("step.py", Samples.Script()).ToBytes();
        var cut = more == 0 ? body.Length / 2 : body.Length;
        var answer = await SendAsync($"PUT /api/v1/components/raw/step/versions/1.0.0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {RegistryHost.AdminToken}\r\n"
            + $"Content-Type: multipart/form-data; boundary={Multipart.Boundary}\r\nContent-Length: {body.Length + more}\r\n\r\n{Encoding.UTF8.GetString(body, 0, cut)}");
        Assert.DoesNotContain("HTTP/1.1 2", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 5", answer, StringComparison.Ordinal);
        Assert.Equal(before, await StoredThings.InAsync(_host));
        await StillServesAsync();
    }

    private async Task StillServesAsync() => Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync("/health/live")).Status);

    /// <summary>Sends the bytes and reads until the registry ends the connection; it is told that no more comes once it stops answering.</summary>
    private async Task<string> SendAsync(string request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_host.Address.Host, _host.Address.Port, limit.Token);
        var answer = new StringBuilder();
        try
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(request), limit.Token);
            var buffer = new byte[16 * 1024];
            int read;
            do
            {
                var receiving = socket.ReceiveAsync(buffer, limit.Token).AsTask();
                if (await Task.WhenAny(receiving, Task.Delay(Silence, limit.Token)) != receiving && socket.Connected)
                    socket.Shutdown(SocketShutdown.Send);
                read = await receiving;
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
            while (read > 0);
        }
        catch (SocketException reset) when (reset.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.NotConnected)
        {
            // What was answered before counts.
        }
        return answer.ToString();
    }
}
