using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

public sealed class RestartTests : IDisposable
{
    // On SQLite a lease of an hour: what is taken back here is taken back because its holder is known to be dead. On PostgreSQL the
    // holder may be another process that lives, so only the lease can tell.
    private static readonly Dictionary<string, string> NoEngine = new()
    {
        ["Builds:Enabled"] = "true",
        ["Builds:Endpoint"] = "tcp://127.0.0.1:1",
        ["Builds:Lease"] = TestDatabase.IsPostgres ? "00:00:01" : "01:00:00",
    };

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("claimed-test-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task A_restart_keeps_documents_forms_channels_events_and_builds_to_the_byte()
    {
        string[] paths =
        [
            "/api/v1/components", "/api/v1/components/acme/greet/versions", "/api/v1/components/acme/greet/versions/stable/component.yaml",
            "/api/v1/components/acme/greet/versions/1.0.0/bundle", "/api/v1/components/acme/waits/versions/1.0.0", "/api/v1/events",
        ];
        var before = new List<string>();
        await using (var host = await RegistryHost.StartAsync(dataPath: _data.FullName))
        {
            await host.PublishAsync("acme", "greet", "1.0.0", new Multipart().Source("component.yaml", Samples.ExistingImage()).Field("channel", "stable"));
            await host.PublishAsync("acme", "waits", "1.0.0", ("step.py", Samples.Script()));
            foreach (var path in paths)
                before.Add(Convert.ToHexString((await host.GetAsync(path)).Bytes));
        }
        await using var again = await RegistryHost.StartAsync(dataPath: _data.FullName);
        for (var index = 0; index < paths.Length; index++)
            Assert.True(before[index] == Convert.ToHexString((await again.GetAsync(paths[index])).Bytes), paths[index]);
    }

    [Fact]
    public async Task A_build_that_a_dead_process_left_is_taken_back_into_the_queue()
    {
        string id;
        await using (var host = await RegistryHost.StartAsync(dataPath: _data.FullName))
            id = (await host.PublishAsync("acme", "orphan", "1.0.0", ("step.py", Samples.Script())))["build.id"]!;
        await ExecuteAsync("""UPDATE builds SET "State" = 'building', "Attempt" = 1, "Fence" = 1, "Holder" = 'gone/1'; UPDATE versions SET "State" = 'building'""");

        await using var again = await RegistryHost.StartAsync(NoEngine, _data.FullName);
        var build = await again.UntilAsync($"/api/v1/builds/{id}", answer => answer["state"] == "queued");
        Assert.Equal("1", build["attempt"]);
        // The catalog follows the commit; the build was read from the database.
        await again.UntilAsync("/api/v1/components/acme/orphan/versions/1.0.0", answer => answer["state"] == "queued");
        Assert.Contains((await again.GetAsync("/api/v1/events")).Items, entry => entry.GetProperty("kind").GetString() == "build.requeued");
    }

    [Fact]
    public async Task A_build_whose_attempts_are_used_up_fails_instead()
    {
        string id;
        await using (var host = await RegistryHost.StartAsync(dataPath: _data.FullName))
            id = (await host.PublishAsync("acme", "worn", "1.0.0", ("step.py", Samples.Script())))["build.id"]!;
        await ExecuteAsync("""UPDATE builds SET "State" = 'building', "Attempt" = 5, "Fence" = 5, "Holder" = 'gone/1'; UPDATE versions SET "State" = 'building'""");

        await using var again = await RegistryHost.StartAsync(NoEngine, _data.FullName);
        var build = await again.UntilAsync($"/api/v1/builds/{id}", answer => answer["state"] == "failed");
        Assert.Contains("5 attempts", build["reason"], StringComparison.Ordinal);
        await again.UntilAsync("/api/v1/components/acme/worn/versions/1.0.0", answer => answer["state"] == "failed");
    }

    private async Task ExecuteAsync(string sql) => Assert.True(await TestDatabase.ExecuteAsync(_data.FullName, sql) > 0);
}
