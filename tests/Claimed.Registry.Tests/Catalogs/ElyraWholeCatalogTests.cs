using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Claimed.Registry.Http.Pieces;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>The catalog that our own Elyra connector reads in one request.</summary>
[Trait("Database", "any")]
public sealed class ElyraWholeCatalogTests : IAsyncLifetime
{
    private const string Path = "/catalogs/elyra/catalog.json";

    private readonly ShiftedClock _clock = new();
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(adjust: builder => builder.Services.AddSingleton<TimeProvider>(_clock));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task<JsonElement> ReadAsync(string path = Path, HttpClient? client = null)
    {
        var answer = await (client ?? _host.Anonymous).SendAsync(HttpMethod.Get, path);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal("application/json; charset=utf-8", answer.ContentType);
        return answer.Json;
    }

    private static string[] Names(JsonElement catalog) => [.. catalog.GetProperty("entries").EnumerateArray()
        .Select(entry => $"{entry.GetProperty("namespace").GetString()}/{entry.GetProperty("name").GetString()} {entry.GetProperty("version").GetString()}")];

    private async Task<string[]> NamesAsync(string path = Path, HttpClient? client = null) => Names(await ReadAsync(path, client));

    [Fact]
    public async Task Every_major_is_there_with_its_definition_and_what_the_palette_needs()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "größer");
        await _host.PublishReadyAsync("acme", "greet", "2.0.0", "three");
        await _host.PublishReadyAsync("acme", "greet", "3.0.0-rc.1", "four");
        await _host.PublishReadyAsync("other", "greet", "0.3.0", "five");
        await _host.PatchAsync("acme/greet", """{"category": "Transformations of tables", "group": "text", "tags": ["csv"]}""");
        var catalog = await ReadAsync();
        Assert.Equal(["acme/greet 2.0.0", "acme/greet 1.1.0", "other/greet 0.3.0"], Names(catalog));
        var entry = catalog.GetProperty("entries")[1];
        Assert.Equal((1, "Greet", "Transformations of", "text", false),
            (entry.GetProperty("major").GetInt32(), entry.GetProperty("title").GetString(), entry.GetProperty("category").GetString(), entry.GetProperty("group").GetString(), entry.GetProperty("newest").GetBoolean()));
        var served = await _host.ComponentAsync("acme/greet/versions/~1/elyra.yaml");
        Assert.Equal(served.Text, entry.GetProperty("definition").GetString());
        Assert.Equal((served.ETag!.Trim('"'), true), (entry.GetProperty("digest").GetString(), entry.GetProperty("url").GetString()!.EndsWith("/api/v1/components/acme/greet/versions/~1/elyra.yaml", StringComparison.Ordinal)));
        Assert.Equal(Digest.Of(served.Bytes), entry.GetProperty("digest").GetString());
        var airflow = (await ReadAsync("/catalogs/elyra/acme/catalog.json?runtime=airflow")).GetProperty("entries");
        Assert.Equal(2, airflow.GetArrayLength());
        // The class is the one that the namespace's wheel has, which a DAG imports.
        Assert.Contains("class GreetV2Operator", airflow[0].GetProperty("definition").GetString(), StringComparison.Ordinal);
        Assert.Equal(["claimed_acme.operators.kubernetes.greet_v2", "claimed_acme.operators.kubernetes.greet_v1"], airflow.EnumerateArray().Select(one => one.GetProperty("module").GetString()));
    }

    [Fact]
    public async Task It_is_an_instance_of_the_url_catalog_connector_too()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        var (whole, instance) = (await ReadAsync("/catalogs/elyra/acme/catalog.json?runtime=kfp"), await ReadAsync("/catalogs/elyra/acme/url-catalog.json?runtime=kfp"));
        foreach (var property in instance.EnumerateObject())
            Assert.Equal(property.Value.GetRawText(), whole.GetProperty(property.Name).GetRawText());
    }

    [Fact]
    public async Task Filters_take_category_tag_and_channel()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        await _host.PublishReadyAsync("acme", "part", "1.0.0", "three");
        await _host.PatchAsync("acme/greet", """{"category": "Talk", "tags": ["csv"]}""");
        await _host.SetChannelAsync("acme/greet", "stable", "1.0.0");
        Assert.Equal(["acme/greet 1.1.0"], await NamesAsync(Path + "?category=talk"));
        Assert.Equal(["acme/greet 1.1.0"], await NamesAsync(Path + "?tag=CSV"));
        Assert.Equal(["acme/greet 1.0.0"], await NamesAsync("/catalogs/elyra/acme/catalog.json?channel=stable"));
        Assert.Empty(await NamesAsync(Path + "?category=none"));
        Assert.Equal(["acme/greet 1.1.0", "acme/part 1.0.0"], await NamesAsync());
    }

    [Fact]
    public async Task A_yanked_version_leaves_it_and_a_deprecated_one_says_so()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        await _host.PublishReadyAsync("acme", "part", "1.0.0", "three");
        await _host.PatchAsync("acme/greet/versions/1.1.0", """{"yanked": true, "reason": "Wrong."}""");
        await _host.PatchAsync("acme/greet/versions/1.0.0", """{"deprecated": true, "successor": "acme/part"}""");
        var entry = (await ReadAsync()).GetProperty("entries")[0];
        Assert.Equal(("1.0.0", true, "acme/part"), (entry.GetProperty("version").GetString(), entry.GetProperty("deprecated").GetBoolean(), entry.GetProperty("successor").GetString()));
        Assert.Contains("Deprecated: use acme/part. Says one.", entry.GetProperty("definition").GetString(), StringComparison.Ordinal);
        await _host.PatchAsync("acme/greet/versions/1.0.0", """{"yanked": true, "reason": "Wrong."}""");
        Assert.Equal(["acme/part 1.0.0"], await NamesAsync());
    }

    [Fact]
    public async Task Since_a_serial_it_has_only_what_changed()
    {
        for (var number = 0; number < 5; number++)
            await _host.PublishReadyAsync("acme", $"c{number}", "1.0.0", $"word{number}");
        var serial = (await ReadAsync()).GetProperty("serial").GetInt64();
        var nothing = await ReadAsync($"{Path}?since={serial}");
        Assert.Equal((0, 0, serial), (nothing.GetProperty("entries").GetArrayLength(), nothing.GetProperty("replaced").GetArrayLength(), nothing.GetProperty("serial").GetInt64()));
        await _host.PublishReadyAsync("acme", "c3", "1.1.0", "changed");
        await _host.PatchAsync("acme/c1/versions/1.0.0", """{"yanked": true, "reason": "Wrong."}""");
        var change = await ReadAsync($"{Path}?since={serial}");
        Assert.Equal(["acme/c3 1.1.0"], Names(change));
        Assert.Equal(["acme/c1", "acme/c3"], change.GetProperty("replaced").EnumerateArray().Select(name => name.GetString()));
        Assert.True(change.GetProperty("serial").GetInt64() > serial);
        // A namespace that opens or closes brings what no list of changes could name.
        await _host.CreateNamespaceAsync("more");
        var all = await ReadAsync($"{Path}?since={change.GetProperty("serial").GetInt64()}");
        Assert.Equal((4, false), (all.GetProperty("entries").GetArrayLength(), all.TryGetProperty("replaced", out _)));
        Assert.Equal(HttpStatusCode.BadRequest, (await _host.GetAsync(Path + "?since=-1")).Status);
    }

    [Fact]
    public async Task Private_components_are_there_for_those_who_see_them_alone()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        await _host.CreateNamespaceAsync("hidden", isPrivate: true, ("rita", "reader"));
        await _host.PublishReadyAsync("hidden", "one", "1.0.0", "one");
        await _host.PublishReadyAsync("hidden", "two", "1.0.0", "two");
        using var rita = _host.With(await _host.TokenAsync("rita", "pull"));
        using var narrow = _host.With(await _host.TokenAsync("rita", "pull", "hidden/two"));
        foreach (var _ in (int[])[1, 2])
        {
            Assert.Equal(["acme/greet 1.0.0"], await NamesAsync());
            Assert.Equal(["acme/greet 1.0.0", "hidden/one 1.0.0", "hidden/two 1.0.0"], await NamesAsync(client: rita));
            Assert.Equal(["acme/greet 1.0.0", "hidden/two 1.0.0"], await NamesAsync(client: narrow));
        }
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync("/catalogs/elyra/hidden/catalog.json")).Status);
        Assert.True((await rita.SendAsync(HttpMethod.Get, Path)).Message.Headers.CacheControl is { Private: true, NoCache: true });
    }

    [Fact]
    public async Task Each_encoding_has_the_same_text_a_strong_tag_of_its_own_and_304()
    {
        for (var number = 0; number < 150; number++)
            await _host.PublishReadyAsync("acme", $"c{number}", "1.0.0", $"word{number}");
        var plain = await _host.GetAsync(Path);
        // A kept answer passes no handler.
        Assert.True(_host.Services.GetRequiredService<Registry.Http.ReadCache>().TryFind(Path, out _));
        Assert.Equal(150, plain.Json.GetProperty("entries").GetArrayLength());
        Assert.Empty(plain.Message.Content.Headers.ContentEncoding);
        var gzip = await _host.GetAsync(Path, ("Accept-Encoding", "gzip, br"));
        Assert.Equal("gzip", Assert.Single(gzip.Message.Content.Headers.ContentEncoding));
        using (var unpacked = new StreamReader(new GZipStream(new MemoryStream(gzip.Bytes), CompressionMode.Decompress)))
            Assert.Equal(plain.Text, await unpacked.ReadToEndAsync(TestContext.Current.CancellationToken));
        // What is kept of each entry, for each runtime, beside the snapshot.
        Assert.InRange(gzip.Bytes.Length / 150, 1, 1024);

        // Once it was the same for long enough it comes in brotli, made beside the requests.
        _clock.Shift += QuietBodies.Quiet;
        var brotli = gzip;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (brotli.Message.Content.Headers.ContentEncoding.Single() != "br" && await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken))
            brotli = await _host.GetAsync(Path, ("Accept-Encoding", "gzip, br"));
        using (var unpacked = new StreamReader(new BrotliStream(new MemoryStream(brotli.Bytes), CompressionMode.Decompress)))
            Assert.Equal(plain.Text, await unpacked.ReadToEndAsync(TestContext.Current.CancellationToken));

        string[] tags = [plain.ETag!, gzip.ETag!, brotli.ETag!];
        Assert.Equal(3, tags.Distinct().Count());
        Assert.All(tags, tag => Assert.StartsWith("\"sha256:", tag, StringComparison.Ordinal));
        foreach (var tag in tags)
        {
            var known = await _host.GetAsync(Path, ("Accept-Encoding", "gzip, br"), ("If-None-Match", tag));
            Assert.Equal((HttpStatusCode.NotModified, tag), (known.Status, known.ETag));
        }
        // Who does not take gzip has another body than the one with that tag.
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync(Path, ("If-None-Match", gzip.ETag!))).Status);
        Assert.Equal("Accept-Encoding", gzip.Message.Headers.Vary.Single());
        Assert.Empty((await _host.GetAsync(Path, ("Accept-Encoding", "gzip;q=0"))).Message.Content.Headers.ContentEncoding);
        var head = await _host.Anonymous.SendAsync(HttpMethod.Head, Path, null, ("Accept-Encoding", "gzip"));
        Assert.Equal((gzip.ETag, gzip.Bytes.Length, 0), (head.ETag, (int)head.Message.Content.Headers.ContentLength!, head.Bytes.Length));
        await _host.PublishReadyAsync("acme", "c7", "1.1.0", "changed");
        Assert.NotEqual(gzip.ETag, (await _host.GetAsync(Path, ("Accept-Encoding", "gzip, br"), ("If-None-Match", gzip.ETag!))).ETag);
    }

    [Fact]
    public async Task The_same_catalog_has_the_same_tag_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("claimed-test-").FullName;
        string tag;
        await using (var first = await RegistryHost.StartAsync(dataPath: folder))
        {
            for (var number = 0; number < 100; number++)
                await first.SeedAsync(new() { Name = $"c{number}" });
            await first.PublishReadyAsync("acme", "greet", "1.0.0");
            tag = (await first.GetAsync("/catalogs/elyra/acme/catalog.json")).ETag!;
        }
        await using (var second = await RegistryHost.StartAsync(dataPath: folder))
        {
            Assert.Equal(HttpStatusCode.NotModified, (await second.GetAsync("/catalogs/elyra/acme/catalog.json", ("If-None-Match", tag))).Status);
        }
        await TestDatabase.DropAsync(folder);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_lost_definition_leaves_out_its_component_alone()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        // Rows without bytes.
        await _host.SeedAsync(new() { Name = "lost" });
        Assert.Equal(["acme/greet 1.0.0"], await NamesAsync());
    }

    [Fact]
    public async Task A_definition_that_comes_back_is_there_again_soon()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        var definition = await _host.ComponentAsync("acme/greet/versions/1.0.0/elyra.yaml");
        var blobs = _host.Services.GetRequiredService<IBlobStore>();
        Assert.True(await blobs.DeleteIdleAsync(Digest.Of(definition.Bytes), _clock.GetUtcNow().AddDays(1), TestContext.Current.CancellationToken));
        Assert.Empty(await NamesAsync());
        await blobs.PutAsync(Digest.Of(definition.Bytes), definition.Bytes, TestContext.Current.CancellationToken);
        // Nothing has changed in the registry.
        _clock.Shift += TimeSpan.FromSeconds(5);
        Assert.Equal(["acme/greet 1.0.0"], await NamesAsync());
    }

    [Fact]
    public async Task An_event_that_the_catalog_does_not_show_yet_is_told_next_time()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        var (feed, serials) = (_host.Services.GetRequiredService<SnapshotFeed>(), _host.Services.GetRequiredService<ComponentSerials>());
        var (follows, gate, before) = (feed.Follows, new TaskCompletionSource(), serials.Of("acme/greet"));
        feed.Follows = async (db, events, cancellation) =>
        {
            await gate.Task.WaitAsync(cancellation);
            await follows!(db, events, cancellation);
        };
        var publish = _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (serials.Of("acme/greet") == before)
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        var early = await ReadAsync();
        Assert.Equal(["acme/greet 1.0.0"], Names(early));
        gate.SetResult();
        await publish;
        Assert.Equal(["acme/greet 1.1.0"], await NamesAsync($"{Path}?since={early.GetProperty("serial").GetInt64()}"));
    }

    [Fact]
    public async Task Many_channels_are_each_what_they_mean_now()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        // More than are kept.
        string[] channels = [.. Enumerable.Range(0, 10).Select(number => $"channel-{number}")];
        foreach (var channel in channels)
            await _host.SetChannelAsync("acme/greet", channel, "1.0.0");
        foreach (var channel in channels)
            Assert.Equal(["acme/greet 1.0.0"], await NamesAsync($"{Path}?channel={channel}"));
        foreach (var channel in channels)
        {
            await _host.SetChannelAsync("acme/greet", channel, "1.1.0");
            Assert.Equal(["acme/greet 1.1.0"], await NamesAsync($"{Path}?channel={channel}&pinned=true"));
            Assert.Equal(["acme/greet 1.1.0"], await NamesAsync($"/catalogs/elyra/acme/catalog.json?channel={channel}&other={channel}"));
        }
        Assert.Empty(await NamesAsync($"{Path}?channel=nobodys"));
    }

    [Fact]
    public async Task A_publisher_reads_nothing_older_than_its_own_version()
    {
        for (var minor = 0; minor < 10; minor++)
        {
            await _host.PublishReadyAsync("acme", "greet", $"1.{minor}.0", $"word{minor}");
            foreach (var _ in (int[])[1, 2])
                Assert.Equal([$"acme/greet 1.{minor}.0"], await NamesAsync());
        }
    }
}
