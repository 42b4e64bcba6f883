using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Webhooks;

/// <summary>How one attempt ended.</summary>
/// <param name="Status">HTTP status of the answer; null when none came.</param>
/// <param name="Error">Why it failed; null when it did not.</param>
internal sealed record Posted(int? Status, string? Error, long Milliseconds)
{
    /// <summary>The receiver says that it is no more.</summary>
    public bool IsGone => Status == StatusCodes.Status410Gone;
}

/// <summary>Sends one delivery. Addresses are checked where the connection is made, no redirect is followed, and of an answer its status alone counts.</summary>
internal sealed class WebhookPost : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;
    private const int LongestError = 300;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public WebhookPost(IOptions<WebhookOptions> options, TimeProvider clock)
    {
        (_options, _clock) = (options.Value, clock);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = _options.Proxy is not null,
            Proxy = _options.Proxy is { } proxy ? new WebProxy(proxy) : null,
            ConnectCallback = (context, cancellation) => OutsideAddress.ConnectAsync(context, _options.Allows, "Webhooks__AllowPrivateHosts, Webhooks__AllowedNetworks", cancellation),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
            // Receivers know no span of this registry.
            ActivityHeadersPropagator = null,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public async Task<Posted> SendAsync(Uri url, string secret, WebhookMessage message, long webhook, int attempt, CancellationToken cancellation)
    {
        var began = _clock.GetTimestamp();
        using var limit = new CancellationTokenSource(_options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        int? status = null;
        string? silence = null;
        try
        {
            using var request = Request(url, secret, message, webhook, attempt);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            status = (int)answer.StatusCode;
            await DrainAsync(answer, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            silence = $"No answer within {_options.Timeout.TotalSeconds:0.#} s.";
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            silence = Reason(fault);
        }
        // Once the status came, the rest of the answer changes nothing.
        return new Posted(status, status is { } code ? Refusal(code) : silence, (long)_clock.GetElapsedTime(began).TotalMilliseconds);
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(Uri url, string secret, WebhookMessage message, long webhook, int attempt)
    {
        var body = message.ToBytes();
        var signature = WebhookSecrets.Sign(secret, body);
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Claimed.Registry", null));
        request.Headers.Add("X-Claimed-Event", message.Kind);
        request.Headers.Add("X-Claimed-Delivery", message.DeliveryOf(webhook));
        request.Headers.Add("X-Claimed-Attempt", attempt.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("X-Claimed-Timestamp", _clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("X-Claimed-Signature-256", signature);
        // What knows webhooks of GitHub checks these as they come.
        request.Headers.Add("X-Hub-Signature-256", signature);
        return request;
    }

    /// <summary>A short body is read to its end, so that the connection serves again; a long one costs the connection.</summary>
    private static async Task DrainAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[4096];
        for (var read = 0; read < MaxAnswerBytes;)
        {
            var count = await body.ReadAsync(buffer, cancellation);
            if (count == 0)
                return;
            read += count;
        }
    }

    private static string? Refusal(int status) => status switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 => $"It answers {status}; redirects are not followed: name the address itself.",
        _ => $"It answers {status}.",
    };

    private static string Reason(Exception fault)
    {
        var why = fault switch
        {
            HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } } => "its name is not known here",
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => $"TLS: {fault.GetBaseException().Message}",
            _ => fault.GetBaseException().Message,
        };
        return ShownText.Of($"No connection: {why}", LongestError);
    }
}
