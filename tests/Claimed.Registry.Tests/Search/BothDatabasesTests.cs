using Claimed.Components;
using Claimed.Registry.Search;
using Claimed.Registry.Storage.Snapshot;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Search;

/// <summary>SQLite and PostgreSQL, side by side, find the same components in the same order, and both what the words say.</summary>
[Trait("Database", "own")]
public sealed class BothDatabasesTests : IAsyncLifetime
{
    private const int Components = 220;

    private static readonly string[] Words =
    [
        "filter", "filterCsv", "filter_csv", "filter-csv", "csv", "CSV2Parquet", "HTTPServer", "Größe", "groesse", "ÜBERGANG", "übergang", "naïve", "Łódź", "straße", "STRASSE", "ﬁle", "file", "ＦＩＬＥ",
        "表データを読む", "データ", "数据集", "데이터", "набор", "ДАННЫХ", "δεδομένα", "ΔΕΔΟΜΈΝΑ", "مجموعة", "ข้อมูล", "🙂", "👩‍🔬🙂", "a_b_c_d", "x", "v1.2.3", "sha256:9f86", "O'Reilly", "\"quoted\"", "NEAR", "AND", "OR", "NOT",
        "a & b | !c", "{curly}", "(round)", "col:on", "^start", "end*", "50%", "under_score", "back\\slash", "semi;colon", "--", "/* c */", "'; DROP TABLE search_index; --", "null", "𝐛𝐨𝐥𝐝", "İstanbul", "ıldız", "I",
    ];

    private readonly string _data = Directory.CreateTempSubdirectory("claimed-both-").FullName;
    private PostgresServer _server = null!;
    private RegistryHost _sqlite = null!;
    private RegistryHost _postgres = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync("fsync=off");
        var (one, other) = (Path.Combine(_data, "sqlite"), Path.Combine(_data, "postgres"));
        Directory.CreateDirectory(one);
        Directory.CreateDirectory(other);
        _sqlite = await RegistryHost.StartAsync(TestDatabase.OnSqlite(one), one);
        _postgres = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Database:Provider"] = "Postgres", ["Database:ConnectionString"] = await _server.CreateDatabaseAsync() }, other);
        await Task.WhenAll(FillAsync(_sqlite), FillAsync(_postgres));
    }

    public async ValueTask DisposeAsync()
    {
        await _sqlite.DisposeAsync();
        await _postgres.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Both_find_the_same_in_the_same_order_page_by_page_and_it_is_what_has_the_words()
    {
        var catalog = _sqlite.Services.GetRequiredService<SnapshotFeed>().Current.Components.Values.ToList();
        Assert.Equal(Components + 1, catalog.Count);
        var texts = new Dictionary<string, Dictionary<string, SearchWeight>>(StringComparer.Ordinal);
        foreach (var component in catalog)
            texts[component.Subject] = WordsOf(component);
        var found = 0;
        foreach (var query in Queries())
        {
            var here = await AllAsync(_sqlite, query);
            Assert.Equal(here, await AllAsync(_postgres, query));
            Assert.Equal(here.Count, here.Distinct().Count());
            if (SearchQuery.Read(query) is not { } asked)
                continue;
            found += here.Count;
            var expected = texts.Select(text => (Subject: text.Key, Weight: WeightOf(asked, text.Value))).Where(text => text.Weight is not null)
                .OrderBy(text => text.Weight).ThenBy(text => text.Subject, StringComparer.Ordinal).Select(text => text.Subject);
            Assert.Equal(expected, here);
        }
        Assert.InRange(found, 1000, int.MaxValue);
    }

    [Fact]
    public async Task Both_count_the_same()
    {
        foreach (var query in new[] { "facets=true", "facets=true&q=filter", "facets=true&input=Dataset&q=c", "facets=true&tag=csv", "facets=true&category=transform&output=model" })
            Assert.Equal(Counts(await _sqlite.ComponentAsync("?limit=1&" + query)), Counts(await _postgres.ComponentAsync("?limit=1&" + query)));
        static string Counts(Answer answer) => $"{answer["total"]} {answer["facets"]}";
    }

    private static IEnumerable<string> Queries()
    {
        var random = new Random(7);
        foreach (var word in Words)
            yield return word;
        for (var turn = 0; turn < 150; turn++)
        {
            var words = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Words[random.Next(Words.Length)]).Select(word => word[..Cut(word, random)]);
            yield return string.Join(random.Next(4) == 0 ? "-" : " ", words);
        }
        foreach (var odd in new[] { "\"*\"", "a*b*c", ":*", "!!!", "' OR '1'='1", "NEAR(a b, 2)", "Tokens:x", "a<->b", "zz" })
            yield return odd;
    }

    // Never between the halves of a character.
    private static int Cut(string word, Random random) => random.Next(3) == 0 ? WholeText.Cut(word, 0, random.Next(1, word.Length + 1)) : word.Length;

    private static async Task<IReadOnlyList<string>> AllAsync(RegistryHost host, string query)
    {
        var subjects = new List<string>();
        string? cursor = null;
        do
        {
            var answer = await host.ComponentAsync($"?limit=60&q={Uri.EscapeDataString(query)}{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            Assert.True(answer.Status == System.Net.HttpStatusCode.OK, $"{query}: {answer.Text}");
            subjects.AddRange(answer.Items.Select(item => $"{item.GetProperty("namespace").GetString()}/{item.GetProperty("name").GetString()}"));
            cursor = answer["next"];
        }
        while (cursor is not null);
        return subjects;
    }

    private static Dictionary<string, SearchWeight> WordsOf(ComponentEntry component)
    {
        var readme = component.Name == "with-readme" ? (ReadOnlyMemory<byte>?)System.Text.Encoding.UTF8.GetBytes(Readme) : null;
        return SearchText.Of(component, component.Shown, readme).Words.Split(' ').ToDictionary(token => token[1..], token => (SearchWeight)(token[0] - 'a' + 1), StringComparer.Ordinal);
    }

    /// <summary>The worst of the best places of the words, one after the other; null when one is missing.</summary>
    private static SearchWeight? WeightOf(SearchQuery query, Dictionary<string, SearchWeight> words)
    {
        SearchWeight? Best(string word) => words.Where(known => known.Key.StartsWith(word, StringComparison.Ordinal)).Min(known => (SearchWeight?)known.Value);
        SearchWeight? worst = SearchWeight.Name;
        foreach (var (asked, whole) in query.Compounds)
        {
            var parts = asked.Select(Best).ToList();
            SearchWeight?[] ways = [parts.Contains(null) ? null : parts.Max(), whole is null ? null : Best(whole)];
            worst = ways.Min() is { } best && worst is { } before ? (SearchWeight)Math.Max((int)best, (int)before) : null;
        }
        return worst;
    }

    private const string Readme = "# Ｒｅａｄ me\n\nfilter csv, übergang; データ `a_b_c` \"NEAR\" <script>alert('x')</script>\n";

    /// <summary>The same corpus each time: names within their grammar, everything else as people write it.</summary>
    private static async Task FillAsync(RegistryHost host)
    {
        await host.PublishAsync("corpus", "with-readme", "1.0.0", ("component.yaml", Samples.ExistingImage()), ("README.md", Readme));
        var random = new Random(3);
        for (var index = 0; index < Components; index++)
        {
            await host.SeedAsync(new()
            {
                Namespace = $"space-{index % 5}",
                Name = $"{(index % 3 == 0 ? "filter-csv" : index % 3 == 1 ? "train-x" : "data")}-{index}",
                DisplayName = Text(2),
                Description = Text(6),
                Category = index % 4 == 0 ? null : index % 4 == 1 ? "Transform" : Words[random.Next(Words.Length)],
                Group = index % 3 == 0 ? Words[random.Next(Words.Length)] : null,
                Tags = index % 2 == 0 ? ["csv", Words[random.Next(Words.Length)]] : [],
                Inputs = [new Port { Name = Words[random.Next(20)], Type = index % 2 == 0 ? "Dataset" : "String", Description = Text(3) }],
                Outputs = [new Port { Name = "result", Type = index % 5 == 0 ? "Model" : "Dataset", Passing = PortPassing.File }],
            });
        }
        string Text(int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[random.Next(Words.Length)]));
    }
}
