using Claimed.Components.Tests.Sources;
using Xunit;

namespace Claimed.Components.Tests.Golden;

/// <summary>
/// Each folder beside this file is one upload: <c>source/</c> has its files, <c>expected/</c> what is made of them. A change of code that
/// should change no component leaves every file as it is; one that should is seen file by file.
/// </summary>
public sealed class GoldenTests
{
    private const string Rewrite = "UPDATE_GOLDEN=1 dotnet test tests/Claimed.Components.Tests";

    private static readonly string Folder = Path.Combine(Reading.Repository, "tests", "Claimed.Components.Tests", "Golden");

    private static readonly List<GoldenSource> Sources = [.. Directory.EnumerateDirectories(Folder).Order(StringComparer.Ordinal).Select(folder => new GoldenSource(folder))];

    [Fact]
    public void Every_source_gives_the_definition_the_findings_and_the_forms_that_are_kept()
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            Sources.ForEach(source => source.Keep());
        var differences = Sources.SelectMany(source => source.Differences()).ToList();
        Assert.True(differences.Count == 0,
            $"{differences.Count} files differ. If they should, rewrite them and read what changed: {Rewrite}\n\n{string.Join("\n", differences.Take(20))}");
    }

    [Fact]
    public void The_sources_are_of_every_language_and_some_are_refused()
    {
        Assert.True(Sources.Count >= 40, $"Only {Sources.Count} sources.");
        Assert.Equal(Enum.GetValues<SourceLanguage>(), Sources.Select(source => source.Reading.Definition?.Language).OfType<SourceLanguage>().Distinct().Order());
        Assert.NotInRange(Sources.Count(source => source.Refused), 0, 5);
    }
}
