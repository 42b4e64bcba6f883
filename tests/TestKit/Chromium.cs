namespace Claimed.TestKit;

/// <summary>A page after its scripts have run.</summary>
/// <param name="Dom">The document as HTML.</param>
/// <param name="Console">What the browser wrote to its console, such as violations of the content policy and errors of scripts.</param>
public sealed record BrowsedPage(string Dom, IReadOnlyList<string> Console);

/// <summary>Opens pages in a real browser without a screen.</summary>
public static class Chromium
{
    private static readonly string[] Names = ["chromium", "google-chrome", "chromium-browser"];

    internal static readonly string[] WithoutScreen =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    // The time is virtual: timers run at once, requests are waited for.
    private static readonly string[] Options = [.. WithoutScreen, "--enable-logging=stderr", "--virtual-time-budget=5000", "--dump-dom"];

    public static async Task<BrowsedPage> OpenAsync(Uri page)
    {
        var profile = Directory.CreateTempSubdirectory("claimed-browser-");
        try
        {
            var result = await Shell.RunAsync(Program(), [.. Options, $"--user-data-dir={profile.FullName}", page.AbsoluteUri], limit: TimeSpan.FromMinutes(2));
            var console = result.Err.Split('\n').Where(line => line.Contains(":CONSOLE", StringComparison.Ordinal)).ToList();
            return new BrowsedPage(result.Succeeded(), console);
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }

    internal static string Program()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"No browser is installed; the tests need one of {string.Join(", ", Names)}.");
    }
}
