using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>Names and texts by the rules of the Kubernetes API.</summary>
internal static partial class KubernetesText
{
    private const int LongestLabel = 63;

    /// <summary>A label's value, or null where the text cannot be one.</summary>
    public static string? Label(string text) => text.Length <= LongestLabel && LabelValue.IsMatch(text) ? text : null;

    public static bool IsEnvironmentName(string name) => EnvironmentName.IsMatch(name);

    /// <summary>The key of a secret.</summary>
    public static bool IsSecretKey(string key) => key.Length <= 253 && SecretKey.IsMatch(key) && key is not ("." or "..") && !key.StartsWith("..", StringComparison.Ordinal);

    /// <summary>A text of env, command or args that stays as it is: <c>$(NAME)</c> would be replaced, and <c>$$</c> is one <c>$</c> there.</summary>
    public static string Literal(string text) => text.Contains("$(", StringComparison.Ordinal) || text.Contains("$$", StringComparison.Ordinal)
        ? text.Replace("$", "$$", StringComparison.Ordinal)
        : text;

    [GeneratedRegex(@"\A(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValue { get; }

    // Servers before 1.30 take no others.
    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_.-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex EnvironmentName { get; }

    [GeneratedRegex(@"\A[A-Za-z0-9_.-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex SecretKey { get; }
}
