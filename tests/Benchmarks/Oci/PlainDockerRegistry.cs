using System.Diagnostics;
using Claimed.TestKit;

namespace Claimed.Benchmarks;

/// <summary>Debian's docker-registry as its own example sets it up, open to everyone: checking an account would only slow it down.</summary>
internal sealed class PlainDockerRegistry : IAsyncDisposable
{
    private readonly Process _process;

    private PlainDockerRegistry(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<PlainDockerRegistry> StartAsync(string folder)
    {
        var port = FreePorts.Next();
        var settings = Path.Combine(folder, "config.yml");
        await File.WriteAllTextAsync(settings, $$"""
            version: 0.1
            log: {level: error, accesslog: {disabled: true} }
            storage: {cache: {blobdescriptor: inmemory}, filesystem: {rootdirectory: {{folder}}/data} }
            http: {addr: "127.0.0.1:{{port}}"}
            """);
        var start = new ProcessStartInfo("docker-registry", ["serve", settings]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var registry = new PlainDockerRegistry(process, new Uri($"http://127.0.0.1:{port}"));
        await Listening.WaitAsync(registry.Address);
        return registry;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
