using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Words;

/// <summary>Each word as a process of its own beside the program that serves: nothing is refused, nothing is missed.</summary>
public sealed class BesideServeTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("claimed-words-").FullName;
    private RegistryProcess _serve = null!;

    public async ValueTask InitializeAsync()
    {
        (await WordRun.RunAsync(_data, "keys")).Succeeded();
        _serve = await RegistryProcess.StartAsync(new Dictionary<string, string>(await TestDatabase.SettingsAsync(_data)), _data, words: "serve");
    }

    public async ValueTask DisposeAsync()
    {
        await _serve.DisposeAsync();
        await TestDatabase.DropAsync(_data);
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Every_word_runs_beside_a_registry_that_goes_on_reading_and_publishing()
    {
        Assert.Equal(HttpStatusCode.Created, await PublishAsync("greet", "1.0.0", "word"));
        using var working = new CancellationTokenSource();
        var publishing = PublishUntilAsync(working.Token);
        Assert.Contains("up to date", (await _serve.RunWordAsync("migrate")).Succeeded(), StringComparison.Ordinal);
        var seeded = (await _serve.RunWordAsync("seed", RepositoryFolder.Of("components"))).Succeeded();
        Assert.Matches(@"\n\d+ components: [1-9]\d* published, 0 known already, 0 refused\.\z", seeded);
        Assert.Contains("filter-csv 0.1.0", seeded, StringComparison.Ordinal);
        // Another process wrote it; this one follows the events.
        await UntilAsync("/api/v1/components/claimed/filter-csv/versions/0.1.0");
        Assert.Contains("known already", (await _serve.RunWordAsync("seed", RepositoryFolder.Of("components"))).Succeeded(), StringComparison.Ordinal);
        await TestDatabase.ExecuteAsync(_data, """DELETE FROM renditions WHERE "Form" = 'operator.py'""");
        var words = await Task.WhenAll(
            _serve.RunWordAsync("gc"), _serve.RunWordAsync("scrub"), _serve.RunWordAsync("rerender"), _serve.RunWordAsync("rerender"));
        foreach (var word in words)
            word.Succeeded();
        await UntilAsync("/api/v1/components/acme/greet/versions/1.0.0/operator.py");
        await working.CancelAsync();
        Assert.InRange(await publishing, 3, int.MaxValue);
        Assert.True(_serve.IsRunning);
        Assert.DoesNotContain("locked", _serve.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", _serve.Output, StringComparison.Ordinal);
        Assert.Contains("0 damaged, 0 missing", (await _serve.RunWordAsync("scrub")).Succeeded(), StringComparison.Ordinal);
    }

    private async Task<int> PublishUntilAsync(CancellationToken enough)
    {
        var count = 0;
        for (; !enough.IsCancellationRequested; count++)
        {
            Assert.Equal(HttpStatusCode.Created, await PublishAsync("busy", $"1.{count}.0", $"word {count}"));
            Assert.Equal(HttpStatusCode.OK, (await _serve.Anonymous.GetAsync("/api/v1/components/acme/greet/versions/1.0.0/component.yaml", CancellationToken.None)).StatusCode);
        }
        return count;
    }

    private async Task<HttpStatusCode> PublishAsync(string name, string version, string word) => (await _serve.Admin.SendAsync(HttpMethod.Put,
        $"/api/v1/components/acme/{name}/versions/{version}", new Multipart().Source("component.yaml", Samples.ExistingImage(word)).ToContent())).Status;

    private async Task UntilAsync(string path)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await _serve.Anonymous.GetAsync(path, limit.Token)).StatusCode != HttpStatusCode.OK)
            await timer.WaitForNextTickAsync(limit.Token);
    }
}
