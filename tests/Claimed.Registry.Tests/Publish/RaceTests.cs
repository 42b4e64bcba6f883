using System.Net;
using System.Text.Json;
using Claimed.Registry.Storage.Snapshot;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

/// <summary>Publishers who meet: one gets what all wanted, the others a clear answer. No builder runs here, so what is built stays queued.</summary>
public sealed class RaceTests(RaceTests.PatientRegistry registry) : IClassFixture<RaceTests.PatientRegistry>, IAsyncDisposable
{
    /// <summary>It does not say that nobody builds while two looks at its documents are compared.</summary>
    public sealed class PatientRegistry : SharedRegistry
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Builds:Lease"] = "01:00:00" };
    }

    private const int Racers = 16;
    private const int Rounds = 3;

    private readonly RegistryHost _host = registry.Host;

    public static TheoryData<bool> BuiltOrReady => [true, false];

    [Theory]
    [MemberData(nameof(BuiltOrReady))]
    public async Task Of_many_bundles_for_one_version_one_is_taken(bool isBuilt)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var name = $"one-{isBuilt}-{round}".ToLowerInvariant();
            var answers = await Race.RunAsync(Racers, number => PublishAsync(name, "1.0.0", isBuilt, $"w{number}"));
            Assert.Equal("1×201 15×409", answers.Statuses());
            Assert.All(answers.Where(answer => answer.Status == HttpStatusCode.Conflict), answer => Assert.Equal("version-exists", answer["type"]));
            var winner = answers.Single(answer => answer.Status == HttpStatusCode.Created);
            Assert.Equal(winner["bundleDigest"], (await _host.ComponentAsync($"races/{name}/versions/1.0.0"))["bundleDigest"]);
            Assert.Equal(isBuilt ? ["version.published"] : ["version.published", "version.ready"], await _host.EventKindsAsync($"races/{name}"));
        }
    }

    [Theory]
    [MemberData(nameof(BuiltOrReady))]
    public async Task Equal_publishes_without_a_version_make_one(bool isBuilt)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var name = $"equal-{isBuilt}-{round}".ToLowerInvariant();
            var answers = await Race.RunAsync(Racers, _ => PublishAsync(name, null, isBuilt, "same"));
            Assert.Equal("15×200 1×201", answers.Statuses());
            Assert.All(answers, answer => Assert.Equal("0.1.0", answer["version"]));
            Assert.Single((await _host.ComponentAsync($"races/{name}/versions")).Items);
        }
    }

    [Theory]
    [MemberData(nameof(BuiltOrReady))]
    public async Task Different_publishes_without_a_version_take_one_minor_each(bool isBuilt)
    {
        var name = $"minors-{isBuilt}".ToLowerInvariant();
        for (var round = 0; round < Rounds; round++)
        {
            var answers = await Race.RunAsync(Racers, number => PublishAsync(name, null, isBuilt, $"r{round}w{number}"));
            Assert.Equal("16×201", answers.Statuses());
            Assert.Equal(Enumerable.Range(1 + (round * Racers), Racers), answers.Select(answer => int.Parse(answer["version"]!.Split('.')[1])).Order());
        }
        Assert.Equal(isBuilt ? "version-not-found" : null, (await _host.ComponentAsync($"races/{name}/versions/latest"))["type"]);
    }

    [Fact]
    public async Task The_first_publishes_of_a_new_namespace_all_get_through()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var space = $"new-space-{round}";
            var answers = await Race.RunAsync(Racers, number => _host.PublishAsync(space, $"part-{number % 8}", $"{1 + (number / 8)}.0.0",
                ("component.yaml", Samples.ExistingImage($"w{number}"))));
            Assert.Equal("16×201", answers.Statuses());
            var components = (await _host.GetAsync($"/api/v1/components?namespace={space}")).Items;
            Assert.Equal(Enumerable.Range(0, 8).Select(number => $"part-{number}=2.0.0"),
                components.Select(item => $"{item.GetProperty("name").GetString()}={item.GetProperty("version").GetString()}"));
        }
    }

    [Fact]
    public async Task A_publish_and_a_yank_that_meet_both_count()
    {
        for (var round = 0; round < Rounds * 2; round++)
        {
            var name = $"yank-{round}";
            await _host.PublishReadyAsync("races", name, "1.0.0", "a");
            await _host.PublishReadyAsync("races", name, "1.1.0", "b");
            var answers = await Race.RunAsync(8, number => (number % 4) switch
            {
                0 => _host.PatchAsync($"races/{name}/versions/1.1.0", """{"yanked": true}"""),
                1 => _host.PublishAsync("races", name, null, ("component.yaml", Samples.ExistingImage($"c{number}"))),
                2 => _host.PatchAsync($"races/{name}/versions/1.0.0", """{"deprecated": true, "successor": "1.1.0"}"""),
                _ => _host.PatchAsync($"races/{name}", $$"""{"category": "Round {{number}}"}"""),
            });
            Assert.Equal("6×200 2×201", answers.Statuses());
            Assert.Equal(["1.3.0", "1.2.0", "1.0.0"], (await _host.ComponentAsync($"races/{name}/versions")).Items.Select(item => item.GetProperty("version").GetString()));
            Assert.Equal("1.3.0", (await _host.ComponentAsync($"races/{name}/versions/latest"))["version"]);
            Assert.Equal(["version.deprecated", "version.yanked"], (await _host.EventKindsAsync($"races/{name}"))
                .Where(kind => kind is "version.deprecated" or "version.yanked").Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task The_same_bundle_with_many_channels_at_once_gets_them_all()
    {
        await _host.PublishReadyAsync("races", "channels", "1.0.0");
        var answers = await Race.RunAsync(Racers, number => _host.PublishAsync("races", "channels", null,
            new Multipart().Source("component.yaml", Samples.ExistingImage()).Field("channel", $"c{number % 4}").Field("category", $"Many {number % 4}")));
        Assert.Equal("16×200", answers.Statuses());
        Assert.Equal(4, (await _host.EventKindsAsync("races/channels")).Count(kind => kind == "channel.moved"));
        Assert.Equal(["c0", "c1", "c2", "c3", "latest"], (await _host.ComponentAsync("races/channels")).Json.GetProperty("channels").EnumerateObject().Select(channel => channel.Name));
    }

    [Fact]
    public async Task A_failed_version_is_built_again_once()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var name = $"retry-{round}";
            var first = await PublishAsync(name, "1.0.0", isBuilt: true, "one");
            var cancels = await Race.RunAsync(8, _ => _host.PostAsync($"/api/v1/builds/{first["build.id"]}/cancel"));
            Assert.Equal("1×202 7×409", cancels.Statuses());
            var retries = await Race.RunAsync(8, number => number % 2 == 0
                ? _host.PostAsync($"/api/v1/builds/{first["build.id"]}/retry")
                : PublishAsync(name, "1.0.0", isBuilt: true, "other"));
            // The first retry or the first publish wins; once other bytes have the version, the same bytes again are known.
            Assert.Single(retries, answer => answer.Status is HttpStatusCode.Accepted or HttpStatusCode.Created);
            Assert.All(retries, answer => Assert.Contains((int)answer.Status, (int[])[200, 201, 202, 409]));
            var builds = (await _host.GetAsync("/api/v1/builds?state=queued&limit=200")).Items
                .Count(build => build.GetProperty("links").GetProperty("version").GetString()!.Contains($"/{name}/", StringComparison.Ordinal));
            Assert.Equal(1, builds);
        }
    }

    private Task<Answer> PublishAsync(string name, string? version, bool isBuilt, string word) => _host.PublishAsync("races", name, version,
        isBuilt ? ("step.py", Samples.Script(word)) : ("component.yaml", Samples.ExistingImage(word)));

    /// <summary>After each race: serials have no gaps, and what readers see from memory is what the database holds.</summary>
    public async ValueTask DisposeAsync()
    {
        var serials = (await _host.EventsAsync()).Select(entry => entry.GetProperty("serial").GetInt64()).ToList();
        Assert.Equal(Enumerable.Range(1, serials.Count).Select(serial => (long)serial), serials);
        var remembered = await CatalogAsync();
        await _host.Services.GetRequiredService<SnapshotFeed>().LoadAsync(CancellationToken.None);
        Assert.Equal(await CatalogAsync(), remembered);
    }

    private async Task<IReadOnlyList<string>> CatalogAsync()
    {
        // With a token, so that no kept answer is in between.
        var components = (await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/components?limit=200")).Items;
        var all = new List<string>();
        foreach (var component in components)
        {
            all.Add(component.GetRawText());
            all.Add((await _host.Admin.SendAsync(HttpMethod.Get, Path(component, "versions") + "?yanked=true")).Text);
        }
        return all;
    }

    private static string Path(JsonElement component, string link) => new Uri(component.GetProperty("links").GetProperty(link).GetString()!).PathAndQuery;
}
