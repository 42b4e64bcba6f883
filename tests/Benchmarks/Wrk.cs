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
        var said = (await Shell.RunAsync("wrk", ["-t2", "-c32", $"-d{seconds}s", .. headers, url.AbsoluteUri])).Succeeded();
        if (said.Contains("Non-2xx", StringComparison.Ordinal) || said.Contains("Socket errors", StringComparison.Ordinal))
            throw new InvalidOperationException($"{url} did not answer all requests well.\n{said}");
        return double.Parse(PerSecond.Match(said).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)")]
    private static partial Regex PerSecond { get; }
}
