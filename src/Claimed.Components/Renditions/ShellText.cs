using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>Words of a POSIX shell.</summary>
public static partial class ShellText
{
    /// <summary>One word, whatever is in it.</summary>
    public static string Word(string text) => Plain.IsMatch(text) ? text : Quoted(text);

    /// <summary>One word in quotes.</summary>
    public static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"\A[A-Za-z0-9._/:@=+-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain { get; }
}
