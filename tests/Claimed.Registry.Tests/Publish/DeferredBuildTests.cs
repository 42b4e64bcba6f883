using System.Net;
using Claimed.Registry.Builds;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Claimed.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

/// <summary>Components of a library that are built when somebody first asks for them. No builder runs, so what is in the queue stays there.</summary>
public sealed class DeferredBuildTests(DeferredBuildTests.Seeded registry) : IClassFixture<DeferredBuildTests.Seeded>
{
    public sealed class Seeded : SharedRegistry;

    private const string Words = "about 2.1 GiB, 6 min";
    private const long Bytes = 2254857830;

    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task What_is_not_in_the_starter_set_is_listed_as_not_built_with_size_and_time()
    {
        using var folder = new SmallLibrary().With("input/small").With("metric/heavy").With("metric/plain").Beside("starter.txt", "input/small  # the first").Beside("heavy.txt", "# measured", "", "metric/heavy 2.1Gi 6m");
        Assert.All(await folder.PublishAsync(_host), seeded => Assert.True(seeded.IsNew));

        var small = await VersionAsync("small");
        Assert.Equal("queued", small["build.state"]);
        Assert.Null(small["build.estimate"]);
        Assert.Null((await _host.ComponentAsync("claimed/small"))["deferred"]);
        var heavy = await VersionAsync("heavy");
        Assert.Equal(("queued", "deferred"), (heavy["state"], heavy["build.state"]));
        Assert.Equal((Bytes.ToString(), "360"), (heavy["build.estimate.imageBytes"], heavy["build.estimate.seconds"]));
        Assert.Contains("It is built when it is first asked for: GET ", heavy["build.reason"], StringComparison.Ordinal);
        Assert.Contains(Words, heavy["build.reason"], StringComparison.Ordinal);
        Assert.Equal(("deferred", (string?)null), ((await VersionAsync("plain"))["build.state"], (await VersionAsync("plain"))["build.estimate"]));

        var list = (await _host.GetAsync("/api/v1/components?namespace=claimed&limit=200")).Items.ToDictionary(item => item.GetProperty("name").GetString()!);
        Assert.Equal(Bytes, list["heavy"].GetProperty("deferred").GetProperty("estimate").GetProperty("imageBytes").GetInt64());
        Assert.Equal("queued", list["plain"].GetProperty("state").GetString());
        Assert.Equal("{}", list["plain"].GetProperty("deferred").GetRawText());
        Assert.Contains("heavy", (await _host.GetAsync("/api/v1/components?q=heavy")).Items.Select(item => item.GetProperty("name").GetString()));
        Assert.Contains(heavy["build.id"], await BuildIdsAsync("deferred"));
        Assert.DoesNotContain(heavy["build.id"], await BuildIdsAsync("queued"));

        // Rows as a start reads them say the same.
        await _host.Services.GetRequiredService<SnapshotFeed>().LoadAsync(CancellationToken.None);
        Assert.Equal(heavy.Text, (await VersionAsync("heavy")).Text);
    }

    [Fact]
    public async Task Pages_say_so_and_neither_they_nor_documents_ask_for_it()
    {
        using var folder = Heavy("looked-at", "2.1Gi 6m");
        await folder.PublishAsync(_host);
        var card = await _host.Anonymous.GetStringAsync("/?q=looked-at");
        Assert.Contains($">not built yet: {Words}<", card, StringComparison.Ordinal);
        var page = await _host.Anonymous.GetStringAsync("/components/claimed/looked-at");
        Assert.Contains($"<strong>Not built yet: {Words}.</strong> It is built when it is first asked for", page, StringComparison.Ordinal);
        Assert.Contains($"{(await VersionAsync("looked-at"))["build.links.self"]}/retry</code>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<details open data-log", page, StringComparison.Ordinal);

        foreach (var path in (string[])["", "/versions", "/versions/0.1.0", "/versions/latest", "/versions/0.1.0/readme", "/versions/0.1.0/usage", "/versions/0.1.0/Dockerfile", "/versions/0.1.0/bundle", "/versions/~1/component.yaml", "/versions/0.2.0/component.yaml"])
            await _host.ComponentAsync($"claimed/looked-at{path}");
        await _host.Anonymous.SendAsync(HttpMethod.Head, "/api/v1/components/claimed/looked-at/versions/0.1.0/component.yaml");
        await _host.GetAsync("/v2/claimed/looked-at/tags/list");
        await _host.GetAsync("/v2/claimed/looked-at/manifests/0.2.0");
        await _host.GetAsync("/api/v1/images/claimed/looked-at");
        Assert.Equal("deferred", (await VersionAsync("looked-at"))["build.state"]);
    }

    [Theory]
    [InlineData("GET", "/api/v1/components/claimed/NAME/versions/0.1.0/component.yaml")]
    [InlineData("GET", "/api/v1/components/claimed/NAME/versions/0.1.0/elyra.yaml")]
    [InlineData("GET", "/api/v1/components/claimed/NAME/versions/0.1.0/pipeline.yaml")]
    [InlineData("GET", "/api/v1/components/claimed/NAME/versions/0.1.0/operator.py")]
    [InlineData("GET", "/api/v1/components/claimed/NAME/versions/0.1.0/job.yaml")]
    [InlineData("GET", "/api/v1/components/claimed/NAME/versions/0.1.0/tool.cwl")]
    [InlineData("GET", "/api/v1/components/claimed/NAME/versions/latest/component.yaml")]
    [InlineData("GET", "/api/v1/components/claimed/NAME/versions/~0/elyra.yaml")]
    [InlineData("GET", "/api/v1/components/claimed/NAME/versions/%5E0.1/component.yaml")]
    [InlineData("GET", "/catalogs/kfp/claimed/NAME/0.1.0")]
    [InlineData("GET", "/catalogs/kfp/claimed/NAME/latest")]
    [InlineData("GET", "/catalogs/kfp/store/claimed/NAME/component.yaml")]
    [InlineData("GET", "/catalogs/kfp/store/claimed/NAME/versions/tags/0.1.0")]
    [InlineData("GET", "/v2/claimed/NAME/manifests/0.1.0")]
    [InlineData("HEAD", "/v2/claimed/NAME/manifests/0.1.0")]
    [InlineData("GET", "/v2/claimed/NAME/manifests/latest")]
    public async Task The_first_request_for_what_clients_use_asks_for_it(string method, string path)
    {
        var name = $"asked-{Digest.Of(System.Text.Encoding.UTF8.GetBytes(method + path))[7..15]}";
        using var folder = Heavy(name, "1.5Gi 2m");
        await folder.PublishAsync(_host);
        var waiting = await VersionAsync(name);
        Assert.Equal("deferred", waiting["build.state"]);

        var first = await _host.Anonymous.SendAsync(new HttpMethod(method), path.Replace("NAME", name, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, first.Status);
        Assert.Equal(TimeSpan.FromMinutes(2), first.Message.Headers.RetryAfter?.Delta);
        if (method == "GET")
            Assert.Contains("0.1.0 is queued", first.Text, StringComparison.Ordinal);
        if (method == "GET")
            Assert.Contains("It has just been asked for, and its build is in the queue: about 1.5 GiB, 2 min.", first.Text, StringComparison.Ordinal);
        if (path.StartsWith("/api/", StringComparison.Ordinal))
            Assert.Equal(("version-not-ready", "queued"), (first["type"], first["state"]));
        var queued = await VersionAsync(name);
        Assert.Equal(("queued", waiting["build.id"]), (queued["build.state"], queued["build.id"]));
        Assert.Equal(["version.published", "build.queued"], await _host.EventKindsAsync($"claimed/{name}"));
        var audit = (await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/audit?limit=50")).Items;
        Assert.Equal("anonymous", audit.First(line => line.GetProperty("subject").GetString() == $"claimed/{name}").GetProperty("who").GetString());

        // From now on it is a version in the queue like any other, by whatever name.
        var second = await _host.Anonymous.SendAsync(new HttpMethod(method), path.Replace("NAME", name, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, second.Status);
        Assert.Null(second.Message.Headers.RetryAfter);
        if (method == "GET")
            Assert.Contains("0.1.0 is queued", second.Text, StringComparison.Ordinal);
        Assert.Equal(2, (await _host.EventKindsAsync($"claimed/{name}")).Count);
    }

    [Fact]
    public async Task Twenty_requests_at_once_ask_once()
    {
        using var folder = Heavy("crowd");
        await folder.PublishAsync(_host);
        string[] paths = ["/api/v1/components/claimed/crowd/versions/0.1.0/component.yaml", "/api/v1/components/claimed/crowd/versions/latest/elyra.yaml", "/v2/claimed/crowd/manifests/0.1.0", "/catalogs/kfp/claimed/crowd/0.1.0"];
        var answers = await Race.RunAsync(20, number => _host.GetAsync(paths[number % paths.Length]));
        Assert.Equal("20×404", answers.Statuses());
        Assert.Equal(["version.published", "build.queued"], await _host.EventKindsAsync("claimed/crowd"));
        Assert.Single(await TestDatabase.QueryAsync(_host.DataPath, """SELECT b."Id" FROM builds b JOIN versions v ON v."Id" = b."VersionId" JOIN components c ON c."Id" = v."ComponentId" WHERE c."Name" = 'crowd' AND b."State" = 'queued'"""));
    }

    [Fact]
    public async Task Nodes_that_both_still_see_it_waiting_ask_once()
    {
        using var folder = Heavy("nodes");
        await folder.PublishAsync(_host);
        var component = _host.Services.GetRequiredService<SnapshotFeed>().Current.Find("claimed", "nodes")!;
        var told = new List<long>();
        var asked = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new DeferredBuilds(_host.Services.GetRequiredService<RegistryDatabase>(), TimeProvider.System, NullLogger<DeferredBuilds>.Instance)
        {
            Queued = build =>
            {
                lock (told)
                    told.Add(build);
            },
        }.AskAsync(new DefaultHttpContext(), component, component.Shown!))));
        Assert.All(asked, answer => Assert.Contains("in the queue", answer.Words, StringComparison.Ordinal));
        Assert.Equal([component.Shown!.Build!.Id], told);
        Assert.Equal(["version.published", "build.queued"], await _host.EventKindsAsync("claimed/nodes"));
    }

    [Fact]
    public async Task Who_may_publish_starts_it_by_retry()
    {
        using var folder = Heavy("retried");
        await folder.PublishAsync(_host);
        var build = (await VersionAsync("retried"))["build.id"];
        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.Anonymous.SendAsync(HttpMethod.Post, $"/api/v1/builds/{build}/retry")).Status);
        Assert.Equal("deferred", (await VersionAsync("retried"))["build.state"]);
        var started = await _host.PostAsync($"/api/v1/builds/{build}/retry");
        Assert.Equal((HttpStatusCode.Accepted, build, "queued"), (started.Status, started["id"], started["state"]));
        Assert.Equal("version-not-failed", (await _host.PostAsync($"/api/v1/builds/{build}/retry"))["type"]);
        Assert.Equal(["version.published", "build.queued"], await _host.EventKindsAsync("claimed/retried"));
    }

    [Fact]
    public async Task One_that_is_cancelled_fails_its_version_and_nobody_asks_for_it()
    {
        using var folder = Heavy("unwanted");
        await folder.PublishAsync(_host);
        var cancelled = await _host.PostAsync($"/api/v1/builds/{(await VersionAsync("unwanted"))["build.id"]}/cancel");
        Assert.Equal((HttpStatusCode.Accepted, "cancelled"), (cancelled.Status, cancelled["state"]));
        var refused = await _host.ComponentAsync("claimed/unwanted/versions/0.1.0/component.yaml");
        Assert.Equal(("version-not-ready", "failed"), (refused["type"], refused["state"]));
        await _host.GetAsync("/v2/claimed/unwanted/manifests/0.1.0");
        Assert.Equal("cancelled", (await VersionAsync("unwanted"))["build.state"]);
        Assert.DoesNotContain("build.queued", await _host.EventKindsAsync("claimed/unwanted"));
    }

    [Fact]
    public async Task Cancelling_wins_whoever_asks_at_the_same_time()
    {
        for (var round = 0; round < 5; round++)
        {
            var name = $"meeting-{round}";
            using var folder = Heavy(name);
            await folder.PublishAsync(_host);
            var build = (await VersionAsync(name))["build.id"];
            var answers = await Race.RunAsync(6, number => number switch
            {
                0 => _host.PostAsync($"/api/v1/builds/{build}/cancel"),
                1 => _host.PostAsync($"/api/v1/builds/{build}/retry"),
                _ => _host.GetAsync($"/v2/claimed/{name}/manifests/0.1.0"),
            });
            Assert.Equal(HttpStatusCode.Accepted, answers[0].Status);
            // A retry behind the cancelling builds anew, as of any failed version.
            var version = await VersionAsync(name);
            Assert.Equal("cancelled", (await _host.GetAsync($"/api/v1/builds/{build}"))["state"]);
            Assert.Equal(version["build.id"] == build ? "failed" : "queued", version["state"]);
            if (version["build.id"] != build)
                await _host.PostAsync($"/api/v1/builds/{version["build.id"]}/cancel");
        }
        Assert.DoesNotContain(await TestDatabase.QueryAsync(_host.DataPath, """SELECT count(*) FROM builds b JOIN versions v ON v."Id" = b."VersionId" WHERE b."State" IN ('queued', 'deferred') AND v."State" = 'failed'"""), count => Convert.ToInt64(count) > 0);
    }

    [Fact]
    public async Task No_builder_takes_one_that_waits()
    {
        await using var host = await RegistryHost.StartAsync();
        using var folder = Heavy("resting");
        await folder.PublishAsync(host);
        var queue = host.Services.GetRequiredService<BuildQueue>();
        Assert.Null(await queue.TakeAsync(new BuilderOffer("test"), CancellationToken.None));
        await host.ComponentAsync("claimed/resting/versions/latest/component.yaml");
        var lease = await queue.TakeAsync(new BuilderOffer("test"), CancellationToken.None);
        Assert.Equal((await host.ComponentAsync("claimed/resting/versions/0.1.0"))["build.id"], lease!.BuildId.ToString());
    }

    [Fact]
    public async Task The_first_request_wakes_the_builder_and_then_there_is_what_was_asked_for()
    {
        using var engine = new PretendEngine(1);
        // Nothing but the call would have it built in time.
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Builds:Enabled"] = "true", ["Builds:LookInterval"] = "01:00:00" },
            adjust: builder => builder.Services.AddSingleton<IImageBuilder>(engine));
        using var folder = Heavy("woken", "1Gi 1m");
        await folder.PublishAsync(host);
        Assert.Equal(HttpStatusCode.NotFound, (await host.Anonymous.SendAsync(HttpMethod.Head, "/v2/claimed/woken/manifests/0.1.0")).Status);
        var form = await host.UntilAsync("/api/v1/components/claimed/woken/versions/latest/component.yaml", answer => answer.Status == HttpStatusCode.OK);
        Assert.Contains("claimed/woken@sha256:", form.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await host.Anonymous.SendAsync(HttpMethod.Head, "/v2/claimed/woken/manifests/0.1.0")).Status);
        var version = await host.ComponentAsync("claimed/woken/versions/0.1.0");
        Assert.Equal(("ready", "succeeded", (string?)null), (version["state"], version["build.state"], version["build.estimate"]));
        Assert.Null((await host.ComponentAsync("claimed/woken"))["deferred"]);
        Assert.Contains(">ready<", await host.Anonymous.GetStringAsync("/components/claimed/woken"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_see_it_does_not_ask_for_it()
    {
        await using var host = await RegistryHost.StartAsync();
        using var folder = Heavy("hidden");
        await folder.PublishAsync(host);
        Assert.Equal(HttpStatusCode.OK, (await host.Admin.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/claimed", Changes.Json("""{"visibility": "private"}"""))).Status);
        Assert.Equal("component-not-found", (await host.ComponentAsync("claimed/hidden/versions/0.1.0/component.yaml"))["type"]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.GetAsync("/v2/claimed/hidden/manifests/0.1.0")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync("/catalogs/kfp/claimed/hidden/0.1.0")).Status);
        Assert.Equal("deferred", (await ReadAsync())["build.state"]);
        Assert.Equal("version-not-ready", (await host.Admin.SendAsync(HttpMethod.Get, "/api/v1/components/claimed/hidden/versions/0.1.0/component.yaml"))["type"]);
        Assert.Equal("queued", (await ReadAsync())["build.state"]);

        Task<Answer> ReadAsync() => host.Admin.SendAsync(HttpMethod.Get, "/api/v1/components/claimed/hidden/versions/0.1.0");
    }

    [Fact]
    public async Task A_read_goes_on_while_the_database_takes_no_change_and_the_next_one_asks()
    {
        using var folder = Heavy("patient");
        await folder.PublishAsync(_host);
        await using (var other = await TestDatabase.OpenAsync(_host.DataPath))
        await using (var holding = await other.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await using var command = other.CreateCommand();
            (command.Transaction, command.CommandText) = (holding, """UPDATE components SET "Name" = "Name" WHERE "Name" = 'patient'""");
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            var refused = await _host.ComponentAsync("claimed/patient/versions/0.1.0/component.yaml");
            Assert.Equal((HttpStatusCode.NotFound, "version-not-ready"), (refused.Status, refused["type"]));
            Assert.Contains("could not be noted now", refused["detail"], StringComparison.Ordinal);
            Assert.NotNull(refused.Message.Headers.RetryAfter);
            var pulled = await _host.GetAsync("/v2/claimed/patient/manifests/0.1.0");
            Assert.Equal(HttpStatusCode.NotFound, pulled.Status);
            await holding.RollbackAsync(TestContext.Current.CancellationToken);
        }
        await _host.UntilAsync("/api/v1/components/claimed/patient/versions/0.1.0/component.yaml", answer => !answer["detail"]!.Contains("could not be noted", StringComparison.Ordinal));
        Assert.Equal("queued", (await VersionAsync("patient"))["build.state"]);
        Assert.Equal(["version.published", "build.queued"], await _host.EventKindsAsync("claimed/patient"));
    }

    [Fact]
    public async Task The_same_folder_again_changes_nothing_and_a_larger_starter_set_asks_for_more()
    {
        using var folder = Heavy("again", "1Gi 3m");
        await folder.PublishAsync(_host);
        Assert.All(await folder.PublishAsync(_host), seeded => Assert.False(seeded.IsNew));
        Assert.Equal(["version.published"], await _host.EventKindsAsync("claimed/again"));

        folder.Beside("heavy.txt", "metric/again 4Gi 3h");
        await folder.PublishAsync(_host);
        Assert.Equal("10800", (await VersionAsync("again"))["build.estimate.seconds"]);
        Assert.Equal(["version.published", "build.deferred"], await _host.EventKindsAsync("claimed/again"));

        await folder.Beside("starter.txt", "metric/again").PublishAsync(_host);
        Assert.Equal("queued", (await VersionAsync("again"))["build.state"]);
        Assert.Equal(["version.published", "build.deferred", "build.queued"], await _host.EventKindsAsync("claimed/again"));
        Assert.Single((await _host.ComponentAsync("claimed/again/versions")).Items);
    }

    [Fact]
    public async Task All_and_a_folder_without_a_starter_set_build_everything_at_once()
    {
        using var folder = Heavy("whole");
        await folder.PublishAsync(_host);
        await folder.PublishAsync(_host, "all");
        Assert.Equal("queued", (await VersionAsync("whole"))["build.state"]);
        using var loose = new SmallLibrary().With("metric/loose").Beside("heavy.txt", "metric/loose 1Gi 1m");
        Assert.Empty(await loose.PublishAsync(_host, "none"));
        await loose.PublishAsync(_host);
        Assert.Equal("queued", (await VersionAsync("loose"))["build.state"]);
    }

    [Fact]
    public async Task Other_files_take_the_number_of_a_version_that_nobody_asked_for()
    {
        using var folder = Heavy("mended");
        await folder.PublishAsync(_host);
        var first = await VersionAsync("mended");
        await folder.With("metric/mended", "other").PublishAsync(_host);
        var second = await VersionAsync("mended");
        Assert.Equal(("0.1.0", "deferred"), (second["version"], second["build.state"]));
        Assert.NotEqual(first["bundleDigest"], second["bundleDigest"]);
        Assert.Equal("cancelled", (await _host.GetAsync($"/api/v1/builds/{first["build.id"]}"))["state"]);
        Assert.Single((await _host.ComponentAsync("claimed/mended/versions")).Items);

        // A publisher's own files are built at once.
        var own = await _host.PublishAsync("claimed", "mended", null, ("mended.py", Samples.Script("own")));
        Assert.Equal((HttpStatusCode.Created, "0.1.0", "queued"), (own.Status, own["version"], own["build.state"]));
        Assert.Null(own["build.estimate"]);
        Assert.Equal("version-exists", (await _host.PublishAsync("claimed", "mended", "0.1.0", ("mended.py", Samples.Script("late"))))["type"]);
    }

    [Fact]
    public async Task The_same_files_of_a_publisher_ask_for_it()
    {
        using var folder = Heavy("same");
        await folder.PublishAsync(_host);
        var known = await _host.PublishAsync("claimed", "same", null, ("same.py", Samples.Script()));
        Assert.Equal((HttpStatusCode.OK, "0.1.0", "queued"), (known.Status, known["version"], known["build.state"]));
    }

    [Fact]
    public async Task A_component_that_was_asked_for_is_brought_on_without_being_asked_for_again()
    {
        using var folder = Heavy("loved");
        await folder.PublishAsync(_host);
        await _host.ComponentAsync("claimed/loved/versions/latest/component.yaml");
        await folder.With("metric/loved", "newer").PublishAsync(_host);
        Assert.Equal("queued", (await _host.ComponentAsync("claimed/loved/versions/0.2.0"))["build.state"]);
    }

    [Fact]
    public async Task A_version_that_is_to_be_purged_is_cancelled_first()
    {
        using var folder = Heavy("purged");
        await folder.PublishAsync(_host);
        var refused = await _host.Admin.SendAsync(HttpMethod.Post, "/api/v1/components/claimed/purged/versions/0.1.0/purge", Changes.Json("""{"reason": "No one may have it."}"""));
        Assert.Equal("version-not-ended", refused["type"]);
        Assert.Contains("cancel", refused["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_of_heavy_txt_that_say_nothing_usable_are_told_one_by_one()
    {
        using var folder = new SmallLibrary().With("metric/fine").With("metric/spare").Beside("starter.txt", "").Beside("heavy.txt",
            "metric/fine 512Mi 90m", "metric/spare much 6m", "metric/spare 1Gi", "metric/spare 1Gi 6d", "metric/spare 0Gi 6m", "metric/spare 1Gi 0m", "../metric/spare 1Gi 6m", "metric/absent 1Gi 6m", "metric/fine 1Gi 6m", "\0\u001b[2J", "metric/spare 99999999999Gi 6m", "metric/spare 1.5Mi 2h # fits");
        var seeded = await folder.PublishAsync(_host);
        var problems = seeded.Where(one => one.Refusal is not null).ToDictionary(one => one.Name, one => one.Refusal!);
        Assert.Equal(["heavy.txt:10", "heavy.txt:11", "heavy.txt:2", "heavy.txt:3", "heavy.txt:4", "heavy.txt:5", "heavy.txt:6", "heavy.txt:7", "heavy.txt:8", "heavy.txt:9"], problems.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("such as metric/aif360 2.1Gi 6m", problems["heavy.txt:2"], StringComparison.Ordinal);
        Assert.Contains("no component metric/absent", problems["heavy.txt:8"], StringComparison.Ordinal);
        Assert.Contains("has a line already", problems["heavy.txt:9"], StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', problems["heavy.txt:10"]);
        Assert.Contains("about 512 MiB, 90 min", (await VersionAsync("fine"))["build.reason"], StringComparison.Ordinal);
        Assert.Contains("about 1.5 MiB, 2 h", (await VersionAsync("spare"))["build.reason"], StringComparison.Ordinal);
    }

    /// <summary>A library with one component that is not in its starter set.</summary>
    private static SmallLibrary Heavy(string name, string? takes = null) => new SmallLibrary().With($"metric/{name}").Beside("starter.txt", "input/elsewhere")
        .Beside("heavy.txt", takes is null ? [] : [$"metric/{name} {takes}"]);

    private Task<Answer> VersionAsync(string name) => _host.ComponentAsync($"claimed/{name}/versions/0.1.0");

    private async Task<IReadOnlyList<string>> BuildIdsAsync(string state) => [.. (await _host.GetAsync($"/api/v1/builds?state={state}&limit=200")).Items.Select(build => build.GetProperty("id").GetRawText())];
}
