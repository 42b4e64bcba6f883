using System.Globalization;
using Claimed.TestKit;

namespace Claimed.Benchmarks;

/// <summary>Small reads against nginx and against a bare endpoint, in turns.</summary>
internal static class ReadBenchmark
{
    private const string Space = "/api/v1/components/" + CatalogFill.Space;

    public static async Task RunAsync(Report report)
    {
        var files = Workspace.Folder("files");
        await using var registry = await RunningRegistry.StartAsync(Workspace.Folder("data"));
        string[] sizes = ["1", "8", "64"];
        foreach (var size in sizes)
            await PublishAsync(registry, $"size-{size}", "1.2.0", OfSize(int.Parse(size, CultureInfo.InvariantCulture) * 1024));
        for (var number = 0; number < 60; number++)
            await PublishAsync(registry, $"listed-{number:00}", "1.0.0", Samples.ExistingImage($"word{number}"));

        var paths = sizes.ToDictionary(size => $"form-{size}", size => $"{Space}/size-{size}/versions/1.2.0/original.yaml");
        paths["listing"] = "/api/v1/components?limit=50";
        paths["tilde"] = $"{Space}/size-1/versions/~1";
        paths["caret"] = $"{Space}/size-1/versions/%5E1.2";
        using var anonymous = new HttpClient { BaseAddress = registry.Address };
        foreach (var (file, path) in paths)
            await File.WriteAllBytesAsync(Path.Combine(files, file), await anonymous.GetByteArrayAsync(path));
        await using var nginx = await Nginx.StartAsync(files);
        await using var bare = await BareEndpoint.StartAsync(files);

        var turns = new InTurns(report, "reads", anonymous);
        Task CompareAsync(string what, string file, bool conditional, double? ofNginx, double? ofBare) =>
            turns.CompareAsync(what, new Uri(registry.Address, paths[file]), new Uri(nginx.Address, file), new Uri(bare.Address, file), conditional, ofNginx, ofBare);

        foreach (var size in sizes)
            await CompareAsync($"cached form of {size} KB", $"form-{size}", false, 0.7, null);
        await CompareAsync("listing page of 50", "listing", false, 0.7, null);
        await CompareAsync("304 of a form", "form-8", true, 0.55, 0.9);
        await CompareAsync("version by range ~1", "tilde", false, null, null);
        await CompareAsync("version by range ^1.2", "caret", false, null, null);
    }

    public static async Task PublishAsync(RunningRegistry registry, string name, string version, string yaml, string space = CatalogFill.Space)
    {
        using var content = new Multipart().Source("component.yaml", yaml).ToContent();
        using var answer = await registry.Client.PutAsync($"/api/v1/components/{space}/{name}/versions/{version}", content);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{name} {version}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>A component.yaml of this many bytes.</summary>
    private static string OfSize(int bytes)
    {
        var yaml = Samples.ExistingImage("size");
        return yaml + string.Concat(Enumerable.Repeat("# the rest of this file is text that nobody reads\n", bytes / 49 + 1))[..(bytes - yaml.Length)];
    }
}
