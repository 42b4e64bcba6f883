using System.Text.RegularExpressions;
using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed partial class FindingsDocumentTests
{
    [Fact]
    public void Every_finding_of_the_readers_is_explained()
    {
        var document = File.ReadAllText(Path.Combine(Reading.Repository, "docs", "findings.md"));
        var codes = Directory.EnumerateFiles(Path.Combine(Reading.Repository, "src", "Claimed.Components", "Sources"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Code.Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["code"].Value)
            .Distinct()
            .ToList();

        Assert.InRange(codes.Count, 70, 200);
        Assert.All(codes, code => Assert.Contains($"`{code}`", document, StringComparison.Ordinal));
    }

    /// <summary>A slug as the first argument of a finding, or of a tuple that becomes one.</summary>
    [GeneratedRegex("""(Error|Warning|Suggestion|new Finding|\? |: )\(\s*"(?<code>[a-z0-9]+(-[a-z0-9]+)+)",""")]
    private static partial Regex Code { get; }
}
