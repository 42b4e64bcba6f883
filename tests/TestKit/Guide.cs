using System.Text;
using System.Text.RegularExpressions;

namespace Claimed.TestKit;

/// <summary>A page of docs/clients/: its blocks of commands, to be run as they stand there.</summary>
public static partial class Guide
{
    /// <summary>The address that the pages name.</summary>
    private const string Address = "http://localhost:8080";

    /// <summary>The blocks in a language (<c>sh</c>, <c>python</c>), in order; those of several, as they follow each other.</summary>
    /// <param name="address">Stands in for the address that the page names.</param>
    public static IReadOnlyList<(string Language, string Text)> Blocks(string page, string address, params IReadOnlyList<string> languages) =>
        [.. Block.Matches(File.ReadAllText(RepositoryFolder.Of($"docs/clients/{page}.md"))).Where(match => languages.Contains(match.Groups["language"].Value))
            .Select(match => (match.Groups["language"].Value, match.Groups["text"].Value.Replace(Address, address.TrimEnd('/'), StringComparison.Ordinal)))];

    /// <summary>One script of the blocks: what is no shell goes to its program, each block by itself.</summary>
    public static string Script(IReadOnlyList<(string Language, string Text)> blocks, Func<string, string, string> program)
    {
        var script = new StringBuilder("set -euo pipefail\n");
        foreach (var (language, text) in blocks)
            script.Append(language == "sh" ? text : $"{program(language, text)} <<'END_OF_BLOCK'\n{text}END_OF_BLOCK\n");
        return script.ToString();
    }

    [GeneratedRegex(@"^```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block { get; }
}
