using System.Text.RegularExpressions;

namespace Claimed.Components.Sources;

/// <summary>Tells from a port's name, default or description that its value is a password, token or key.</summary>
internal static partial class SecretNames
{
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "password", "passwd", "pwd", "passphrase", "secret", "secrets", "credential", "credentials", "apikey", "accesskey", "secretkey",
    };

    private static readonly HashSet<string> KeyOwners = new(StringComparer.Ordinal)
    {
        "api", "access", "secret", "private", "account", "auth", "encryption", "signing", "ssh",
    };

    /// <summary>Words before <c>pass</c> that make it one of several rounds, or a filter.</summary>
    private static readonly HashSet<string> OtherPasses = new(StringComparer.Ordinal)
    {
        "first", "second", "one", "two", "single", "multi", "forward", "backward", "low", "high", "band", "max", "min", "num", "n", "by",
    };

    /// <summary>Last words that say: this is not the secret but something about it.</summary>
    private static readonly HashSet<string> About = new(StringComparer.Ordinal)
    {
        "name", "file", "path", "url", "uri", "length", "count", "type", "column", "header", "prefix", "size", "limit", "field", "required",
    };

    public static bool IsSecret(string name)
    {
        var words = Word.Matches(name).Select(match => match.Value.ToLowerInvariant()).ToList();
        if (words.Count == 0 || About.Contains(words[^1]))
            return false;
        if (words.Any(Words.Contains) || words[^1] == "token")
            return true;
        if (words.Count > 1 && words[^1] is "pass" or "pw" && !OtherPasses.Contains(words[^2]))
            return true;
        for (var i = 1; i < words.Count; i++)
        {
            if (words[i] == "key" && KeyOwners.Contains(words[i - 1]))
                return true;
        }

        return false;
    }

    /// <summary>True for addresses with a password inside, such as <c>cos://key:secret@host/bucket</c>.</summary>
    public static bool HoldsCredentials(string? text) => text is not null && Credentials.IsMatch(text);

    /// <summary>What a publisher is told of a secret; its value is never part of it.</summary>
    public static Finding Warning(string name, bool hasDefault, SourcePosition at) => hasDefault
        ? Finding.Warning("secret-default", at, $"The source contains a default for the secret {name}; it is left out of the component.",
            "Remove the default from the source, and change the secret if it is a real one.")
        : Finding.Warning("secret-input", at, $"By its name or description, the input {name} is a secret.",
            "Pass it from a Kubernetes secret; rename the input if it is none.");

    /// <summary>The same text with the part between <c>://</c> and <c>@</c> taken out.</summary>
    public static string WithoutCredentials(string text) => Credentials.Replace(text, "://…@");

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word { get; }

    [GeneratedRegex(@"://[^\s/:@]{1,200}:[^\s/@]{1,500}@", RegexOptions.CultureInvariant)]
    private static partial Regex Credentials { get; }
}
