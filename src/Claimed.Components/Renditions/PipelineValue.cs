using System.Globalization;
using System.Text.Json;

namespace Claimed.Components.Renditions;

/// <summary>Defaults as typed values; numbers are floating ones there, whatever the type.</summary>
internal static class PipelineValue
{
    /// <param name="type">A value type of <see cref="PortTypes"/>.</param>
    /// <param name="text">A default that parses as it.</param>
    public static object Of(string type, string text) => type switch
    {
        PortTypes.Integer or PortTypes.Float => Number(text) ?? text,
        PortTypes.Boolean => text == "True" ? YamlBare.True : YamlBare.False,
        PortTypes.JsonObject or PortTypes.JsonArray => OfJson(text),
        _ => text,
    };

    private static object OfJson(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Element(document.RootElement);
    }

    private static object Element(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => Object(element),
        JsonValueKind.Array => element.EnumerateArray().Select(Element).ToList(),
        JsonValueKind.Number => Number(element.GetRawText()) ?? element.GetRawText(),
        JsonValueKind.True => YamlBare.True,
        JsonValueKind.False => YamlBare.False,
        JsonValueKind.Null => YamlBare.Null,
        _ => element.GetString()!,
    };

    // Of a key that stands twice the last counts, as Python reads it.
    private static YamlMap Object(JsonElement element)
    {
        var map = new YamlMap();
        foreach (var property in element.EnumerateObject().GroupBy(property => property.Name, StringComparer.Ordinal))
            map.AddEvenEmpty(property.Key, Element(property.Last().Value));
        return map;
    }

    private static object? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? YamlBare.Of(number) : null;
}
