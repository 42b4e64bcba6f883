using Claimed.Registry.Tests.Words;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Mirrors;

/// <summary>The word as a process of its own: followed while it runs, killed, and ended.</summary>
[Trait("Database", "any")]
public sealed class MirrorProcessTests : IAsyncLifetime
{
    private const int Versions = 8;
    private readonly MirrorPair _pair = new();
    private TcpProxy _line = null!;

    public async ValueTask InitializeAsync()
    {
        await _pair.InitializeAsync();
        _line = TcpProxy.To(_pair.Origin.Address.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _line.DisposeAsync();
        await _pair.DisposeAsync();
    }

    [Fact]
    public async Task Killed_in_the_middle_it_goes_on_nothing_twice_and_nothing_lost()
    {
        for (var version = 0; version < Versions; version++)
            await _pair.PublishWithImageAsync("greet", $"1.{version}.0", $"word-{version}", ("channel", "stable"));
        // Slow enough that every kill comes in the middle.
        _line.Delay = TimeSpan.FromMilliseconds(4);
        await using var word = await WordAsync("--once");
        for (var kill = 1; kill <= 3; kill++)
        {
            word.Launch();
            await word.UntilSaysAsync($"acme/greet 1.{kill}.0: copied");
            word.Kill();
            Assert.Equal(137, word.ExitCode);
        }
        _line.Delay = TimeSpan.Zero;
        var last = await word.RunWordAsync("mirror", $"--from=http://127.0.0.1:{_line.Port}", "--once");
        Assert.Contains(" 0 not copied.", last.Succeeded(), StringComparison.Ordinal);
        await _pair.Copy.UntilAsync("/api/v1/components/acme/greet", answer => answer["channels"] == $$"""{"latest":"1.{{Versions - 1}}.0","stable":"1.{{Versions - 1}}.0"}""");
        for (var version = 0; version < Versions; version++)
            await _pair.AssertSameByDigestAsync("acme/greet", $"1.{version}.0");
        var kinds = await _pair.Copy.EventKindsAsync("acme/greet");
        Assert.Equal((Versions, Versions), (kinds.Count(kind => kind == "version.published"), kinds.Count(kind => kind == "version.ready")));
        Assert.Contains("0 damaged, 0 missing", (await WordRun.RunAsync(_pair.Copy.DataPath, "scrub")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_goes_on_following_over_an_outage_and_ends_cleanly_when_it_is_told_to()
    {
        await _pair.PublishWithImageAsync("greet", "1.0.0", "one");
        await using var word = await WordAsync();
        word.Launch();
        await _pair.Copy.UntilAsync("/api/v1/components/acme/greet/versions/1.0.0", answer => answer["state"] == "ready");
        var second = await word.RunWordAsync("mirror", $"--from=http://127.0.0.1:{_line.Port}", "--once");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("Another process follows", second.Err, StringComparison.Ordinal);
        _line.Cut();
        await _pair.PublishWithImageAsync("greet", "1.1.0", "two");
        await _pair.Copy.UntilAsync("/api/v1/components/acme/greet/versions/1.1.0", answer => answer["state"] == "ready");
        await word.StopAsync();
        Assert.Equal(0, word.ExitCode);
        Assert.Contains("Stopped; the next run goes on from here.", word.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_options_are_named_and_an_origin_that_is_away_fails_the_run()
    {
        await using var word = await WordAsync("--once");
        foreach (var (from, told) in new[] { ("ftp://x", "give scheme, host and port alone"), ("http://registry.example.org", "Mirror__AllowHttp=true"), ($"https://{MirrorPair.CopyHost}", "this registry itself") })
        {
            var wrong = await word.RunWordAsync("mirror", "--from", from, "--once");
            Assert.Equal(2, wrong.ExitCode);
            Assert.Contains(told, wrong.Err, StringComparison.Ordinal);
        }
        var nobody = await word.RunWordAsync("mirror", "--from", $"http://127.0.0.1:{FreePorts.Next()}", "--once");
        Assert.Equal(1, nobody.ExitCode);
        Assert.Contains("cannot be read", nobody.Err, StringComparison.Ordinal);
    }

    /// <summary>The word on the data folder of the copy, which serves beside it.</summary>
    private async Task<RegistryProcess> WordAsync(params string[] options) => new(
        new Dictionary<string, string>(await TestDatabase.SettingsAsync(_pair.Copy.DataPath)) { ["Registry:PublicUrl"] = $"https://{MirrorPair.CopyHost}", ["urls"] = "" },
        _pair.Copy.DataPath, words: ["mirror", $"--from=http://127.0.0.1:{_line.Port}", .. options]);
}
