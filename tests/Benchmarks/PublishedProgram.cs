using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Claimed.TestKit;

namespace Claimed.Benchmarks;

/// <summary>The registry as operators run it: published in Release into a folder of its own, once for all benchmarks;
/// or the one that <c>CLAIMED_BENCHMARK_PROGRAM</c> names.</summary>
internal static class PublishedProgram
{
    private static readonly Lazy<Task<string>> Published = new(PublishAsync);

    /// <summary>Path of the program.</summary>
    public static Task<string> PathAsync() => Published.Value;

    private static async Task<string> PublishAsync()
    {
        if (Environment.GetEnvironmentVariable("CLAIMED_BENCHMARK_PROGRAM") is { Length: > 0 } published)
            return published;
        var folder = Workspace.Folder("program");
        Console.WriteLine("publishing the registry in Release…");
        (await Shell.RunAsync("dotnet", ["publish", RepositoryFolder.Of("src/Claimed.Registry"), "-c", "Release", "-o", folder, "-v", "quiet", "-nologo"],
            limit: TimeSpan.FromMinutes(15))).Succeeded();
        return Path.Combine(folder, "Claimed.Registry");
    }
}

/// <summary>A registry that runs as a process of its own.</summary>
internal sealed class RunningRegistry : IAsyncDisposable
{
    public const string Token = "benchmark-administrator-token";

    private readonly Process _process;

    private RunningRegistry(Process process, Uri address, TimeSpan startTime)
    {
        _process = process;
        StartTime = startTime;
        ProcessorTime = process.TotalProcessorTime;
        Client = new HttpClient { BaseAddress = address };
    }

    public HttpClient Client { get; }

    /// <summary>From the start of the process to the first 200 of <c>/health/ready</c>.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>What the start took of all processors; a busy machine does not change it much.</summary>
    public TimeSpan ProcessorTime { get; }

    public Uri Address => Client.BaseAddress!;

    public static async Task<RunningRegistry> StartAsync(string dataPath, params IReadOnlyList<(string Name, string Value)> settings)
    {
        var program = await PublishedProgram.PathAsync();
        var address = new Uri($"http://127.0.0.1:{FreePorts.Next()}");
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = Path.GetDirectoryName(program)!,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        start.Environment["Registry__DataPath"] = dataPath;
        start.Environment["Registry__AdminToken"] = Token;
        start.Environment["Builds__Enabled"] = "false";
        // What is measured is the registry, not how much of it one may use.
        start.Environment["Limits__Writes"] = "0";
        foreach (var (name, value) in settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        var began = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Said(line.Data);
        process.ErrorDataReceived += (_, line) => Said(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var probe = new HttpClient { BaseAddress = address };
        while (!await IsReadyAsync(probe))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(2))
                throw new InvalidOperationException($"The registry did not start (exit code {(process.HasExited ? process.ExitCode : 0)}).");
            await timer.WaitForNextTickAsync();
        }
        var registry = new RunningRegistry(process, address, Stopwatch.GetElapsedTime(began));
        registry.Client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        return registry;
    }

    /// <summary>What the process has taken of all processors until now.</summary>
    public TimeSpan ProcessorTimeNow()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>Resident memory as the kernel counts it, in megabytes.</summary>
    public double ResidentMegabytes() => Kernel("VmRSS:");

    /// <summary>The most that it ever was.</summary>
    public double PeakMegabytes() => Kernel("VmHWM:");

    private double Kernel(string what)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(what, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }

    private static async Task<bool> IsReadyAsync(HttpClient probe)
    {
        try
        {
            using var answer = await probe.GetAsync("/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException refused) when (refused.InnerException is SocketException or IOException)
        {
            return false;
        }
    }

    private static void Said(string? line)
    {
        if (line?.Contains("fail:", StringComparison.Ordinal) == true || line?.Contains("crit:", StringComparison.Ordinal) == true)
            Console.WriteLine($"  registry: {line}");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
