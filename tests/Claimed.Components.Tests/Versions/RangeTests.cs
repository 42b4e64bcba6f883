using System.Text.Json;
using Semver;
using Xunit;

namespace Claimed.Components.Tests.Versions;

/// <summary>Ranges mean what npm's own program says: npm-ranges.json holds what its package semver 7.8.6 answered (validRange, maxSatisfying).</summary>
public sealed class RangeTests
{
    private static readonly JsonElement Table =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Versions", "npm-ranges.json"))).RootElement;

    public static TheoryData<string> Ranges => [.. Table.GetProperty("ranges").EnumerateArray().Select(row => row.GetProperty("range").GetString()!)];

    // npm takes these without a word; each says two things at once, so they are refused.
    private static readonly string[] Refused = ["~=1.2", "^1.*.2", "^x.1", "~x.1.2"];

    [Theory]
    [MemberData(nameof(Ranges))]
    public void A_range_finds_the_version_that_npm_finds(string range)
    {
        var row = Table.GetProperty("ranges").EnumerateArray().Single(each => each.GetProperty("range").GetString() == range);
        var isRange = SemanticVersion.TryParseRange(range, out var parsed);
        Assert.Equal(row.GetProperty("valid").GetBoolean() && !Refused.Contains(range), isRange);
        if (!isRange || parsed is null)
            return;
        foreach (var set in Table.GetProperty("sets").EnumerateObject())
        {
            var highest = set.Value.EnumerateArray().Select(number => SemVersion.Parse(number.GetString()!, SemVersionStyles.Strict))
                .Where(parsed.Contains).Order(SemVersion.PrecedenceComparer).LastOrDefault();
            Assert.Equal($"{set.Name}: {row.GetProperty(set.Name)}", $"{set.Name}: {highest}");
        }
    }
}
