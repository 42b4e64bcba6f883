using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Docker.DotNet;
using Docker.DotNet.Handler.Abstractions;
using Docker.DotNet.NativeHttp;

namespace Claimed.Registry.Builds.Engine;

/// <summary>
/// The way to one engine, over a socket or TCP, plain or TLS. No request names a version of the API, so an engine answers in its newest.
/// What Docker's API has alone goes through <see cref="Docker"/>; builds and pushes are sent here, because Podman needs more said.
/// </summary>
internal sealed class EngineConnection : IDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http;

    public EngineConnection(BuildOptions options)
    {
        Endpoint = options.EngineEndpoint;
        var tls = Endpoint.Scheme == "unix" ? new EngineTlsOptions() : options.EngineTls;
        var isTls = tls.IsSet || Endpoint.Scheme == "https";
        // The deadline is ours (total and idle), so the clients must not have one of their own.
        var client = new DockerClientBuilder().WithEndpoint(Endpoint).WithTimeout(Timeout.InfiniteTimeSpan);
        Docker = Endpoint.Scheme is "tcp" or "http" or "https"
            ? client.WithAuthProvider(new TlsOn(isTls)).WithTransportOptions(new NativeHttpTransportOptions { ConfigureHandler = handler => Adjust(handler, tls) }).Build()
            : client.Build();
        var own = new SocketsHttpHandler();
        Adjust(own, tls);
        if (Endpoint.Scheme == "unix")
            own.ConnectCallback = (_, cancellation) => ConnectAsync(Endpoint.LocalPath, cancellation);
        _http = new HttpClient(own)
        {
            BaseAddress = Endpoint.Scheme == "unix" ? new Uri("http://engine/") : new UriBuilder(Endpoint) { Scheme = isTls ? "https" : "http" }.Uri,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public Uri Endpoint { get; }

    public DockerClient Docker { get; }

    /// <summary>Sends a request and reports each message of the answer as it comes.</summary>
    /// <exception cref="EngineRefusedException">The answer is an error.</exception>
    public async Task FollowAsync(string path, HttpContent? content, string? account, Action<EngineMessage> report, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (account is not null)
            request.Headers.Add("X-Registry-Auth", account);
        using var answer = await SendAsync(request, cancellation);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation), Encoding.UTF8);
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Length > 0)
                report(EngineMessage.Of(line));
        }
    }

    /// <summary>Sends JSON, or nothing, and reads JSON.</summary>
    /// <exception cref="EngineRefusedException">The answer is an error.</exception>
    public async Task<JsonElement> AskAsync(HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await SendAsync(request, cancellation);
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellation);
        return bytes.Length == 0 ? default : JsonElement.Parse(bytes);
    }

    /// <summary>The body of an answer, as it comes; closing it hangs up.</summary>
    /// <exception cref="EngineRefusedException">The answer is an error.</exception>
    public async Task<Stream> OpenAsync(string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var answer = await SendAsync(request, cancellation);
        return await answer.Content.ReadAsStreamAsync(cancellation);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw new EngineRefusedException(answer.StatusCode, MessageOf(await answer.Content.ReadAsStringAsync(cancellation)));
    }

    private static string MessageOf(string body)
    {
        try
        {
            return JsonElement.Parse(body).TryGetProperty("message", out var message) ? message.GetString() ?? body : body;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return body.Trim();
        }
    }

    private static void Adjust(SocketsHttpHandler handler, EngineTlsOptions tls)
    {
        handler.UseProxy = false;
        handler.ConnectTimeout = ConnectLimit;
        handler.MaxConnectionsPerServer = int.MaxValue;
        if (tls.IsSet)
            handler.SslOptions = tls.Client();
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Docker.Dispose();
        _http.Dispose();
    }

    /// <summary>Tells the client that its transport speaks TLS; the transport itself has the certificates.</summary>
    private sealed class TlsOn(bool isOn) : IAuthProvider
    {
        public bool TlsEnabled => isOn;

        public HttpMessageHandler ConfigureHandler(HttpMessageHandler handler) => handler;
    }
}

/// <summary>An engine answered with an error.</summary>
internal sealed class EngineRefusedException(HttpStatusCode status, string message) : Exception(message)
{
    public HttpStatusCode Status => status;
}
