using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Versions;

public sealed class PurgeTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

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

        var purged = await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/clinic/tool/versions/1.1.0/purge", new { reason = "Names a patient." });
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
        Assert.Equal(HttpStatusCode.OK, (await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/clinic/tool/versions/1.1.0/purge", new { reason = "again" })).Status);
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync("/components/clinic/tool")).Status);
    }

    [Fact]
    public async Task What_another_version_holds_too_stays()
    {
        await _host.PublishReadyAsync("clinic", "twin-one", "1.0.0", "both");
        await _host.PublishReadyAsync("clinic", "twin-two", "1.0.0", "both");
        await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/clinic/twin-one/versions/1.0.0/purge", new { reason = "test" });
        Assert.Equal(HttpStatusCode.OK, (await _host.ComponentAsync("clinic/twin-two/versions/1.0.0/bundle")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _host.ComponentAsync("clinic/twin-two/versions/1.0.0/component.yaml")).Status);
    }

    [Fact]
    public async Task A_component_whose_only_version_was_purged_is_listed_no_more_and_can_be_published_again()
    {
        await _host.PublishReadyAsync("clinic", "only", "1.0.0", "only");
        await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/clinic/only/versions/1.0.0/purge", new { reason = "test" });
        Assert.DoesNotContain("clinic/only", (await _host.ComponentAsync("?namespace=clinic")).Text, StringComparison.Ordinal);
        var again = await _host.PublishReadyAsync("clinic", "only", null, "only");
        Assert.Equal("1.1.0", again["version"]);
    }

    [Fact]
    public async Task A_version_that_is_being_built_is_not_purged()
    {
        await _host.PublishAsync("clinic", "waiting", "1.0.0", ("waiting.py", "print(3)"));
        Assert.Equal("version-not-ended", (await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/clinic/waiting/versions/1.0.0/purge", new { reason = "test" }))["type"]);
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
            await using var second = await RegistryHost.StartAsync(dataPath: data);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            while (await OnDiskAsync(data, secret))
                await timer.WaitForNextTickAsync(limit.Token);
        }
        finally
        {
            await TestDatabase.DropAsync(data);
            Directory.Delete(data, recursive: true);
        }
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
