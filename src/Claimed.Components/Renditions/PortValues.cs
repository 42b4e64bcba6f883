using System.Globalization;
using System.Text.Json;

namespace Claimed.Components.Renditions;

/// <summary>Types by their one spelling, and defaults as the text that every client reads as that type.</summary>
internal static class PortValues
{
    /// <summary>The value type that <paramref name="type"/> means, or null for a type of files.</summary>
    public static string? ValueType(string type) => Outer(type.ToLowerInvariant()) switch
    {
        "string" or "str" or "text" => PortTypes.String,
        "integer" or "int" or "long" => PortTypes.Integer,
        "float" or "double" or "number" => PortTypes.Float,
        "boolean" or "bool" => PortTypes.Boolean,
        "jsonobject" or "dict" or "dictionary" or "struct" => PortTypes.JsonObject,
        "jsonarray" or "list" => PortTypes.JsonArray,
        _ => null,
    };

    // The SDK reads typing.List[str] as a list.
    private static string Outer(string type)
    {
        var name = type.StartsWith("typing.", StringComparison.Ordinal) ? type["typing.".Length..] : type;
        return name.StartsWith("list[", StringComparison.Ordinal) || name.StartsWith("dict[", StringComparison.Ordinal) ? name[..4] : name;
    }

    /// <summary><paramref name="text"/> as clients spell a value of <paramref name="type"/>, or null when it is none.</summary>
    public static string? Spell(string type, string text) => type switch
    {
        PortTypes.Integer => Integer(text.Trim()),
        PortTypes.Float => IsFinite(text.Trim()) ? text.Trim() : null,
        PortTypes.Boolean => text.Trim().ToLowerInvariant() switch { "true" => "True", "false" => "False", _ => null },
        PortTypes.JsonObject => JsonOf(text, JsonValueKind.Object),
        PortTypes.JsonArray => JsonOf(text, JsonValueKind.Array),
        _ => text,
    };

    private static string? Integer(string text)
    {
        var digits = text.TrimStart('+', '-');
        if (digits.Length > 0 && text.Length - digits.Length <= 1 && digits.All(char.IsAsciiDigit))
            return text;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsInteger(number) && Math.Abs(number) < 1e15
            ? number.ToString("F0", CultureInfo.InvariantCulture)
            : null;
    }

    private static bool IsFinite(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);

    // The KFP v2 SDK has no word for null within a value.
    private static bool HoldsNull(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Object => element.EnumerateObject().Any(property => HoldsNull(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().Any(HoldsNull),
        _ => false,
    };

    private static string? JsonOf(string text, JsonValueKind kind)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == kind && !HoldsNull(document.RootElement) ? text : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
