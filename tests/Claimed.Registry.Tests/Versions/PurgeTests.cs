using System.Net;
using Claimed.Registry.Reads;
using Claimed.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Versions;

/// <summary>The registry's clock goes on before each purge: what was stored has been left alone for long enough to be taken away at once.</summary>
public sealed class PurgeTests : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(
        adjust: builder => builder.Services.AddSingleton<TimeProvider>(_clock));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_purged_version_is_gone_from_the_disk_its_URLs_say_why_and_its_number_stays_taken()
    {
        const string secret = "hunter-two-of-the-patient";
        await _host.PublishReadyAsync("clinic", "tool", "1.0.0", "harmless");
        var version = await _host.PublishReadyAsync("clinic", "tool", "1.1.0", secret);
        await _host.SetChannelAsync("clinic/tool", "beta", "1.1.0");
        var form = await _host.ComponentAsync("clinic/tool/versions/1.1.0/component.yaml");
        Assert.Contains(secret, form.Text, StringComparison.Ordinal);
        Assert.True(await OnDiskAsync(_host.DataPath, secret));

        var purged = await PurgeAsync("clinic/tool/versions/1.1.0", "Names a patient.");
        Assert.Equal((HttpStatusCode.OK, "purged"), (purged.Status, purged["state"]));
        Assert.DoesNotContain(secret, purged.Text, StringComparison.Ordinal);
        foreach (var path in new[] { "1.1.0", "1.1.0/component.yaml", "1.1.0/bundle", "1.1.0/elyra.yaml", $"{form.ETag!.Trim('"')}/component.yaml" })
        {
            var gone = await _host.ComponentAsync("clinic/tool/versions/" + path);
            Assert.Equal((HttpStatusCode.Gone, "version-purged"), (gone.Status, gone["type"]));
            Assert.Contains("Names a patient.", gone.Text, StringComparison.Ordinal);
        }
        Assert.False(await OnDiskAsync(_host.DataPath, secret), "The bytes are still in the store.");
        Assert.Equal("1.0.0", (await _host.ComponentAsync("clinic/tool/versions/latest"))["version"]);
        Assert.Equal("1.0.0", (await _host.ComponentAsync("clinic/tool/versions/~1"))["version"]);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.ComponentAsync("clinic/tool/channels/beta")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync($"/api/v1/digests/{version["bundleDigest"]}")).Status);
        Assert.Equal("version-exists", (await _host.PublishAsync("clinic", "tool", "1.1.0", ("component.yaml", Samples.ExistingImage(secret))))["type"]);
        Assert.Contains("version.purged", await _host.EventKindsAsync("clinic/tool"));
        Assert.Equal(HttpStatusCode.OK, (await PurgeAsync("clinic/tool/versions/1.1.0", "again")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync("/components/clinic/tool")).Status);
    }

    [Fact]
    public async Task Counts_of_reads_go_with_the_version_and_those_that_come_late_count_nothing()
    {
        await _host.PublishReadyAsync("clinic", "read", "1.0.0");
        await _host.PublishReadyAsync("clinic", "read", "1.1.0", "other");
        var counts = _host.Services.GetRequiredService<ReadCounts>();
        foreach (var number in new[] { "1.0.0", "1.1.0" })
            await _host.ComponentAsync($"clinic/read/versions/{number}/component.yaml");
        await counts.StoreAsync();
        Assert.Equal(2, await RowsAsync());
        await _host.ComponentAsync("clinic/read/versions/1.1.0/bundle");
        await PurgeAsync("clinic/read/versions/1.1.0", "Names a patient.");
        await counts.StoreAsync();
        Assert.Equal(1, await RowsAsync());
        Assert.Equal(HttpStatusCode.Gone, (await _host.ComponentAsync("clinic/read/versions/1.1.0/reads")).Status);

        async Task<int> RowsAsync() => (await TestDatabase.QueryAsync(_host.DataPath, """SELECT "VersionId" FROM version_reads""")).Count;
    }

    [Fact]
    public async Task What_a_purged_version_said_is_nowhere_to_be_read()
    {
        const string secret = "Doe-born-1970";
        await _host.PublishReadyAsync("clinic", "said", "1.0.0", "harmless words");
        var upload = new Multipart().Source("component.yaml", Samples.ExistingImage(secret)).Field("displayName", $"Shows {secret}").Field("tags", secret.ToLowerInvariant());
        Assert.Equal(HttpStatusCode.Created, (await _host.PublishAsync("clinic", "said", "2.0.0", upload)).Status);
        await _host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/components/clinic/said/versions/2.0.0", new { yanked = true, reason = $"Names {secret}." });
        string[] places = ["/", "/components/clinic/said", "/api/v1/components/clinic/said", $"/api/v1/components?q={secret}", "/api/v1/events?limit=500"];
        Assert.Contains(secret, (await _host.GetAsync("/api/v1/events?limit=500")).Text, StringComparison.OrdinalIgnoreCase);
        await PurgeAsync("clinic/said/versions/2.0.0");
        foreach (var place in places)
            Assert.DoesNotContain(secret, (await _host.GetAsync(place)).Text.Replace($"?q={secret}", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("harmless words", (await _host.GetAsync("/api/v1/components/clinic/said"))["description"], StringComparison.Ordinal);
        var page = await _host.GetAsync("/components/clinic/said?version=2.0.0");
        Assert.Equal(HttpStatusCode.Gone, page.Status);
        Assert.DoesNotContain(secret, page.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_same_files_again_under_another_name_leave_nothing_that_a_purge_misses()
    {
        const string secret = "again-and-again";
        var files = Samples.ExistingImage(secret);
        await _host.PublishAsync("clinic", "again", "1.0.0", ("component.yaml", files));
        Assert.Equal(HttpStatusCode.OK, (await _host.PublishAsync("clinic", "again", "1.0.0", new Multipart().Source("component.yaml", files).Field("displayName", "Other"))).Status);
        await PurgeAsync("clinic/again/versions/1.0.0");
        Assert.False(await OnDiskAsync(_host.DataPath, secret));
    }

    [Fact]
    public async Task What_another_version_holds_too_stays()
    {
        await _host.PublishReadyAsync("clinic", "twin-one", "1.0.0", "both");
        await _host.PublishReadyAsync("clinic", "twin-two", "1.0.0", "both");
        await PurgeAsync("clinic/twin-one/versions/1.0.0");
        Assert.Equal(HttpStatusCode.OK, (await _host.ComponentAsync("clinic/twin-two/versions/1.0.0/bundle")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _host.ComponentAsync("clinic/twin-two/versions/1.0.0/component.yaml")).Status);
    }

    [Fact]
    public async Task A_component_whose_only_version_was_purged_is_listed_no_more_and_can_be_published_again()
    {
        await _host.PublishReadyAsync("clinic", "only", "1.0.0", "only");
        await PurgeAsync("clinic/only/versions/1.0.0");
        Assert.DoesNotContain("clinic/only", (await _host.ComponentAsync("?namespace=clinic")).Text, StringComparison.Ordinal);
        var again = await _host.PublishReadyAsync("clinic", "only", null, "only");
        Assert.Equal("1.1.0", again["version"]);
    }

    [Fact]
    public async Task A_version_that_is_being_built_is_not_purged()
    {
        await _host.PublishAsync("clinic", "waiting", "1.0.0", ("waiting.py", "print(3)"));
        Assert.Equal("version-not-ended", (await PurgeAsync("clinic/waiting/versions/1.0.0"))["type"]);
    }

    [Fact]
    public async Task What_a_purge_that_ended_too_early_left_goes_after_the_next_start()
    {
        const string secret = "left-by-a-purge-that-ended";
        var data = Directory.CreateTempSubdirectory("claimed-purge-").FullName;
        try
        {
            Task<Answer> purge;
            await using (var first = await RegistryHost.StartAsync(dataPath: data))
            {
                await first.PublishReadyAsync("clinic", "cut", "1.0.0", secret);
                purge = first.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/clinic/cut/versions/1.0.0/purge", new { reason = "test" });
                await first.UntilAsync("/api/v1/components/clinic/cut/versions/1.0.0", answer => answer.Status == HttpStatusCode.Gone);
                Assert.False(purge.IsCompleted);
            }
            await Assert.ThrowsAnyAsync<Exception>(() => purge);
            Assert.True(await OnDiskAsync(data, secret));
            await using (await RegistryHost.StartAsync(dataPath: data))
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
                using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
                while (await OnDiskAsync(data, secret))
                    await timer.WaitForNextTickAsync(limit.Token);
            }
            SqliteConnection.ClearAllPools();
            foreach (var file in Directory.EnumerateFiles(data, "registry.db*"))
                Assert.DoesNotContain(secret, System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)), StringComparison.Ordinal);
        }
        finally
        {
            await TestDatabase.DropAsync(data);
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Bytes_that_someone_uses_at_that_moment_are_told_of()
    {
        await _host.PublishReadyAsync("clinic", "busy", "1.0.0", "busy-bytes");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_host.DataPath, "blobs"), "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, DateTime.MaxValue.AddYears(-7000));
        var purge = PurgeAsync("clinic/busy/versions/1.0.0");
        await _host.UntilAsync("/api/v1/components/clinic/busy/versions/1.0.0", answer => answer.Status == HttpStatusCode.Gone);
        _clock.Shift += TimeSpan.FromMinutes(1);
        Assert.Equal((HttpStatusCode.Accepted, "purged"), ((await purge).Status, (await purge)["state"]));
    }

    private Task<Answer> PurgeAsync(string version, string reason = "test")
    {
        _clock.Shift += TimeSpan.FromSeconds(15);
        return _host.Admin.JsonAsync(HttpMethod.Post, $"/api/v1/components/{version}/purge", new { reason });
    }

    private static async Task<bool> OnDiskAsync(string data, string text)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(data, "blobs"), "*", SearchOption.AllDirectories))
        {
            if ((await File.ReadAllTextAsync(file)).Contains(text, StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
