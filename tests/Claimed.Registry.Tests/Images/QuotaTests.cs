using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Claimed.Database;
using Claimed.Database.Images;
using Claimed.Registry.Builds;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Words;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

public sealed class QuotaTests(ImageHost images) : IClassFixture<ImageHost>
{
    private static int _spaces;
    private readonly string _space = $"bounded-{Interlocked.Increment(ref _spaces)}";

    private RegistryHost Host => images.Registry;

    [Fact]
    public async Task Of_eight_pushers_at_once_exactly_those_are_stored_that_fit()
    {
        await QuotaAsync("""{"bytes": 3500}""");
        var blobs = Enumerable.Range(0, 8).Select(number => Filled(1000, number)).ToArray();
        var answers = await Race.RunAsync(blobs.Length, async number => await PushAsync($"image-{number}", blobs[number]));
        Assert.Equal("3×201 5×403", answers.Statuses());
        Assert.Equal((3000, 3), await UsageAsync());
        foreach (var refused in answers.Where(answer => answer.Status == HttpStatusCode.Forbidden))
        {
            var error = refused.Json.GetProperty("errors")[0];
            Assert.Equal("DENIED", error.GetProperty("code").GetString());
            var detail = error.GetProperty("detail");
            Assert.Equal((1000, 3500), (detail.GetProperty("asked").GetInt64(), detail.GetProperty("quota").GetInt64()));
            Assert.Contains($"holds {detail.GetProperty("used").GetInt64()} bytes", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
        foreach (var (number, answer) in answers.Index())
            Assert.Equal(answer.Status == HttpStatusCode.Created ? HttpStatusCode.OK : HttpStatusCode.NotFound,
                (await images.Anonymous.GetAsync($"/v2/{_space}/image-{number}/blobs/{Digest.Of(blobs[number])}")).StatusCode);
        await Host.AssertCountedAsync(_space);
    }

    [Fact]
    public async Task Eight_pushers_of_the_same_blob_count_it_once()
    {
        await QuotaAsync("""{"bytes": 20080}""");
        // Into repositories that are there: making one holds the namespace in any case.
        for (var number = 0; number < 8; number++)
            await PushAsync($"image-{number}", Filled(10, 100 + number));
        for (var round = 0; round < 20; round++)
        {
            var answers = await Race.RunAsync(8, async number => await PushAsync($"image-{number}", Filled(1000, round)));
            Assert.Equal("8×201", answers.Statuses());
        }
        Assert.Equal((20_080, 8), await UsageAsync());
        await Host.AssertCountedAsync(_space);
    }

    [Fact]
    public async Task Of_eight_new_repositories_at_once_exactly_those_are_made_that_fit()
    {
        await QuotaAsync("""{"repositories": 3}""");
        var answers = await Race.RunAsync(8, async number => await PushAsync($"image-{number}", Filled(10, number)));
        Assert.Equal("3×201 5×403", answers.Statuses());
        Assert.Equal((30, 3), await UsageAsync());
        Assert.Equal("repositories", answers.First(answer => answer.Status == HttpStatusCode.Forbidden).Json.GetProperty("errors")[0].GetProperty("detail").GetProperty("unit").GetString());
        // One that is emptied makes room for another.
        var (stored, refused) = (Number(HttpStatusCode.Created), Number(HttpStatusCode.Forbidden));
        Assert.Equal(HttpStatusCode.Accepted, (await images.Admin.DeleteAsync($"/v2/{_space}/image-{stored}/blobs/{Digest.Of(Filled(10, stored))}")).StatusCode);
        Assert.Equal((20, 2), await UsageAsync());
        Assert.Equal(HttpStatusCode.Created, (await PushAsync($"image-{refused}", Filled(10, refused))).Status);

        int Number(HttpStatusCode status) => answers.Index().First(answer => answer.Item.Status == status).Index;
    }

    [Fact]
    public async Task Manifests_and_mounts_count_and_what_goes_is_given_back()
    {
        await QuotaAsync("""{"bytes": 100000}""");
        var (one, two) = ($"{_space}/one", $"{_space}/two");
        var digest = await images.PushImageAsync(one, "v1", "a layer that counts");
        var manifest = ImageHost.ImageOf("a layer that counts"u8.ToArray());
        var whole = manifest.Length + ImageHost.Config.Length + "a layer that counts".Length;
        Assert.Equal((whole, 1), await UsageAsync());
        // The same image in a second repository of the namespace takes nothing, however it comes there.
        Assert.Equal(HttpStatusCode.Created, (await images.Admin.PostAsync($"/v2/{two}/blobs/uploads/?mount={Digest.Of("a layer that counts")}&from={one}", null)).StatusCode);
        await images.PushImageAsync(two, "v1", "a layer that counts");
        Assert.Equal((whole, 2), await UsageAsync());
        Assert.Equal(HttpStatusCode.Accepted, (await images.Admin.DeleteAsync($"/v2/{one}/manifests/{digest}")).StatusCode);
        Assert.Equal((whole, 2), await UsageAsync());
        Assert.Equal(HttpStatusCode.Accepted, (await images.Admin.DeleteAsync($"/v2/{two}/manifests/{digest}")).StatusCode);
        Assert.Equal((whole - manifest.Length, 2), await UsageAsync());
        await Host.Services.GetRequiredService<GarbageCollection>().RunAsync(TimeSpan.FromSeconds(-1), countOnly: false, CancellationToken.None);
        Assert.Equal((0, 0), await UsageAsync());
        await Host.AssertCountedAsync(_space);
    }

    [Fact]
    public async Task A_manifest_that_does_not_fit_is_refused_and_nothing_of_it_is_stored()
    {
        await QuotaAsync("""{"bytes": 100000}""");
        var manifest = await images.ManifestAsync($"{_space}/tool", "layer of a tool");
        var (used, _) = await UsageAsync();
        await QuotaAsync($$"""{"bytes": {{used + manifest.Length - 1}}}""");
        await ImageHost.AssertErrorAsync(await images.PutManifestAsync($"{_space}/tool", "v1", manifest), HttpStatusCode.Forbidden, "DENIED");
        Assert.Null(await Host.Services.GetRequiredService<IBlobStore>().FindAsync(Digest.Of(manifest), CancellationToken.None));
        Assert.Equal((used, 1), await UsageAsync());
        await QuotaAsync($$"""{"bytes": {{used + manifest.Length}}}""");
        Assert.Equal(HttpStatusCode.Created, (await images.PutManifestAsync($"{_space}/tool", "v1", manifest)).StatusCode);
        // Below what is there: nothing new, but what is there goes on, its tags too.
        await QuotaAsync("""{"bytes": 0}""");
        Assert.Equal(HttpStatusCode.Created, (await images.PutManifestAsync($"{_space}/tool", "v2", manifest)).StatusCode);
        await ImageHost.AssertErrorAsync(await images.PutManifestAsync($"{_space}/tool", "v3", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(manifest) + "\n")), HttpStatusCode.Forbidden, "DENIED");
    }

    [Fact]
    public async Task A_mount_that_does_not_fit_is_refused()
    {
        await QuotaAsync("""{"bytes": 10}""");
        var digest = await images.PushBlobAsync(ImageHost.NewRepository(), Filled(1000, 3));
        await ImageHost.AssertErrorAsync(await images.Admin.PostAsync($"/v2/{_space}/tool/blobs/uploads/?mount={digest}", null), HttpStatusCode.Forbidden, "DENIED");
        Assert.Equal((0, 0), await UsageAsync());
    }

    [Fact]
    public async Task An_upload_that_says_how_long_it_is_is_refused_before_its_body_comes()
    {
        await QuotaAsync("""{"bytes": 1000}""");
        foreach (var path in new[] { $"POST /v2/{_space}/tool/blobs/uploads/?digest={Digest.Of("x")}", $"PATCH {await images.StartUploadAsync($"{_space}/tool")}" })
        {
            using var client = new TcpClient();
            await client.ConnectAsync(Host.Address.Host, Host.Address.Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"{path} HTTP/1.1\r\nHost: {Host.Address.Authority}\r\nAuthorization: Bearer {RegistryHost.AdminToken}\r\nContent-Length: 1000000000000\r\n\r\n"));
            using var reader = new StreamReader(stream);
            Assert.Equal("HTTP/1.1 403 Forbidden", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)));
        }
    }

    [Fact]
    public async Task An_upload_that_does_not_say_how_long_it_is_ends_where_it_cannot_fit_any_more()
    {
        await QuotaAsync("""{"bytes": 300000}""");
        var upload = await images.StartUploadAsync($"{_space}/tool");
        Assert.Equal(HttpStatusCode.Accepted, (await ChunkedAsync(HttpMethod.Patch, upload, 200_000)).StatusCode);
        await ImageHost.AssertErrorAsync(await ChunkedAsync(HttpMethod.Patch, upload, 200_000), HttpStatusCode.Forbidden, "DENIED");
        Assert.Equal("0-199999", Assert.Single((await images.Admin.GetAsync(upload)).Headers.GetValues("Range")));
        var whole = await ChunkedAsync(HttpMethod.Post, $"/v2/{_space}/tool/blobs/uploads/?digest={Digest.Of("x")}", 400_000);
        await ImageHost.AssertErrorAsync(whole, HttpStatusCode.Forbidden, "DENIED");
        // How long it would have been nobody said.
        Assert.Contains("an upload that is larger does not fit", await whole.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var end = await images.Admin.PutAsync($"{upload}?digest={Digest.Of(new byte[200_000])}", null);
        Assert.Equal(HttpStatusCode.Created, end.StatusCode);
        Assert.Equal((200_000, 1), await UsageAsync());
    }

    [Fact]
    public async Task An_owner_changes_the_other_rules_and_never_the_quota()
    {
        await Host.CreateNamespaceAsync(_space, members: ("ada", "owner"));
        using var owner = Host.With(await Host.TokenAsync("ada"));
        foreach (var method in new[] { HttpMethod.Patch, HttpMethod.Put })
        {
            var refused = await owner.SendAsync(method, $"/api/v1/namespaces/{_space}", Changes.Json("""{"quota": null}"""));
            Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (refused.Status, refused["type"]));
            Assert.Contains(method == HttpMethod.Patch ? "quota" : "administrators", refused["detail"], StringComparison.Ordinal);
        }
        var changed = await owner.SendAsync(HttpMethod.Patch, $"/api/v1/namespaces/{_space}", Changes.Json("""{"immutableTags": ["v*"]}"""));
        Assert.Equal((HttpStatusCode.OK, """["v*"]"""), (changed.Status, changed["immutableTags"]));
    }

    [Theory]
    [InlineData("""{"bytes": -1}""", "quota.bytes")]
    [InlineData("""{"bytes": 9007199254740992}""", "quota.bytes")]
    [InlineData("""{"bytes": 1e400}""", "quota.bytes")]
    [InlineData("""{"bytes": 99999999999999999999999999}""", "quota.bytes")]
    [InlineData("""{"bytes": 1.5}""", "quota.bytes")]
    [InlineData("""{"bytes": "10"}""", "quota.bytes")]
    [InlineData("""{"repositories": -5}""", "quota.repositories")]
    [InlineData("""{"gigabytes": 5}""", "quota.gigabytes")]
    [InlineData("""{"\ud800": 5}""", null)]
    [InlineData("[]", "quota")]
    [InlineData("7", "quota")]
    public async Task A_quota_that_is_none_is_refused(string quota, string? field)
    {
        await Host.CreateNamespaceAsync(_space);
        var refused = await Host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/namespaces/{_space}", Changes.Json($$"""{"quota": {{quota}}}"""));
        Assert.Equal(field is null ? HttpStatusCode.BadRequest : HttpStatusCode.UnprocessableEntity, refused.Status);
        if (field is not null)
            Assert.Contains($"\"{field}\"", refused["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quota_is_set_changed_in_parts_and_taken_away()
    {
        var made = await QuotaAsync("""{"bytes": 9007199254740991, "repositories": 5}""");
        Assert.Equal(("9007199254740991", "5", "0", "0"), (made["quota.bytes"], made["quota.repositories"], made["usage.bytes"], made["usage.repositories"]));
        Assert.Equal(HttpStatusCode.Created, (await PushAsync("tool", Filled(100, 1))).Status);
        var parts = await QuotaAsync("""{"bytes": null}""");
        Assert.Equal((null, "5", "100"), (parts["quota.bytes"], parts["quota.repositories"], parts["usage.bytes"]));
        Assert.Null((await QuotaAsync("null"))["quota"]);
        Assert.Equal((await Host.GetAsync($"/api/v1/namespaces/{_space}")).Text,
            (await Host.GetAsync("/api/v1/namespaces?limit=200")).Items.Single(item => item.GetProperty("name").GetString() == _space).GetRawText());
        Assert.Equal("4×403", string.Join(' ', await RefusalsAsync()));

        async Task<string[]> RefusalsAsync()
        {
            await QuotaAsync("""{"bytes": 0, "repositories": 0}""");
            return [(await Race.RunAsync(4, async number => await PushAsync("tool", Filled(9, number)))).Statuses()];
        }
    }

    [Fact]
    public async Task Whatever_happens_at_once_the_counts_are_what_the_tables_hold()
    {
        await QuotaAsync("""{"bytes": 4000, "repositories": 3}""");
        await Race.RunAsync(8, async worker =>
        {
            var dice = new Random(worker);
            for (var round = 0; round < 25; round++)
            {
                var (repository, blob) = ($"image-{dice.Next(4)}", Filled(300, dice.Next(20)));
                if (dice.Next(3) > 0)
                    await PushAsync(repository, blob);
                else
                    await images.Admin.DeleteAsync($"/v2/{_space}/{repository}/blobs/{Digest.Of(blob)}");
                if (dice.Next(12) == 0)
                    await Host.Services.GetRequiredService<ImageCollection>().CollectAsync(TimeProvider.System.GetUtcNow().AddSeconds(1), countOnly: false, CancellationToken.None);
            }
            return await Host.GetAsync($"/api/v1/namespaces/{_space}");
        });
        var (bytes, repositories) = await UsageAsync();
        Assert.InRange(bytes, 0, 4000);
        Assert.InRange(repositories, 0, 3);
        await Host.AssertCountedAsync(_space);
    }

    [Fact]
    public async Task A_database_from_before_gets_its_counts_by_the_migration()
    {
        await using var host = new ImageHost();
        await host.InitializeAsync();
        await host.PushImageAsync("acme/one", "v1", "layer of one");
        await host.PushImageAsync("acme/two", "v1", "layer of two");
        await host.PushImageAsync("acme/deeper/one", "v1", "layer of one");
        var before = (await host.Registry.GetAsync("/api/v1/namespaces/acme"))["usage"];
        await using var db = await host.Registry.Services.GetRequiredService<IDbContextFactory<RegistryContext>>().CreateDbContextAsync();
        await db.GetService<IMigrator>().MigrateAsync("TokenParent");
        await db.GetService<IMigrator>().MigrateAsync();
        Assert.Equal(before, (await host.Registry.GetAsync("/api/v1/namespaces/acme"))["usage"]);
        Assert.Equal("3", JsonElement.Parse(before!).GetProperty("repositories").GetRawText());
    }

    [Fact]
    public async Task A_publish_that_makes_a_namespace_counts_the_images_that_were_there_before()
    {
        var name = $"older-{_space}";
        await Host.Services.GetRequiredService<RegistryDatabase>().ChangeAsync(async change =>
        {
            var repository = new ImageRepository { Name = $"{name}/image" };
            change.Db.Repositories.Add(repository);
            await change.Db.SaveChangesAsync(change.Cancellation);
            change.Db.RepositoryBlobs.Add(new RepositoryBlob { RepositoryId = repository.Id, Digest = Digest.Of("before its namespace"), Size = 20 });
        }, CancellationToken.None);
        await Host.PublishReadyAsync(name, "tool", "1.0.0");
        await Host.AssertCountedAsync(name);
    }

    [Fact]
    public async Task A_build_whose_push_does_not_fit_fails_and_says_so()
    {
        using var engine = new PretendEngine(1);
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Builds:Enabled"] = "true" },
            adjust: builder => builder.Services.AddSingleton<IImageBuilder>(engine));
        await host.CreateNamespaceAsync("acme");
        await host.Admin.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/acme", Changes.Json("""{"quota": {"bytes": 20}}"""));
        var version = await host.PublishAsync("acme", "step", "1.0.0", ("step.py", Samples.Script("bounded")));
        var failed = await host.UntilAsync("/api/v1/components/acme/step/versions/1.0.0", answer => answer["state"] is "failed" or "ready");
        Assert.Equal(("failed", "1"), (failed["state"], failed["build.attempt"]));
        Assert.Contains("20 are the quota of this namespace", failed["reason"], StringComparison.Ordinal);
        Assert.NotNull(version["build.id"]);
    }

    /// <summary>Bytes that no other number gives; no two tests share a namespace, so the same may come again.</summary>
    private static byte[] Filled(int length, int number)
    {
        var bytes = new byte[length];
        BitConverter.TryWriteBytes(bytes, number + 1);
        return bytes;
    }

    private async Task<Answer> QuotaAsync(string quota)
    {
        await Host.CreateNamespaceAsync(_space);
        var answer = await Host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/namespaces/{_space}", Changes.Json($$"""{"quota": {{quota}}}"""));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer;
    }

    private async Task<Answer> PushAsync(string name, byte[] bytes) =>
        await Answer.ReadAsync(await images.Admin.PostAsync($"/v2/{_space}/{name}/blobs/uploads/?digest={Digest.Of(bytes)}", ImageHost.Bytes(bytes)));

    private Task<HttpResponseMessage> ChunkedAsync(HttpMethod method, string path, int length)
    {
        var request = new HttpRequestMessage(method, path) { Content = ImageHost.Bytes(new byte[length]) };
        request.Headers.TransferEncodingChunked = true;
        return images.Admin.SendAsync(request);
    }

    private async Task<(long Bytes, long Repositories)> UsageAsync()
    {
        var usage = (await Host.GetAsync($"/api/v1/namespaces/{_space}")).Json.GetProperty("usage");
        return (usage.GetProperty("bytes").GetInt64(), usage.GetProperty("repositories").GetInt64());
    }
}
