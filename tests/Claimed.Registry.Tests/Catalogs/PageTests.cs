using System.Text;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

public sealed class PageTests(PageTests.Lists registry) : IClassFixture<PageTests.Lists>
{
    /// <summary>Three components in one namespace, the last with three versions, and as many builds.</summary>
    public sealed class Lists : SharedRegistry, IAsyncLifetime
    {
        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await base.InitializeAsync();
            foreach (var name in (string[])["one", "two", "three"])
                await Host.PublishAsync("lists", name, "1.0.0", ("step.py", Samples.Script(name)));
            await Host.PublishReadyAsync("lists", "three", "1.1.0", "a");
            await Host.PublishReadyAsync("lists", "three", "1.2.0", "b");
        }
    }

    private readonly RegistryHost _host = registry.Host;

    public static TheoryData<string> Paths =>
        ["/api/v1/components", "/api/v1/components/lists/three/versions", "/api/v1/components/lists/three/channels", "/api/v1/builds", "/api/v1/namespaces"];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_limit_outside_of_1_to_200_or_a_foreign_cursor_is_a_bad_query(string path)
    {
        var foreign = Convert.ToBase64String(Encoding.UTF8.GetBytes("others\nkey")).TrimEnd('=');
        foreach (var query in (string[])["limit=0", "limit=-1", "limit=201", "limit=2147483647", "cursor=garbage", "cursor=", "cursor=%C3%A4",
            $"cursor={foreign}", $"cursor={new string('a', 4000)}", "cursor=one", "cursor=17"])
        {
            var answer = await _host.GetAsync($"{path}?{query}");
            Assert.Equal($"{query}: 400 bad-query", $"{query}: {(int)answer.Status} {answer["type"]}");
        }
        Assert.Equal(200, (int)(await _host.GetAsync($"{path}?limit=200")).Status);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Page_by_page_a_list_is_the_whole_list(string path)
    {
        var whole = (await _host.GetAsync($"{path}?limit=200")).Items.Select(item => item.GetRawText()).ToList();
        var pages = new List<string>();
        for (var next = ""; ;)
        {
            var page = await _host.GetAsync($"{path}?limit=1{next}");
            pages.AddRange(page.Items.Select(item => item.GetRawText()));
            if (page["next"] is not { } cursor)
                break;
            next = $"&cursor={cursor}";
        }
        Assert.NotEmpty(whole);
        Assert.Equal(whole, pages);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=501")]
    public async Task Events_take_a_limit_of_1_to_500(string query) => Assert.Equal("bad-query", (await _host.GetAsync($"/api/v1/events?{query}"))["type"]);

    [Fact]
    public async Task Pages_of_versions_neither_repeat_nor_lose_one_while_others_come_and_go()
    {
        foreach (var version in (string[])["1.0.0", "1.2.0", "1.4.0", "2.0.0-rc.1", "2.0.0"])
            await _host.PublishReadyAsync("pages", "moving", version, version);
        var first = await PageAsync("");
        Assert.Equal(["2.0.0", "2.0.0-rc.1"], Versions(first));
        // One above the cursor comes, the cursor's own goes, one below comes and one goes.
        await _host.PublishReadyAsync("pages", "moving", "3.0.0", "3.0.0");
        await _host.PatchAsync("pages/moving/versions/2.0.0-rc.1", """{"yanked": true}""");
        await _host.PublishReadyAsync("pages", "moving", "1.3.0", "1.3.0");
        await _host.PatchAsync("pages/moving/versions/1.2.0", """{"yanked": true}""");
        var second = await PageAsync($"&cursor={first["next"]}");
        Assert.Equal(["1.4.0", "1.3.0"], Versions(second));
        var third = await PageAsync($"&cursor={second["next"]}");
        Assert.Equal(["1.0.0"], Versions(third));
        Assert.Null(third["next"]);

        Task<Answer> PageAsync(string cursor) => _host.ComponentAsync($"pages/moving/versions?limit=2{cursor}");
        static IEnumerable<string?> Versions(Answer page) => page.Items.Select(item => item.GetProperty("version").GetString());
    }

    [Fact]
    public async Task Pages_of_builds_stay_as_they_are_while_builds_come()
    {
        var first = await _host.GetAsync("/api/v1/builds?limit=1");
        await _host.PublishAsync("pages", "builds", "1.0.0", ("step.py", Samples.Script("later")));
        var second = await _host.GetAsync($"/api/v1/builds?limit=1&cursor={first["next"]}");
        Assert.Equal(Id(first) - 1, Id(second));

        static long Id(Answer page) => Assert.Single(page.Items).GetProperty("id").GetInt64();
    }
}
