using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>Instructions of a Dockerfile in forms that no text can leave.</summary>
internal static partial class DockerfileText
{
    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._/:@-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ImageReference { get; }

    /// <summary>A FROM line; an image reference has no characters that a Dockerfile could take for anything else.</summary>
    /// <exception cref="ArgumentException">The reference is none.</exception>
    public static string From(string image) => ImageReference.IsMatch(image)
        ? $"FROM {image}"
        : throw new ArgumentException($"'{image}' is not an image reference; write one such as python:3.12-slim.", nameof(image));

    /// <summary>The exec form: a JSON array on one line, which the builder neither expands nor splits.</summary>
    public static string Run(params IEnumerable<string> arguments) => "RUN " + JsonSerializer.Serialize(arguments.ToArray(), Readable);

    // Shell operators stay as people write them; quotes, backslashes and control characters are still escaped.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A label; the builder expands <c>$</c> and reads backslashes within quotes, and knows no line end there.</summary>
    public static string Label(string key, string value) => $"LABEL {Quote(key)}={Quote(value)}";

    private static string Quote(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));
        return "\"" + line.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("$", "\\$", StringComparison.Ordinal) + "\"";
    }
}
