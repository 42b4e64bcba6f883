using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claimed.Registry.Http;

/// <summary>Refuses U+0000 where JSON is read: no text of the databases can hold it. Half a character is refused by the reader itself.</summary>
internal sealed class StorableTextConverter : JsonConverter<string>
{
    private const string Refused = "The text holds U+0000, which cannot be stored. Remove \\u0000.";

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Checked(reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString()!,
        JsonTokenType.Null => null,
        _ => throw new JsonException("A text is wanted here."),
    });

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Checked(reader.GetString())!;

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    private static string? Checked(string? text) => text is not null && text.Contains('\0') ? throw new JsonException(Refused) : text;
}
