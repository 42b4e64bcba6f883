using System.Data.Common;
using System.Net;
using Claimed.Database;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Storage;

/// <summary>Pushes that wait at the same time share one commit, and nothing else: each has its own fate.</summary>
[Trait("Database", "own")]
public sealed class SharedCommitTests : IAsyncLifetime
{
    private readonly CommitCount _commits = new();
    private readonly string _repository = ImageHost.NewRepository();
    private ImageHost _host = null!;
    private RegistryDatabase _database = null!;
    private ImageChanges _changes = null!;

    public async ValueTask InitializeAsync()
    {
        _host = new ImageHost { Adjust = builder => builder.Services.ConfigureDbContext<RegistryContext>((_, options) => options.AddInterceptors(_commits)) };
        await _host.InitializeAsync();
        _database = _host.Registry.Services.GetRequiredService<RegistryDatabase>();
        _changes = _host.Registry.Services.GetRequiredService<ImageChanges>();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Those_that_wait_go_in_one_commit_and_one_that_fails_undoes_itself_alone()
    {
        var manifests = new List<byte[]>();
        for (var number = 0; number < 6; number++)
            manifests.Add(await StoredManifestAsync($"layer {number}"));
        var needsMore = ImageHost.ImageOf("nobody has this"u8.ToArray());
        await _host.Registry.Services.GetRequiredService<IBlobStore>().PutAsync(Digest.Of(needsMore), needsMore, CancellationToken.None);
        List<Task> pushes = [];
        await TogetherAsync(() =>
        {
            foreach (var (number, manifest) in manifests.Index())
            {
                pushes.Add(PutAsync(manifest, $"v{number}"));
                if (number == 2)
                    pushes.Add(PutAsync(needsMore, "bad"));
            }
        }, () => pushes);
        Assert.IsType<OciRefusedException>(Assert.Single(pushes, push => !push.IsCompletedSuccessfully).Exception!.InnerException);
        Assert.Equal(1, _commits.Count);
        foreach (var (number, manifest) in manifests.Index())
            Assert.Equal(manifest, await _host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/manifests/v{number}"));
        await ImageHost.AssertErrorAsync(await _host.Anonymous.GetAsync($"/v2/{_repository}/manifests/bad"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        await ImageHost.AssertErrorAsync(await _host.Anonymous.GetAsync($"/v2/{_repository}/manifests/{Digest.Of(needsMore)}"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task Serials_have_no_gap_and_say_the_order_of_the_works_and_a_failed_one_leaves_no_row()
    {
        var order = new List<string>();
        List<Task> works = [];
        await TogetherAsync(() =>
        {
            for (var number = 0; number < 8; number++)
            {
                var name = $"acme/told-{7 - number}";
                works.Add(_database.ChangeTogetherAsync(name, async change =>
                {
                    order.Add(name);
                    await change.UseRepositoryAsync(name);
                    change.Tell("image.tagged", name, new { });
                    if (name.EndsWith('3'))
                        throw new OciRefusedException(OciError.Denied(403, "not this one"));
                    change.Tell("image.untagged", name, new { });
                }, CancellationToken.None));
            }
        }, () => works);
        var told = await TestDatabase.QueryAsync(_host.Registry.DataPath, """SELECT "Kind" || ' ' || "Subject" FROM events WHERE "Subject" LIKE 'acme/told-%' ORDER BY "Serial" """);
        var done = order.Where(name => !name.EndsWith('3')).ToList();
        Assert.Equal(7, done.Count);
        Assert.Equal(done.SelectMany(name => new[] { $"image.tagged {name}", $"image.untagged {name}" }), told);
        Assert.Equal(done.Order(), await TestDatabase.QueryAsync(_host.Registry.DataPath, """SELECT "Name" FROM image_repositories WHERE "Name" LIKE 'acme/told-%' ORDER BY "Name" """));
        Assert.Equal("0", Assert.Single(await TestDatabase.QueryAsync(_host.Registry.DataPath, """SELECT CAST((SELECT "Serial" FROM event_head) - (SELECT count(*) FROM events) AS text)""")));
    }

    [Fact]
    public async Task Each_acts_in_the_name_of_its_own_caller_and_is_asked_whether_it_still_may()
    {
        List<Task> works = [];
        await TogetherAsync(() =>
        {
            foreach (var name in new[] { "ada", "bob", "eve" })
            {
                Actor.Current = new Actor(name, $"{name}'s address", null) { Refuses = () => name == "eve" ? AccessRefusals.Unknown : null };
                works.Add(_database.ChangeTogetherAsync(name, change =>
                {
                    change.Tell("image.tagged", $"acme/{Actor.Current.Name}", new { });
                    return Task.CompletedTask;
                }, CancellationToken.None));
            }
        }, () => works);
        Assert.IsType<RefusedException>(Assert.Single(works, work => work.IsFaulted).Exception!.InnerException);
        Assert.Equal(["acme/ada by ada at ada's address", "acme/bob by bob at bob's address"], await TestDatabase.QueryAsync(_host.Registry.DataPath,
            """SELECT "Subject" || ' by ' || "Who" || ' at ' || "Address" FROM audit WHERE "Action" = 'image.tagged' ORDER BY "Id" """));
    }

    [Fact]
    public async Task A_caller_that_has_gone_and_a_blob_that_is_lost_stop_nobody_else()
    {
        var (kept, lost) = (await StoredManifestAsync("kept"), await StoredManifestAsync("lost"));
        File.Delete(Directory.EnumerateFiles(_host.Registry.DataPath, Digest.Of(lost)["sha256:".Length..], SearchOption.AllDirectories).Single());
        List<Task> pushes = [];
        await TogetherAsync(() => pushes =
        [
            PutAsync(kept, "gone", new CancellationToken(canceled: true)), PutAsync(lost, "lost"), PutAsync(kept, "kept"),
        ], () => pushes);
        Assert.Equal([TaskStatus.Canceled, TaskStatus.Faulted, TaskStatus.RanToCompletion], pushes.Select(push => push.Status));
        Assert.IsType<BlobLostException>(pushes[1].Exception!.InnerException);
        Assert.Equal("kept", Assert.Single(await TestDatabase.QueryAsync(_host.Registry.DataPath,
            $"""SELECT t."Name" FROM image_tags t JOIN image_repositories r ON r."Id" = t."RepositoryId" WHERE r."Name" = '{_repository}'""")));
    }

    [Fact]
    public async Task One_that_met_another_transaction_is_run_again_and_the_others_are_not_told_twice()
    {
        var runs = new int[3];
        List<Task> works = [];
        await TogetherAsync(() =>
        {
            for (var number = 0; number < 3; number++)
            {
                var own = number;
                works.Add(_database.ChangeTogetherAsync($"{own}", change =>
                {
                    change.Tell("image.tagged", $"acme/met-{own}", new { });
                    return ++runs[own] == 1 && own == 1 ? throw new SqliteException("another was faster", 5) : Task.CompletedTask;
                }, CancellationToken.None));
            }
        }, () => works);
        Assert.All(works, work => Assert.True(work.IsCompletedSuccessfully));
        Assert.Equal([1, 2, 1], runs);
        Assert.Equal(["acme/met-0", "acme/met-2", "acme/met-1"], await TestDatabase.QueryAsync(_host.Registry.DataPath,
            """SELECT "Subject" FROM events WHERE "Subject" LIKE 'acme/met-%' ORDER BY "Serial" """));
    }

    [Fact]
    public async Task One_whose_events_cannot_be_written_fails_alone()
    {
        List<Task> works = [];
        await TogetherAsync(() =>
        {
            for (var number = 0; number < 3; number++)
            {
                var own = number;
                works.Add(_database.ChangeTogetherAsync($"{own}", change =>
                {
                    // No row is without a subject.
                    change.Tell("image.tagged", own == 1 ? null! : $"acme/fate-{own}", new { }, "acme");
                    return Task.CompletedTask;
                }, CancellationToken.None));
            }
        }, () => works);
        Assert.Equal([TaskStatus.RanToCompletion, TaskStatus.Faulted, TaskStatus.RanToCompletion], works.Select(work => work.Status));
        Assert.Equal(["acme/fate-0", "acme/fate-2"], await TestDatabase.QueryAsync(_host.Registry.DataPath,
            """SELECT "Subject" FROM events WHERE "Subject" LIKE 'acme/fate-%' ORDER BY "Serial" """));
    }

    [Fact]
    public async Task Nobody_waits_for_ever_behind_a_line_that_broke()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var line = new SharedCommits(null, async _ =>
        {
            begun.TrySetResult();
            await go.Task;
            throw new InvalidOperationException("broken");
        });
        var first = line.RunAsync(new SharedWork<bool>("a", _ => Task.FromResult(true), CancellationToken.None));
        await begun.Task;
        var second = line.RunAsync(new SharedWork<bool>("b", _ => Task.FromResult(true), CancellationToken.None));
        go.SetResult();
        foreach (var work in new[] { first, second })
            await Assert.ThrowsAsync<InvalidOperationException>(() => work.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System));
    }

    /// <summary>Has works wait behind one that is under way, so that they go together; commits are counted from there.</summary>
    private async Task TogetherAsync(Action start, Func<IReadOnlyList<Task>> works)
    {
        var (begun, go) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var first = _database.ChangeTogetherAsync("", async change =>
        {
            begun.SetResult();
            await go.Task;
            change.Abandon();
        }, CancellationToken.None);
        await begun.Task;
        _commits.Count = 0;
        start();
        go.SetResult();
        await first;
        await Task.WhenAll(works()).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private async Task<byte[]> StoredManifestAsync(string layer)
    {
        var manifest = await _host.ManifestAsync(_repository, layer);
        await _host.Registry.Services.GetRequiredService<IBlobStore>().PutAsync(Digest.Of(manifest), manifest, CancellationToken.None);
        return manifest;
    }

    private Task PutAsync(byte[] manifest, string tag, CancellationToken cancellation = default) =>
        _changes.PutManifestAsync(Caller.Anonymous, _repository, Digest.Of(manifest), manifest.Length, ManifestReader.Read(manifest, MediaTypes.OciManifest), [tag], cancellation);

    private sealed class CommitCount : DbTransactionInterceptor
    {
        public int Count { get; set; }

        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Count++;
            return Task.CompletedTask;
        }
    }
}
