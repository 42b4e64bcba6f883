using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Claimed.Components.Sources;

/// <summary>Whether a default is a value of its port's type.</summary>
internal static class DefaultText
{
    private const int MaxLength = 32 * 1024;

    /// <summary>The default in the form that clients parse; a default that no client could parse is dropped with a warning.</summary>
    public static (DefaultKind Kind, string? Text) Check(
        string type, DefaultKind kind, string? text, string port, SourcePosition at, List<Finding> findings)
    {
        if (kind != DefaultKind.Literal || text is null)
            return (kind, null);
        if (text.Length > MaxLength || !WholeText.Is(text))
        {
            findings.Add(Finding.Warning("default-not-text", at,
                $"The default of {port} is too long or holds characters that no environment variable can.",
                $"Use at most {MaxLength} characters of text."));
            return (DefaultKind.Computed, null);
        }

        if (Normalised(type, text) is { } normalised)
            return (kind, normalised);
        // An empty text is how many sources say "not given"; a flag copes with that, a number does not.
        if (string.IsNullOrWhiteSpace(text) && type is PortTypes.Boolean or PortTypes.JsonObject or PortTypes.JsonArray)
            return (DefaultKind.Nothing, null);
        // The source knows these, JSON does not.
        if (type == PortTypes.Float && text.Trim().TrimStart('+', '-').ToLowerInvariant() is "inf" or "infinity" or "nan")
        {
            findings.Add(Finding.Warning("default-not-of-type", at, $"The default of {port} is no number that clients know, so they show none.",
                "Use a number, or leave it as it is: the source has it still."));
            return (DefaultKind.Computed, null);
        }

        findings.Add(Finding.Warning("default-not-of-type", at,
            $"The default of {port} is no {type}, so it is left out and the input is required.",
            $"Write a default that is a {type}."));
        return (DefaultKind.Absent, null);
    }

    /// <summary>Whether a default is of the type, or says nothing of it.</summary>
    public static bool MayBe(string type, string? text) => string.IsNullOrWhiteSpace(text) || Normalised(type, text) is not null;

    /// <summary>The text as every client reads it, or null when it is not of the type.</summary>
    public static string? Normalised(string type, string text) => type switch
    {
        PortTypes.Integer => Integer(text),
        PortTypes.Float => Float(text),
        PortTypes.Boolean => IsBoolean(text) ? text.Trim() : null,
        PortTypes.JsonObject => JsonKind(text) == JsonValueKind.Object ? text : null,
        PortTypes.JsonArray => JsonKind(text) == JsonValueKind.Array ? text : null,
        _ => text,
    };

    private static string? Integer(string text)
    {
        var digits = text.Trim().Replace("_", "");
        if (digits.Length > 400)
            return null;
        if (BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return whole.ToString(CultureInfo.InvariantCulture);
        // int(30.0) is 30; as a text only "30" would be.
        return digits.EndsWith(".0", StringComparison.Ordinal)
            && BigInteger.TryParse(digits[..^2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole)
            ? whole.ToString(CultureInfo.InvariantCulture)
            : null;
    }

    private static string? Float(string text)
    {
        var digits = text.Trim().Replace("_", "");
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out _) && digits.Any(char.IsAsciiDigit) ? digits : null;
    }

    private static bool IsBoolean(string text) =>
        text.Trim().ToLowerInvariant() is "true" or "false" or "yes" or "no" or "on" or "off" or "1" or "0";

    /// <summary>What kind of JSON the text is; undefined when it is none.</summary>
    public static JsonValueKind JsonKind(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind;
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException)
        {
            return JsonValueKind.Undefined;
        }
    }
}
