using System.Net;
using Claimed.Registry.Http;
using Claimed.Registry.Images.Browse;
using Claimed.Registry.Reads;
using Claimed.Registry.Search;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Reads;

public sealed class ReadCountTests(ImageHost images) : IClassFixture<ImageHost>
{
    private const string Requests = "python-requests/2.31.0";
    private readonly RegistryHost _host = images.Registry;

    private async Task<Answer> ReadsAsync(string version)
    {
        await _host.Services.GetRequiredService<ReadCounts>().StoreAsync();
        return await _host.ComponentAsync($"{version}/reads");
    }

    private static string Clients(Answer reads) => string.Join(' ', reads.Json.GetProperty("clients").EnumerateArray()
        .Select(client => $"{client.GetProperty("client").GetString()} {client.GetProperty("last30Days").GetInt64()}").Order(StringComparer.Ordinal));

    private Task<Answer> AsAsync(string agent, string path) => _host.ComponentAsync(path, ("User-Agent", agent));

    [Fact]
    public async Task A_version_counts_who_reads_it_also_from_the_cache_and_when_the_client_has_the_bytes()
    {
        await _host.PublishReadyAsync("counted", "clients", "1.0.0");
        const string version = "counted/clients/versions/1.0.0";
        var form = await AsAsync(Requests, $"{version}/component.yaml");
        // Kept by now; a range leads to the same version.
        await AsAsync(Requests, $"{version}/component.yaml");
        await AsAsync(Requests, "counted/clients/versions/~1/component.yaml");
        Assert.Equal(HttpStatusCode.NotModified, (await _host.ComponentAsync($"{version}/component.yaml", ("User-Agent", Requests), ("If-None-Match", form.ETag!))).Status);
        await _host.Anonymous.SendAsync(HttpMethod.Head, $"/api/v1/components/{version}/component.yaml", null, ("User-Agent", Requests));
        await AsAsync(Requests, $"{version}/elyra.yaml");
        await AsAsync(Requests, $"{version}/operator.py");
        await AsAsync("Mozilla/5.0 (X11; Linux) Gecko", $"{version}/operator.py");
        await AsAsync("curl/8.5", $"{version}/bundle");
        await AsAsync(Requests, version);
        await AsAsync("something-of-ada@example.org/1", version);
        await _host.GetAsync($"/catalogs/kfp/counted/clients/1.0.0", ("User-Agent", "something/1"));
        await _host.GetAsync($"/catalogs/kfp/store/counted/clients/component.yaml");
        await _host.ComponentAsync("counted/clients");
        await _host.ComponentAsync("counted/clients/versions");
        await _host.ComponentAsync("counted/clients/versions/9.9.9");
        // What has many versions says nothing of the use of one.
        foreach (var list in (string[])["/catalogs/elyra/counted/catalog.json", "/catalogs/airflow/counted/elyra-package.zip", "/apis/v1alpha1/components", "/catalogs/kfp/counted/packages"])
            Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync(list, ("User-Agent", Requests))).Status);

        var reads = await ReadsAsync(version);
        Assert.Equal("airflow 1 api 2 browser 1 elyra 1 kfp 6 other 1", Clients(reads));
        Assert.Equal(("12", "12"), (reads["total"], reads["last30Days"]));
        Assert.Equal(12, reads.Json.GetProperty("days").EnumerateArray().Sum(day => day.GetProperty("count").GetInt64()));
        Assert.EndsWith($"{version}/reads", (await _host.ComponentAsync(version))["links.reads"], StringComparison.Ordinal);
        Assert.All((await TestDatabase.QueryAsync(_host.DataPath, """SELECT "Client" FROM version_reads""")).Cast<string>(), client => Assert.Contains(client, ReadClient.All));
    }

    [Fact]
    public async Task Pulls_of_an_image_are_reads_of_the_versions_that_have_it()
    {
        var repository = ImageHost.NewRepository();
        var name = repository.Split('/')[1];
        var digest = await images.PushImageAsync(repository, "mine");
        await _host.PublishAsync("acme", name, "1.0.0", ("component.yaml", Samples.ExistingImage(image: $"localhost:8080/{repository}@{digest}")));
        await _host.PublishReadyAsync("acme", name, "2.0.0", "other");
        for (var pull = 0; pull < 3; pull++)
            Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync($"/v2/{repository}/manifests/{(pull == 0 ? "mine" : digest)}")).Status);
        await _host.Services.GetRequiredService<PullCounts>().StoreAsync();
        Assert.Equal("docker 3", Clients(await ReadsAsync($"acme/{name}/versions/1.0.0")));
        Assert.Equal("", Clients(await ReadsAsync($"acme/{name}/versions/2.0.0")));
    }

    [Fact]
    public async Task Who_yanks_or_deprecates_hears_who_used_the_version_and_the_tag_stays_that_of_the_version()
    {
        await _host.PublishReadyAsync("counted", "yanked", "1.0.0");
        const string version = "counted/yanked/versions/1.0.0";
        for (var read = 0; read < 3; read++)
            await AsAsync(Requests, $"{version}/component.yaml");
        await ReadsAsync(version);
        // Long ago, and still in the total.
        await TestDatabase.ExecuteAsync(_host.DataPath, """
            INSERT INTO version_reads ("VersionId", "Client", "Day", "Count") SELECT "VersionId", 'airflow', "Day" - 30, 7 FROM version_reads r
            WHERE "VersionId" = (SELECT v."Id" FROM versions v JOIN components c ON c."Id" = v."ComponentId" WHERE c."Name" = 'yanked')
            """);
        foreach (var patch in new[] { """{"yanked": true, "reason": "Drops rows."}""", """{"deprecated": true}""" })
        {
            var answer = await _host.PatchAsync(version, patch);
            Assert.Equal((HttpStatusCode.OK, "10", "3"), (answer.Status, answer["reads.total"], answer["reads.last30Days"]));
            Assert.Equal("airflow 0 kfp 3", Clients(answer with { Json = answer.Json.GetProperty("reads") }));
            var read = await _host.ComponentAsync(version);
            Assert.Equal(read.ETag, answer.ETag);
            Assert.Null(read["reads"]);
            // The tag of the answer is good for the next change.
            Assert.Equal(HttpStatusCode.OK, (await _host.PatchAsync(version, """{"successor": null}""", ("If-Match", answer.ETag!))).Status);
        }
        Assert.Contains("3 reads in the last 30 days", (await _host.GetAsync("/components/counted/yanked?version=1.0.0")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_who_read_at_once_are_all_counted_while_counts_are_stored()
    {
        await _host.PublishReadyAsync("counted", "busy", "1.0.0");
        const string version = "counted/busy/versions/1.0.0";
        var counts = _host.Services.GetRequiredService<ReadCounts>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async reader =>
        {
            for (var read = 0; read < 100; read++)
            {
                await AsAsync("curl/8.5", $"{version}/{(read % 2 == 0 ? "component.yaml" : "usage")}");
                if (read % 10 == reader)
                    await counts.StoreAsync();
            }
        }));
        Assert.Equal("800", (await ReadsAsync(version))["total"]);
    }

    [Fact]
    public async Task Of_what_is_equally_relevant_the_more_used_comes_first()
    {
        foreach (var name in new[] { "wombat-a", "wombat-b", "wombat-c" })
            await _host.PublishReadyAsync("ordered", name, "1.0.0");
        await _host.PublishReadyAsync("ordered", "other", "1.0.0", "wombat");
        Assert.Equal("wombat-a wombat-b wombat-c other", await NamesAsync());
        for (var read = 0; read < 6; read++)
            await AsAsync("curl/8.5", $"ordered/{(read < 2 ? "wombat-b" : "wombat-c")}/versions/1.0.0/component.yaml");
        for (var read = 0; read < 9; read++)
            await AsAsync("curl/8.5", "ordered/other/versions/1.0.0/component.yaml");
        await _host.Services.GetRequiredService<ReadCounts>().StoreAsync();
        await _host.Services.GetRequiredService<ComponentUses>().RefreshAsync(CancellationToken.None);
        Assert.Equal("wombat-c wombat-b wombat-a other", await NamesAsync());
        // Less than twice as often is the same to the order, so that pages keep theirs.
        for (var read = 0; read < 4; read++)
            await AsAsync("curl/8.5", $"ordered/{(read < 2 ? "wombat-b" : "wombat-c")}/versions/1.0.0/component.yaml");
        await _host.Services.GetRequiredService<ReadCounts>().StoreAsync();
        await _host.Services.GetRequiredService<ComponentUses>().RefreshAsync(CancellationToken.None);
        Assert.Equal((6, 4), (await UsesAsync("wombat-c"), await UsesAsync("wombat-b")));
        Assert.Equal("wombat-b wombat-c wombat-a other", await NamesAsync());
        async Task<int> UsesAsync(string name) => int.Parse((await ReadsAsync($"ordered/{name}/versions/1.0.0"))["total"]!);
        async Task<string> NamesAsync() => string.Join(' ', (await _host.ComponentAsync("?q=wombat")).Items.Select(item => item.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Old_days_go_with_a_collection()
    {
        await _host.PublishReadyAsync("counted", "old", "1.0.0");
        await AsAsync("curl/8.5", "counted/old/versions/1.0.0/component.yaml");
        await ReadsAsync("counted/old/versions/1.0.0");
        await TestDatabase.ExecuteAsync(_host.DataPath, $"""
            INSERT INTO version_reads ("VersionId", "Client", "Day", "Count") SELECT v."Id", 'kfp', r."Day" - d.days, 1
            FROM versions v JOIN components c ON c."Id" = v."ComponentId", (SELECT max("Day") AS "Day" FROM version_reads) r, (SELECT {ReadDays.Kept} AS days UNION ALL SELECT {ReadDays.Kept} + 1) d
            WHERE c."Name" = 'old'
            """);
        Assert.Equal("3", (await ReadsAsync("counted/old/versions/1.0.0"))["total"]);
        var days = _host.Services.GetRequiredService<ReadDays>();
        Assert.Equal(1, (await days.CollectAsync(countOnly: true, CancellationToken.None)).Count);
        Assert.Equal(1, (await days.CollectAsync(countOnly: false, CancellationToken.None)).Count);
        Assert.Equal("2", (await ReadsAsync("counted/old/versions/1.0.0"))["total"]);
    }

    [Fact]
    public async Task Counts_of_what_one_may_not_see_are_not_there()
    {
        await _host.CreateNamespaceAsync("countless", isPrivate: true);
        await _host.PublishReadyAsync("countless", "tool", "1.0.0");
        Assert.Equal((HttpStatusCode.NotFound, "component-not-found"), await OfAsync("countless/tool/versions/1.0.0"));
        await _host.PublishReadyAsync("counted", "one", "1.0.0");
        Assert.Equal((HttpStatusCode.NotFound, "version-not-found"), await OfAsync("counted/one/versions/2.0.0"));
        Assert.Equal((HttpStatusCode.BadRequest, "bad-reference"), await OfAsync("counted/one/versions/latest"));
        async Task<(HttpStatusCode, string?)> OfAsync(string version) => await ReadsAsync(version) is var answer ? (answer.Status, answer["type"]) : default;
    }
}
