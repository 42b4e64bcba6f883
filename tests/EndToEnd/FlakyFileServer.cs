using System.Net;

namespace Claimed.EndToEnd;

/// <summary>Serves one file over http; its first answers are 503.</summary>
internal sealed class FlakyFileServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly byte[] _content;
    private int _failures;

    public FlakyFileServer(byte[] content, int failures)
    {
        (_content, _failures) = (content, failures);
        // HttpListener cannot choose a free port itself.
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        }
        _listener.Prefixes.Add(Url);
        _listener.Start();
        _ = AnswerAsync();
    }

    public string Url { get; }

    public void Dispose() => _listener.Close();

    private async Task AnswerAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext request;
            try
            {
                request = await _listener.GetContextAsync();
            }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            if (_failures-- > 0)
                request.Response.StatusCode = 503;
            else
                await request.Response.OutputStream.WriteAsync(_content);
            request.Response.Close();
        }
    }
}
