using System.Net.Sockets;
using System.Text;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Fuzz;

/// <summary>Requests as bytes on a socket, to the whole service: whatever is sent, no answer begins with 5, none keeps waiting, and the next request is served.</summary>
public sealed class HttpFuzz : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly string[] Words =
    [
        "GET ", "HEAD ", "PUT ", "POST ", "PATCH ", "DELETE ", "OPTIONS ", "TRACE ", "BREW ", " HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/9.9\r\n", "\r\n", "\r\n\r\n", "Host: x\r\n", "Content-Length: 5\r\n", "Content-Length: -1\r\n",
        "Content-Length: 99999999999\r\n", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", "FFFFFFFFFF\r\n", "Expect: 100-continue\r\n", "Range: bytes=0-1\r\n", "If-None-Match: \"x\"\r\n", "If-Match: *\r\n", "Accept: text/event-stream\r\n",
        "Last-Event-ID: 1:1\r\n", "Content-Type: application/json\r\n", "Authorization: Basic Og==\r\n", "Accept-Encoding: gzip\r\n", "Cookie: a=b\r\n", "Connection: upgrade\r\n", "%2e%2e", "%00", "%2F", "%c0%af", "%ed%a0%80", "%25", "%zz", "//", "?", "&", "#",
        "?q=", "?limit=", "?cursor=", "?after=", "?state=", "?version=", "?n=", "?last=", "?mount=", "?digest=", "?from=", "?artifactType=", "?runtime=", "~1", "^1", "sha256:", "/versions/", "/component.yaml", "/api/v1/builds/", "/v2/acme/greet/", "/catalogs/elyra/",
        "-1", "2147483648", "9223372036854775808", "NaN", "null",
    ];

    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Publish:MaxWaitSeconds"] = "1", ["Logging:LogLevel:Default"] = "None" });
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        await _host.PublishAsync("acme", "step", "1.0.0", ("step.py", Samples.Script()));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public void Requests() => Fuzzing.Run(new Target("Requests", Seeds(), Words) { Limit = Patience, Allowance = 64 << 20 }, Send);

    private static IEnumerable<string> Seeds()
    {
        string[] reads =
        [
            "/", "/components/acme/greet?version=1.0.0", "/health/ready", "/api/v1/components?q=a&limit=5&cursor=a/b&tag=x&input=String", "/api/v1/components/acme/greet", "/api/v1/components/acme/greet/versions", "/api/v1/components/acme/greet/versions/~1",
            "/api/v1/components/acme/greet/versions/latest/component.yaml", "/api/v1/components/acme/greet/versions/1.0.0/bundle", "/api/v1/builds?state=queued&cursor=5&limit=2", "/api/v1/builds/1", "/api/v1/builds/1/log", "/api/v1/events?after=0&limit=3",
            "/catalogs/elyra/acme/catalog.json?runtime=kfp&channel=beta&category=C&pinned=true", "/catalogs/elyra/catalog.json?since=5&tag=x", "/apis/v1alpha1/components?filter={%22name%22:1}&sort_by=name&page_size=2&page_token=1",
            "/apis/v1alpha1/components/acme--greet--1.0.0/download", "/catalogs/artifactory/api/storage/acme/~/greet", "/catalogs/artifactory/acme/greet/1.0.0.yaml", "/swagger/v1/openapi.yaml", "/v2/", "/v2/acme/greet/tags/list?n=5&last=a", "/v2/acme/greet/manifests/latest", "/token?service=x&scope=repository:a/b:pull",
            "/v2/acme/greet/referrers/sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08?artifactType=a/b",
        ];
        foreach (var path in reads)
            yield return $"GET {path} HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"a\"\r\nRange: bytes=0-5\r\n\r\n";
        var body = Encoding.UTF8.GetString(new Multipart().Source("component.yaml", Samples.ExistingImage("fuzz")).Field("message", "m").ToBytes());
        yield return Write("PUT", "/api/v1/components/acme/fuzzed/versions/1.0.0", $"multipart/form-data; boundary={Multipart.Boundary}", body);
        yield return Write("POST", "/api/v1/components/acme/validate", $"multipart/form-data; boundary={Multipart.Boundary}", body);
        yield return Write("POST", "/apis/v1alpha1/components/upload?name=acme--fuzzed", $"multipart/form-data; boundary={Multipart.Boundary}", body.Replace("name=\"source\"", "name=\"uploadfile\"", StringComparison.Ordinal));
        yield return Write("POST", "/api/v1/builds/1/retry", "application/json", "{}");
        yield return Write("PATCH", "/api/v1/components/acme/greet/versions/1.0.0", "application/json", """{"yanked": true, "reason": "a"}""");
        yield return Write("PUT", "/api/v1/components/acme/greet/channels/beta", "application/json", """{"version": "1.0.0"}""");
        yield return Write("PATCH", "/api/v1/components/acme/greet", "application/json", """{"category": "C", "tags": ["a"], "displayName": "G"}""");
        yield return Write("PUT", "/v2/acme/fuzzed/manifests/one", "application/vnd.oci.image.manifest.v1+json", """{"schemaVersion": 2, "config": {}, "layers": []}""");
        yield return Write("POST", "/v2/acme/fuzzed/blobs/uploads/?digest=sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", "application/octet-stream", "hello");
        yield return Write("POST", "/v2/acme/fuzzed/blobs/uploads/?mount=sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824&from=acme/greet", "application/octet-stream", "");
    }

    private static string Write(string method, string path, string type, string body) =>
        $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {RegistryHost.AdminToken}\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    /// <summary>Sends the bytes and reads the first line of the answer.</summary>
    private string Send(byte[] request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { SendTimeout = (int)Patience.TotalMilliseconds, ReceiveTimeout = (int)Patience.TotalMilliseconds, NoDelay = true };
        socket.Connect(_host.Address.Host, _host.Address.Port);
        var answer = new byte[4096];
        var got = 0;
        try
        {
            socket.Send(request);
            // A request that is whole is answered; one that is not waits for its rest, until it hears that none comes.
            if (!socket.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectRead))
                socket.Shutdown(SocketShutdown.Send);
            got = socket.Receive(answer);
        }
        catch (SocketException reset) when (reset.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.NotConnected)
        {
        }

        var head = Encoding.Latin1.GetString(answer, 0, got);
        var status = head.Length == 0 ? "closed" : head.Split("\r\n")[0];
        // 505 is the standard's answer to a version of HTTP that is none.
        Assert.False(status.StartsWith("HTTP/1.1 5", StringComparison.Ordinal) && !status.StartsWith("HTTP/1.1 505", StringComparison.Ordinal), head);
        return $"{status} {Encoding.Latin1.GetString(request.AsSpan(0, Math.Min(12, request.Length)))}";
    }
}
