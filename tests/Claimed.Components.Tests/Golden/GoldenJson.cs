using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claimed.Components.Tests.Golden;

/// <summary>Definitions and findings as JSON that is easy to compare: one value a line, nothing that says only what is usual.</summary>
internal static class GoldenJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(), new PositionText(), new CommandText() },
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options) + "\n";

    /// <summary>A place as <c>file:line:column</c>, in a notebook with cell and line in it.</summary>
    private sealed class PositionText : JsonConverter<SourcePosition>
    {
        public override SourcePosition Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("These files are compared as text.");

        public override void Write(Utf8JsonWriter writer, SourcePosition value, JsonSerializerOptions options) =>
            writer.WriteStringValue($"{value.File}:{value.Line}:{value.Column}" + (value.Cell > 0 ? $" cell {value.Cell}:{value.CellLine}" : ""));
    }

    /// <summary>A command part in the words of the KFP format.</summary>
    private sealed class CommandText : JsonConverter<CommandPart>
    {
        public override CommandPart Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("These files are compared as text.");

        public override void Write(Utf8JsonWriter writer, CommandPart value, JsonSerializerOptions options)
        {
            object text = value switch
            {
                CommandPart.Text part => part.Value,
                CommandPart.InputValue part => new { inputValue = part.Port },
                CommandPart.InputPath part => new { inputPath = part.Port },
                CommandPart.OutputPath part => new { outputPath = part.Port },
                CommandPart.InputUri part => new { inputUri = part.Port },
                CommandPart.OutputUri part => new { outputUri = part.Port },
                CommandPart.Concat part => new { concat = part.Parts },
                CommandPart.If part => new { @if = new { part.IsPresent, part.Condition, part.Then, part.Else } },
                _ => throw new JsonException($"No form for {value.GetType().Name}."),
            };
            JsonSerializer.Serialize(writer, text, options);
        }
    }
}
