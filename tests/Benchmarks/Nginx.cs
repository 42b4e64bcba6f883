using System.Diagnostics;
using Claimed.TestKit;

namespace Claimed.Benchmarks;

/// <summary>A private nginx that serves a folder of files, set up as its handbook advises for that.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly Process _process;

    private Nginx(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<Nginx> StartAsync(string files)
    {
        var folder = Workspace.Folder("nginx");
        var port = FreePorts.Next();
        var settings = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(settings, $$"""
            daemon off;
            user root;
            worker_processes 2;
            pid {{folder}}/pid;
            error_log {{folder}}/error.log;
            events { worker_connections 1024; }
            http {
              access_log off;
              sendfile on;
              tcp_nopush on;
              tcp_nodelay on;
              etag on;
              keepalive_requests 100000000;
              open_file_cache max=1000;
              default_type "application/yaml";
              client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi; scgi_temp_path {{folder}}/scgi;
              server { listen 127.0.0.1:{{port}}; root {{files}}; }
            }
            """);
        var nginx = new Nginx(Process.Start(new ProcessStartInfo("nginx", ["-c", settings]))!, new Uri($"http://127.0.0.1:{port}"));
        await Listening.WaitAsync(nginx.Address);
        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        // Its master takes the workers with it when it is asked to quit.
        (await Shell.RunAsync("kill", ["-QUIT", $"{_process.Id}"])).Succeeded();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

/// <summary>Waits until something answers at an address, whatever it says.</summary>
internal static class Listening
{
    public static async Task WaitAsync(Uri address)
    {
        using var client = new HttpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(address, limit.Token);
                return;
            }
            catch (HttpRequestException)
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
    }
}
