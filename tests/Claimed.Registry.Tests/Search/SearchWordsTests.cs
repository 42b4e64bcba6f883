using Claimed.Registry.Http;
using Claimed.Registry.Search;
using Claimed.Registry.Storage;
using Xunit;

namespace Claimed.Registry.Tests.Search;

[Trait("Database", "any")]
public sealed class SearchWordsTests
{
    [Theory]
    [InlineData("filter-csv", "filter csv filtercsv")]
    [InlineData("read_csv_file", "read csv file readcsvfile csvfile")]
    [InlineData("inputPath HTTPServer S3Upload UTF8Reader v2Beta", "input path inputpath http server httpserver s3 upload s3upload utf8 reader utf8reader v2 beta v2beta")]
    [InlineData("GitHub", "git hub github")]
    [InlineData("Größe ÉCOLE naïve Łódź Ærø İzmir", "grosse ecole naive lodz aero izmir")]
    [InlineData("ﬁlter ＣＳＶ x² Ⅳ 𝐛𝐨𝐥𝐝", "filter csv x2 iv bold")]
    [InlineData("a & b | !c \"d\" e* NEAR(f) g:h", "a b c d e near f g h")]
    [InlineData("👩‍🔬 '; DROP TABLE--", "drop table")]
    [InlineData("🙂 — \"\" * : & | ! ( ) \u0000", "")]
    [InlineData("表データ", "表テータ テータ ータ タ")]
    public void Text_becomes_the_words_it_is_found_by(string text, string words) =>
        Assert.Equal(words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
            SearchWords.Compounds(text).SelectMany(SearchWords.Found).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_text_of_marks_alone_takes_no_longer_than_another()
    {
        var text = "be" + new string('\u0315', 64 * 1024) + new string('\u0300', 64 * 1024) + "fore";
        var words = Task.Run(() => SearchWords.Compounds(text).SelectMany(SearchWords.Found).ToList(), TestContext.Current.CancellationToken);
        Assert.Equal(["before"], await words.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("a\u0315\u0300b\u0323\u0302", "a\u0300\u0315b\u0302\u0323")]
    [InlineData("\u00e5\u0323", "a\u030a\u0323")]
    [InlineData("\u0323\u0301", "\u0301\u0323")]
    public void Marks_of_a_letter_have_one_order(string text, string ordered) => Assert.Equal(ordered, DecomposedText.Of(text));

    [Theory]
    [InlineData("filter-csv")]
    [InlineData("filtercsv")]
    [InlineData("FilterCsv")]
    [InlineData("FILTER_CSV")]
    [InlineData("filTer csv")]
    [InlineData("fil cs")]
    [InlineData("csvfi")]
    public void What_people_write_for_a_name_finds_it(string query)
    {
        var found = SearchWords.Compounds("filter-csv-file").SelectMany(SearchWords.Found).ToHashSet(StringComparer.Ordinal);
        bool Has(string word) => found.Any(known => known.StartsWith(word, StringComparison.Ordinal));
        Assert.All(SearchQuery.Read(query)!.Compounds, compound => Assert.True(compound.Words.All(Has) || (compound.Whole is { } whole && Has(whole))));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t ")]
    [InlineData("\"*\" & |")]
    public void A_query_without_a_word_asks_for_nothing(string query) => Assert.Null(SearchQuery.Read(query));

    [Fact]
    public void A_query_has_an_end()
    {
        Assert.Contains("500", Assert.Throws<RefusedException>(() => SearchQuery.Read(new string('a', 501))).Message, StringComparison.Ordinal);
        Assert.Contains("16", Assert.Throws<RefusedException>(() => SearchQuery.Read(string.Join(' ', Enumerable.Range(1, 17)))).Message, StringComparison.Ordinal);
        // The same word twice is one.
        Assert.NotNull(SearchQuery.Read(string.Join(' ', Enumerable.Repeat("word", 40))));
    }

    [Fact]
    public void Long_words_and_long_chains_stay_within_bounds()
    {
        var chain = string.Join('-', Enumerable.Range(0, 2000).Select(number => $"w{number}")) + " " + new string('x', 100_000) + new string('表', 5000);
        Assert.All(SearchWords.Compounds(chain).SelectMany(SearchWords.Found), word => Assert.InRange(word.Length, 1, 80));
    }
}
