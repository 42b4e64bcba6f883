namespace Claimed.Benchmarks;

/// <summary>The same bytes of the registry, of nginx and of a bare endpoint, asked for in turns, so that what else the machine does meets all three.</summary>
/// <param name="seconds">Of each turn.</param>
internal sealed class InTurns(Report report, string section, HttpClient anonymous, int seconds = 2)
{
    private const int Turns = 5;

    /// <param name="conditional">Whether the clients have the bytes: each answer is a 304.</param>
    /// <param name="connections">For a file of which few fit into a second: what arrives over so many connections is counted, and not the answers. Null counts those.</param>
    /// <param name="headers">Of those requests, as arguments of the load generator.</param>
    /// <param name="ofNginx">The least ratio that is good; null for none.</param>
    public async Task CompareAsync(string what, Uri ours, Uri theirs, Uri least, bool conditional, double? ofNginx, double? ofBare, int? connections = null, params IReadOnlyList<string> headers)
    {
        async Task<double> Measure(Uri url, int forSeconds) => connections is { } few ? await Wrk.TransferAsync(url, few, forSeconds, headers) : await Wrk.RunAsync(url, conditional ? await TagAsync(url) : null, forSeconds);
        foreach (var url in new[] { ours, theirs, least })
            await Measure(url, 1);
        var (againstNginx, againstBare, speed) = (new List<double>(), new List<double>(), new List<double>());
        for (var turn = 0; turn < Turns; turn++)
        {
            var (a, b, c, d) = (await Measure(theirs, seconds), await Measure(ours, seconds), await Measure(least, seconds), await Measure(ours, seconds));
            againstNginx.Add(b / a);
            againstBare.Add(d / c);
            speed.Add(b);
        }
        report.Add(section, $"{what}, against nginx", againstNginx.Median(), "×", atLeast: ofNginx);
        report.Add(section, $"{what}, against a bare endpoint", againstBare.Median(), "×", atLeast: ofBare);
        report.Add(section, what, speed.Median(), connections is null ? " per second" : " MiB/s");
    }

    private async Task<string> TagAsync(Uri url)
    {
        using var answer = await anonymous.GetAsync(url);
        return answer.Headers.ETag!.ToString();
    }
}
