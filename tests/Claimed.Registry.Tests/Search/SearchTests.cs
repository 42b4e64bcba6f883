using System.Net;
using Claimed.Components;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Search;

/// <summary>What people find, in which order, with which counts.</summary>
public sealed class SearchTests(SearchTests.Catalog registry) : IClassFixture<SearchTests.Catalog>
{
    /// <summary>Each place of a word has a component; ports of several types; a private namespace.</summary>
    public sealed class Catalog : SharedRegistry, IAsyncLifetime
    {
        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await base.InitializeAsync();
            await Host.PublishAsync("found", "by-readme", "1.0.0", ("component.yaml", Samples.ExistingImage()), ("README.md", "# Greet\n\nA word of *quokkas* and <b>Größe</b>.\n"));
            await Host.SeedAsync(new() { Namespace = "found", Name = "quokka-names" });
            await Host.SeedAsync(new() { Namespace = "found", Name = "by-title", DisplayName = "Counts Quokkas" });
            await Host.SeedAsync(new() { Namespace = "found", Name = "by-tag", Tags = ["quokka"] });
            await Host.SeedAsync(new() { Namespace = "found", Name = "by-description", Description = "Feeds a quokka." });
            await Host.SeedAsync(new() { Namespace = "found", Name = "by-port", Inputs = [Port("quokkaTable", "Dataset")] });
            await Host.SeedAsync(new() { Namespace = "typed", Name = "train", Category = "Train", Group = "Trees", Tags = ["ml", "csv"], Inputs = [Port("rows", "Dataset")], Outputs = [Port("model", "Model")] });
            await Host.SeedAsync(new() { Namespace = "typed", Name = "predict", Category = "Score", Group = "Trees", Tags = ["ML"], Inputs = [Port("rows", "Dataset"), Port("model", "Model")], Outputs = [Port("scores", "Dataset")] });
            await Host.SeedAsync(new() { Namespace = "typed", Name = "split", Category = "score", Tags = ["csv", "CSV"], Inputs = [Port("rows", "Dataset")], Outputs = [Port("left", "Dataset"), Port("right", "Dataset")] });
            await Host.SeedAsync(new() { Namespace = "typed", Name = "gone", Category = "Score", Yanked = true });
            await Host.CreateNamespaceAsync("secretly", isPrivate: true, ("sela", "reader"));
            await Host.SeedAsync(new() { Namespace = "secretly", Name = "quokka", DisplayName = "quokka", Category = "Score", Inputs = [Port("rows", "Dataset")], Outputs = [Port("model", "Model")] });
        }

        private static Port Port(string name, string type) => new() { Name = name, Type = type, Passing = PortTypes.IsValue(type) ? PortPassing.Value : PortPassing.File };
    }

    private readonly RegistryHost _host = registry.Host;

    private static string[] Names(Answer answer) => [.. answer.Items.Select(item => item.GetProperty("name").GetString()!)];

    private async Task<string[]> FindAsync(string query) => Names(await _host.ComponentAsync(query));

    [Theory]
    [InlineData("quokka")]
    [InlineData("QUOK")]
    [InlineData("quökk")]
    public async Task The_better_the_place_of_a_word_the_earlier_the_component_comes(string word) =>
        Assert.Equal(["quokka-names", "by-tag", "by-title", "by-description", "by-port", "by-readme"], await FindAsync($"?q={Uri.EscapeDataString(word)}"));

    [Theory]
    [InlineData("grosse", "by-readme")]
    [InlineData("GRÖSSE", "by-readme")]
    [InlineData("quokka table", "by-port")]
    [InlineData("quokkatable", "by-port")]
    [InlineData("dataset quok", "by-port by-readme")]
    [InlineData("quokka giraffe", "")]
    [InlineData("uokka", "")]
    [InlineData("typed trees ml", "train predict")]
    public async Task All_words_must_be_there_and_each_may_be_a_beginning(string words, string names) =>
        Assert.Equal(names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), (await FindAsync($"?q={Uri.EscapeDataString(words)}")).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("input=Dataset&output=Model", "train")]
    [InlineData("input=dataset&output=MODEL&q=tree", "train")]
    [InlineData("input=Model", "predict")]
    [InlineData("namespace=typed&output=Dataset", "predict split")]
    [InlineData("output=Model&q=quokka", "")]
    public async Task A_component_is_found_by_what_it_takes_and_gives(string query, string names) =>
        Assert.Equal(names.Split(' ', StringSplitOptions.RemoveEmptyEntries), await FindAsync($"?{query}"));

    [Fact]
    public async Task Facets_count_the_whole_result_and_a_filter_does_not_count_against_its_own()
    {
        var all = await _host.ComponentAsync("?namespace=typed&facets=true&limit=1");
        Assert.Equal(3, all.Json.GetProperty("total").GetInt32());
        Assert.Single(all.Items);
        Assert.Equal(["Score 2", "Train 1"], Facet(all, "category"));
        Assert.Equal(["Trees 2"], Facet(all, "group"));
        Assert.Equal(["csv 2", "ML 2"], Facet(all, "tag"));
        Assert.Equal(["Dataset 3", "Model 1"], Facet(all, "input"));
        Assert.Equal(["Dataset 2", "Model 1"], Facet(all, "output"));
        Assert.Contains("found 6", Facet(all, "namespace"));

        var narrow = await _host.ComponentAsync("?namespace=typed&facets=true&category=SCORE");
        Assert.Equal(2, narrow.Json.GetProperty("total").GetInt32());
        Assert.Equal(["Score 2", "Train 1"], Facet(narrow, "category"));
        Assert.Equal(["Trees 1"], Facet(narrow, "group"));
        Assert.Equal(["csv 1", "ML 1"], Facet(narrow, "tag"));

        var words = await _host.ComponentAsync("?q=trees&facets=true");
        Assert.Equal(["typed 2"], Facet(words, "namespace"));
        Assert.False((await _host.ComponentAsync("?q=trees")).Json.TryGetProperty("facets", out _));

        static string[] Facet(Answer answer, string name) =>
            [.. answer.Json.GetProperty("facets").GetProperty(name).EnumerateArray().Select(entry => $"{entry.GetProperty("value").GetString()} {entry.GetProperty("count").GetInt32()}")];
    }

    [Fact]
    public async Task What_a_reader_does_not_see_is_neither_found_nor_counted_nor_told_by_the_order()
    {
        using var sela = _host.With(await _host.TokenAsync("sela"));
        Assert.Contains("quokka", Names(await sela.SendAsync(HttpMethod.Get, "/api/v1/components?q=quokka")));
        foreach (var query in new[] { "?q=quokka&facets=true", "?q=secretly&facets=true", "?q=secretly", "?namespace=secretly&facets=true", "?input=Dataset&output=Model&facets=true", "?facets=true", "?q=rows&facets=true" })
        {
            var before = await _host.ComponentAsync(query);
            Assert.DoesNotContain("secretly", before.Text, StringComparison.Ordinal);
            // The same as when there is nothing of it.
            await SetAsync("public");
            if (query != "?namespace=secretly&facets=true")
                Assert.NotEqual(before.Text, (await _host.ComponentAsync(query)).Text);
            await SetAsync("private");
            Assert.Equal(before.Text, (await _host.ComponentAsync(query)).Text);
        }
        Task SetAsync(string visibility) => _host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/secretly", new { visibility });
    }

    [Fact]
    public async Task Pages_in_the_order_of_relevance_repeat_and_lose_nothing_while_others_publish()
    {
        foreach (var name in new[] { "zebra-b", "zebra-d", "zebra-f" })
            await _host.SeedAsync(new() { Namespace = "paged", Name = name });
        await _host.SeedAsync(new() { Namespace = "paged", Name = "striped", Description = "Not a zebra." });
        var first = await _host.ComponentAsync("?q=zebra&limit=2");
        Assert.Equal(["zebra-b", "zebra-d"], Names(first));
        // One before the cursor, two behind it: the last for its name, the other for its description.
        await _host.SeedAsync(new() { Namespace = "paged", Name = "zebra-a" });
        await _host.SeedAsync(new() { Namespace = "paged", Name = "zebra-e" });
        await _host.SeedAsync(new() { Namespace = "paged", Name = "also", Description = "zebra" });
        var second = await NextAsync(first);
        Assert.Equal(["zebra-e", "zebra-f"], Names(second));
        var third = await NextAsync(second);
        Assert.Equal(["also", "striped"], Names(third));
        Assert.Null(third["next"]);
        // A cursor is of its words, and of lists with words.
        foreach (var other in new[] { "?q=quokka&limit=2", "?limit=2" })
            Assert.Equal((HttpStatusCode.BadRequest, "bad-query"), await StatusAsync($"{other}&cursor={Uri.EscapeDataString(first["next"]!)}"));
        Assert.Equal("zebra-e", Names(await _host.ComponentAsync($"?q=ZEBRA&limit=2&cursor={Uri.EscapeDataString(first["next"]!)}"))[0]);

        Task<Answer> NextAsync(Answer page) => _host.ComponentAsync($"?q=zebra&limit=2&cursor={Uri.EscapeDataString(page["next"]!)}");
    }

    [Fact]
    public async Task A_query_that_is_too_long_or_holds_what_no_text_has_is_a_400_and_one_without_words_asks_for_all()
    {
        Assert.Equal((HttpStatusCode.BadRequest, "bad-query"), await StatusAsync($"?q={new string('a', 5_000)}"));
        Assert.Equal((HttpStatusCode.BadRequest, "bad-query"), await StatusAsync($"?q={string.Join('+', Enumerable.Range(0, 100))}"));
        Assert.Equal((HttpStatusCode.BadRequest, "bad-request"), await StatusAsync("?q=a%00b"));
        Assert.Equal((HttpStatusCode.BadRequest, "bad-request"), await StatusAsync("?facets=perhaps"));
        var all = await _host.ComponentAsync("?namespace=found");
        foreach (var none in new[] { "", "%20", "%22*%22", "%F0%9F%99%82", "%26%7C!()" })
            Assert.Equal(all.Text, (await _host.ComponentAsync($"?namespace=found&q={none}")).Text);
    }

    [Fact]
    public async Task An_answer_to_words_has_a_tag_that_holds_until_something_changes()
    {
        var first = await _host.ComponentAsync("?q=marmot");
        Assert.Equal(HttpStatusCode.NotModified, (await _host.ComponentAsync("?q=marmot", ("If-None-Match", first.ETag!))).Status);
        await _host.SeedAsync(new() { Namespace = "later", Name = "marmot" });
        var second = await _host.ComponentAsync("?q=marmot", ("If-None-Match", first.ETag!));
        Assert.Equal((HttpStatusCode.OK, "marmot"), (second.Status, Names(second).Single()));
    }

    private async Task<(HttpStatusCode, string?)> StatusAsync(string query) => await _host.ComponentAsync(query) is var answer ? (answer.Status, answer["type"]) : default;
}
