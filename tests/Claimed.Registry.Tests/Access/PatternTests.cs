using Claimed.Registry.Access;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Properties of patterns and scopes, over many made-up ones.</summary>
[Trait("Database", "any")]
public sealed class PatternTests
{
    private static readonly string[] Spaces = ["acme", "ac", "acme-x", "b"];
    private static readonly string[] Names = ["filter", "filter-csv", "fil", "filter-x", "a", "csv"];

    private static IEnumerable<SubjectPattern> Patterns =>
        new[] { "*" }.Concat(Spaces.SelectMany(space => Names.SelectMany(name => new[] { $"{space}/*", $"{space}/{name}", $"{space}/{name}*", $"{space}/{name}-*" })))
            .Select(text => SubjectPattern.TryParse(text, out var pattern) ? pattern : throw new InvalidOperationException(text)).Distinct();

    [Fact]
    public void A_pattern_that_lies_within_another_covers_nothing_that_the_other_does_not()
    {
        foreach (var inner in Patterns)
        {
            foreach (var outer in Patterns)
            {
                var isSubset = Spaces.All(space => Names.Append(null).All(name => !inner.Covers(space, name) || outer.Covers(space, name)));
                if (inner.IsWithin(outer))
                    Assert.True(isSubset, $"{inner} in {outer}");
                // The other way round it may say no where the names at hand do not tell the two apart.
                if (!isSubset)
                    Assert.False(inner.IsWithin(outer), $"{inner} in {outer}");
            }
            Assert.True(inner.IsWithin(inner) && inner.IsWithin(SubjectPattern.All), inner.ToString());
        }
    }

    [Fact]
    public void A_pattern_is_written_as_it_is_read()
    {
        foreach (var pattern in Patterns)
        {
            Assert.True(SubjectPattern.TryParse(pattern.ToString(), out var again), pattern.ToString());
            Assert.Equal(pattern, again);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("acme")]
    [InlineData("acme/")]
    [InlineData("*/x")]
    [InlineData("acme/a*b")]
    [InlineData("acme/**")]
    [InlineData("Acme/*")]
    [InlineData("acme/x/y")]
    [InlineData("acme/-x")]
    [InlineData("api/*")]
    [InlineData("acme/tool\n")]
    public void What_is_no_pattern_is_refused(string text) => Assert.False(SubjectPattern.TryParse(text, out _));

    [Fact]
    public void A_namespace_itself_is_covered_by_patterns_over_all_of_it_alone() =>
        Assert.Equal(["*", "acme/*"], Patterns.Where(pattern => pattern.Covers("acme", null)).Select(pattern => pattern.ToString()).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_deed_needs_a_scope_that_has_a_word_and_words_are_read_as_they_are_written()
    {
        foreach (var deed in Enum.GetValues<Deed>())
            Assert.NotEmpty(ScopeWords.Of(deed.NeededScope()));
        for (var scopes = Scopes.None; scopes <= Scopes.All; scopes++)
        {
            Assert.True(ScopeWords.TryRead(ScopeWords.Of(scopes), out var read, out _));
            Assert.Equal(scopes, read);
        }
        Assert.False(ScopeWords.TryRead(["pull", "all"], out _, out var unknown));
        Assert.Equal("all", unknown);
        Assert.False(ScopeWords.TryRead(["none"], out _, out _));
    }
}
