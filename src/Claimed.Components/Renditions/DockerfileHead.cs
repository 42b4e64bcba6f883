using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>Comment lines at the top of a Dockerfile. Directives such as <c># escape=`</c> stay before them, because they count there alone.</summary>
public static partial class DockerfileHead
{
    /// <param name="lines">Without <c>#</c>.</param>
    public static string Put(string dockerfile, params IEnumerable<string> lines)
    {
        var directives = Directives.Match(dockerfile).Length;
        return dockerfile[..directives] + string.Concat(lines.Select(line => $"# {line}\n")) + dockerfile[directives..];
    }

    [GeneratedRegex(@"\A\uFEFF?([ \t]*#[ \t]*[A-Za-z][A-Za-z0-9]*[ \t]*=[^\n]*\n)*", RegexOptions.CultureInvariant)]
    private static partial Regex Directives { get; }
}
