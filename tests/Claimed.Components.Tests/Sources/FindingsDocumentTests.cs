using System.Text.RegularExpressions;
using Xunit;

namespace Claimed.Components.Tests.Sources;

/// <summary>docs/findings.md against the program and its tests: no code without an explanation, and none that nothing gives.</summary>
public sealed partial class FindingsDocumentTests
{
    private static readonly string Program = Texts("src", "*.cs");

    private static readonly List<string> Explained = [.. File.ReadLines(Path.Combine(Reading.Repository, "docs", "findings.md"))
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .SelectMany(line => Quoted.Matches(line.Split('|')[1]))
        .Select(match => match.Groups["code"].Value)];

    [Fact]
    public void Every_finding_of_the_program_is_explained()
    {
        var codes = Given.Matches(Program).Select(match => match.Groups["code"].Value).Distinct().ToList();

        Assert.InRange(codes.Count, 130, 300);
        Assert.Empty(codes.Except(Explained));
    }

    [Fact]
    public void Every_explained_finding_is_one_that_the_program_gives_and_that_a_test_expects()
    {
        var tests = Texts("tests", "*.cs") + Texts(Path.Combine("tests", "Claimed.Components.Tests", "Golden"), "findings.json");

        Assert.Equal(Explained.Distinct().Order(), Explained.Order());
        // Codes about inputs and about outputs share their end.
        Assert.All(Explained, code => Assert.True(Program.Contains($"\"{code}\"", StringComparison.Ordinal) || Program.Contains($"}}{Direction.Replace(code, "")}\"", StringComparison.Ordinal), code));
        Assert.All(Explained, code => Assert.True(Regex.IsMatch(tests, $"[\" ]{code}\""), code));
    }

    private static string Texts(string folder, string pattern) => string.Join('\n', Directory.EnumerateFiles(Path.Combine(Reading.Repository, folder), pattern, SearchOption.AllDirectories)
        .Where(file => !Built.IsMatch(file)).Select(File.ReadAllText));

    /// <summary>A slug as the first argument of a finding, or of a tuple that becomes one.</summary>
    [GeneratedRegex("""(Error|Warning|Suggestion|new Finding|new|\? |: )\(\s*"(?<code>[a-z0-9]+(-[a-z0-9]+)+)",""")]
    private static partial Regex Given { get; }

    [GeneratedRegex("`(?<code>[a-z0-9-]+)`")]
    private static partial Regex Quoted { get; }

    [GeneratedRegex("^(input|output)(?=-)")]
    private static partial Regex Direction { get; }

    // Causes of failed builds are no findings.
    [GeneratedRegex(@"[/\\](bin|obj|Failures)[/\\]")]
    private static partial Regex Built { get; }
}
