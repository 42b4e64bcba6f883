using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Claimed.Registry.Storage;
using Claimed.Registry.Words;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Wheels;

/// <summary>When wheels are made, which of them stay, and what is read to serve them.</summary>
public sealed class NamespaceWheelTests : IAsyncLifetime
{
    private const string Json = "application/vnd.pypi.simple.v1+json";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ShiftedClock _clock = new();
    private readonly CommandPause _pause = new();
    private RegistryHost _host = null!;

    private WatchedBlobs Blobs => (WatchedBlobs)_host.Services.GetRequiredService<IBlobStore>();

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(adjust: builder =>
    {
        builder.Services.AddSingleton<TimeProvider>(_clock);
        _pause.Adjust(builder);
        PassingBlobs.Adjust(builder, store => new WatchedBlobs(store));
    });

    public async ValueTask DisposeAsync()
    {
        _pause.Release();
        await _host.DisposeAsync();
    }

    private async Task<List<string>> ListAsync(string space = "acme")
    {
        var answer = await _host.GetAsync($"/catalogs/airflow/simple/claimed-{space}/", ("Accept", Json));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return [.. answer.Json.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("url").GetString()!)];
    }

    private async Task<string> LatestAsync() =>
        new Uri((await _host.GetAsync("/catalogs/airflow/acme/claimed_acme-latest-py3-none-any.whl")).Message.Content.Headers.ContentLocation!.ToString()).AbsolutePath;

    private Task CollectAsync() => _host.Services.GetRequiredService<GarbageCollection>().RunAsync(TimeSpan.FromSeconds(-1), countOnly: false, CancellationToken.None);

    [Fact]
    public async Task A_purge_takes_what_is_in_a_wheel_that_is_being_made_at_this_moment()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "secret-word");
        var held = Blobs.HoldNextPut();
        var listing = ListAsync();
        await held.Reached.WaitAsync(Limit, TestContext.Current.CancellationToken);
        _clock.Shift += TimeSpan.FromMinutes(1);
        var purged = await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/acme/greet/versions/1.1.0/purge", new { reason = "A secret." });
        Assert.True(purged.Message.IsSuccessStatusCode, purged.Text);
        held.Release();
        var url = Assert.Single(await listing);
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync(url)).Status);
        Assert.Equal(1L, Assert.Single(await TestDatabase.QueryAsync(_host.DataPath, "SELECT count(*) FROM wheels")));
        await foreach (var blob in Blobs.ListAsync(CancellationToken.None))
            Assert.DoesNotContain("secret-word", Encoding.UTF8.GetString(await Blobs.ReadAllAsync(blob.Digest, CancellationToken.None)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_does_not_wait_for_the_wheel_of_another()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("other", "greet", "1.0.0", "two");
        var held = Blobs.HoldNextPut();
        var slow = ListAsync();
        await held.Reached.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Single(await ListAsync("other").WaitAsync(Limit, TestContext.Current.CancellationToken));
        held.Release();
        Assert.Single(await slow);
    }

    [Fact]
    public async Task What_a_list_or_a_download_named_stays_and_what_only_latest_gave_goes()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        var unseen = await LatestAsync();
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        var taken = await LatestAsync();
        Assert.Equal(HttpStatusCode.PartialContent, (await _host.GetAsync(taken, ("Range", "bytes=0-99"))).Status);
        await _host.PublishReadyAsync("acme", "greet", "1.2.0", "three");
        var listed = (await ListAsync())[0];
        await _host.PublishReadyAsync("acme", "greet", "1.3.0", "four");
        var newest = await LatestAsync();
        await CollectAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync(unseen)).Status);
        foreach (var url in (string[])[taken, listed, newest])
            Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync(url)).Status);
        Assert.Equal([newest, listed, taken], await ListAsync());
    }

    [Fact]
    public async Task The_archive_for_Elyra_is_kept_of_the_newest_wheel_alone()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await ListAsync();
        var before = (string)Assert.Single(await TestDatabase.QueryAsync(_host.DataPath, "SELECT \"PackageDigest\" FROM wheels"));
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        Assert.Equal(2, (await ListAsync()).Count);
        await CollectAsync();
        Assert.Null(await Blobs.FindAsync(before, CancellationToken.None));
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync("/catalogs/airflow/acme/elyra-package.zip")).Status);
        // The wheel that a purge leaves has no archive any more; without a component there is no newer one.
        _clock.Shift += TimeSpan.FromMinutes(1);
        foreach (var number in (string[])["1.1.0", "1.0.0"])
            Assert.True((await _host.Admin.JsonAsync(HttpMethod.Post, $"/api/v1/components/acme/greet/versions/{number}/purge", new { reason = "A secret." })).Message.IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync("/catalogs/airflow/acme/elyra-package.zip")).Status);
    }

    [Fact]
    public async Task Of_a_wheel_that_is_only_asked_about_nothing_is_read_and_of_a_range_that_alone()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        var url = Assert.Single(await ListAsync());
        var whole = await _host.GetAsync(url);
        foreach (var path in (string[])[url, "/catalogs/airflow/acme/elyra-package.zip"])
        {
            var got = await _host.GetAsync(path);
            Blobs.Opened.Clear();
            Assert.Equal(got.Bytes.Length, (await _host.Anonymous.SendAsync(HttpMethod.Head, path)).Message.Content.Headers.ContentLength);
            Assert.Equal(HttpStatusCode.NotModified, (await _host.GetAsync(path, ("If-None-Match", got.ETag!))).Status);
            Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await _host.GetAsync(path, ("Range", "bytes=99999999-"))).Status);
            Assert.Empty(Blobs.Opened);
            Assert.Equal(got.Bytes[10..20], (await _host.GetAsync(path, ("Range", "bytes=10-19"))).Bytes);
            Assert.Equal((got.ETag!.Trim('"'), 10L, (long?)10), Assert.Single(Blobs.Opened));
            Assert.Equal(got.Bytes, (await _host.GetAsync(path, ("Range", "bytes=10-19"), ("If-Range", "\"another\""))).Bytes);
        }
        await Blobs.DeleteIdleAsync(whole.ETag!.Trim('"'), _clock.GetUtcNow().AddHours(1), CancellationToken.None);
        var lost = await _host.GetAsync(url);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "blob-missing"), (lost.Status, lost["type"]));
    }

    [Fact]
    public async Task The_list_from_before_is_given_while_the_database_does_not_answer()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        var before = await ListAsync();
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        _pause.Arm("wheels", "ORDER BY");
        Assert.Equal(before, await ListAsync().WaitAsync(Limit, TestContext.Current.CancellationToken));
        // Nobody waits behind it, though the database would answer by now.
        Assert.Equal(before, await ListAsync());
        _clock.Shift += TimeSpan.FromSeconds(11);
        Assert.Equal(2, (await ListAsync()).Count);
    }

    /// <summary>Knows what was opened, and holds a blob on its way in.</summary>
    private sealed class WatchedBlobs(IBlobStore store) : PassingBlobs(store)
    {
        private Held? _held;

        public ConcurrentQueue<(string Digest, long First, long? Count)> Opened { get; } = [];

        public Held HoldNextPut() => _held = new Held();

        public override async Task<BlobPut> PutAsync(string digest, ReadOnlyMemory<byte> content, CancellationToken cancellation)
        {
            if (Interlocked.Exchange(ref _held, null) is { } held)
                await held.WaitAsync();
            return await base.PutAsync(digest, content, cancellation);
        }

        public override ValueTask<Stream?> OpenAsync(string digest, long first, long? count, CancellationToken cancellation)
        {
            Opened.Enqueue((digest, first, count));
            return base.OpenAsync(digest, first, count, cancellation);
        }
    }

    private sealed class Held
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public void Release() => _released.SetResult();

        public Task WaitAsync()
        {
            _reached.SetResult();
            return _released.Task;
        }
    }
}
