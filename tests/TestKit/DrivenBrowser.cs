using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;

namespace Claimed.TestKit;

/// <summary>A real browser without a screen that a test leads through pages, over the browser's own debugging protocol.</summary>
public sealed class DrivenBrowser : IAsyncDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(1);
    private readonly Process _process;
    private readonly DirectoryInfo _profile;
    private readonly ClientWebSocket _socket = new();
    private int _number;

    private DrivenBrowser(Process process, DirectoryInfo profile)
    {
        _process = process;
        _profile = profile;
    }

    public static async Task<DrivenBrowser> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("claimed-browser-");
        var start = new ProcessStartInfo(Chromium.Program(), [.. Chromium.WithoutScreen, "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", "about:blank"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var browser = new DrivenBrowser(process, profile);
        var file = Path.Combine(profile.FullName, "DevToolsActivePort");
        await browser.UntilAsync(() => Task.FromResult(File.Exists(file) && File.ReadAllLines(file).Length == 2), "the browser's debugging port");
        using var client = new HttpClient();
        var pages = await client.GetFromJsonAsync<JsonElement>($"http://127.0.0.1:{File.ReadLines(file).First()}/json/list");
        var page = pages.EnumerateArray().First(page => page.GetProperty("type").GetString() == "page");
        await browser._socket.ConnectAsync(new Uri(page.GetProperty("webSocketDebuggerUrl").GetString()!), CancellationToken.None);
        return browser;
    }

    public Task OpenAsync(Uri page) => CallAsync("Page.navigate", new { url = page.AbsoluteUri });

    /// <summary>Runs an expression in the page; its value as text, null while the page is changing.</summary>
    public async Task<string?> ReadAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new { expression, returnByValue = true });
        return answer.TryGetProperty("result", out var result) && result.TryGetProperty("result", out var value) && value.TryGetProperty("value", out var text) ? text.ToString() : null;
    }

    /// <summary>Waits until an expression is true in the page and the page is there to its end: its title is long before its last link.</summary>
    public Task UntilAsync(string expression) => UntilAsync(async () => await ReadAsync($"document.readyState === 'complete' && ({expression})") == "True", expression);

    /// <summary>Types into a field.</summary>
    public async Task TypeAsync(string selector, string text)
    {
        await UntilAsync($"document.querySelector({Quoted(selector)}) !== null");
        await ReadAsync($"document.querySelector({Quoted(selector)}).focus()");
        await CallAsync("Input.insertText", new { text });
    }

    /// <summary>Clicks, when it is there.</summary>
    public async Task ClickAsync(string selector)
    {
        await UntilAsync($"document.querySelector({Quoted(selector)}) !== null");
        await ReadAsync($"document.querySelector({Quoted(selector)}).click()");
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _profile.Delete(recursive: true);
    }

    private async Task<JsonElement> CallAsync(string method, object parameters)
    {
        var id = ++_number;
        using var limit = new CancellationTokenSource(_limit);
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, true, limit.Token);
        while (true)
        {
            var message = await ReceiveAsync(limit.Token);
            // What the browser tells unasked has no number.
            if (message.TryGetProperty("id", out var number) && number.GetInt32() == id)
                return message;
        }
    }

    private async Task<JsonElement> ReceiveAsync(CancellationToken cancellation)
    {
        var (text, buffer) = (new MemoryStream(), new byte[16 * 1024]);
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer.AsMemory(), cancellation);
            text.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return JsonDocument.Parse(text.ToArray()).RootElement;
    }

    private async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        using var limit = new CancellationTokenSource(_limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await isSo())
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"Within {_limit} there was not: {what}. The page: {(_socket.State == WebSocketState.Open ? await ReadAsync("location.href + document.documentElement.outerHTML") : "none")}");
            await timer.WaitForNextTickAsync();
        }
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
