using System.Globalization;
using System.Text.RegularExpressions;
using Claimed.TestKit;

namespace Claimed.Benchmarks;

/// <summary>The load generator: the same threads and connections for everyone.</summary>
internal static partial class Wrk
{
    /// <summary>Requests per second; throws when an answer is not a 2xx or 3xx.</summary>
    public static Task<double> RunAsync(Uri url, string? tag = null, int seconds = 2) => RunAsync(url, tag is null ? [] : ["-H", $"If-None-Match: {tag}"], seconds);

    /// <param name="headers">As arguments of the load generator.</param>
    public static async Task<double> RunAsync(Uri url, IReadOnlyList<string> headers, int seconds = 2)
    {
        return double.Parse(PerSecond.Match(await SayAsync(url, ["-t2", "-c32", $"-d{seconds}s", .. headers])).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Requests per second at 64 connections, and how long the slowest hundredth takes at least, in milliseconds.</summary>
    public static async Task<(double PerSecond, double Slowest)> LatencyAsync(Uri url, IReadOnlyList<string> headers, int seconds = 2)
    {
        var said = await SayAsync(url, ["-t2", "-c64", $"-d{seconds}s", "--latency", "--timeout", "30s", .. headers]);
        var slowest = Slowest.Match(said);
        return (double.Parse(PerSecond.Match(said).Groups[1].Value, CultureInfo.InvariantCulture),
            double.Parse(slowest.Groups[1].Value, CultureInfo.InvariantCulture) * (slowest.Groups[2].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 }));
    }

    /// <summary>Mebibytes per second that arrive over so many connections.</summary>
    public static async Task<double> TransferAsync(Uri url, int connections, int seconds = 3, params IReadOnlyList<string> headers)
    {
        var transfer = Transfer.Match(await SayAsync(url, ["-t2", $"-c{connections}", $"-d{seconds}s", "--timeout", "30s", .. headers]));
        return double.Parse(transfer.Groups[1].Value, CultureInfo.InvariantCulture) * (transfer.Groups[2].Value switch { "GB" => 1024, "MB" => 1, _ => 1.0 / 1024 });
    }

    private static async Task<string> SayAsync(Uri url, IEnumerable<string> arguments)
    {
        var said = (await Shell.RunAsync("wrk", [.. arguments, url.AbsoluteUri])).Succeeded();
        return said.Contains("Non-2xx", StringComparison.Ordinal) || said.Contains("Socket errors", StringComparison.Ordinal)
            ? throw new InvalidOperationException($"{url} did not answer all requests well.\n{said}")
            : said;
    }

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)")]
    private static partial Regex PerSecond { get; }

    [GeneratedRegex(@"99%\s+([0-9.]+)(us|ms|s)")]
    private static partial Regex Slowest { get; }

    [GeneratedRegex(@"Transfer/sec:\s+([0-9.]+)(KB|MB|GB)")]
    private static partial Regex Transfer { get; }
}
