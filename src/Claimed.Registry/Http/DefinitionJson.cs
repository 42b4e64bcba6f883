using System.Text.Json;
using System.Text.Json.Serialization;
using Claimed.Components;

namespace Claimed.Registry.Http;

/// <summary>Definitions as JSON for the database; the digest of this text is the version's definition digest.</summary>
public static class DefinitionJson
{
    private static readonly JsonSerializerOptions Options = Make();

    public static string Write(Definition definition) => JsonSerializer.Serialize(definition, Options);

    public static Definition Read(string text) =>
        JsonSerializer.Deserialize<Definition>(text, Options) ?? throw new InvalidDataException("The stored definition is JSON null.");

    public static Definition Read(ReadOnlySpan<byte> text) =>
        JsonSerializer.Deserialize<Definition>(text, Options) ?? throw new InvalidDataException("The stored definition is JSON null.");

    private static JsonSerializerOptions Make()
    {
        var options = Json.Configure(new JsonSerializerOptions());
        options.Converters.Add(new CommandPartConverter());
        return options;
    }

    /// <summary>A command part as <c>{"text": …}</c>, <c>{"inputValue": …}</c>, <c>{"concat": […]}</c>…, the words of the KFP format.</summary>
    private sealed class CommandPartConverter : JsonConverter<CommandPart>
    {
        private sealed record Stored(
            string? Text, string? InputValue, string? InputPath, string? OutputPath, string? InputUri, string? OutputUri, IReadOnlyList<CommandPart>? Concat,
            string? IsPresent, string? Condition, IReadOnlyList<CommandPart>? Then, IReadOnlyList<CommandPart>? Else);

        private static readonly Stored Empty = new(null, null, null, null, null, null, null, null, null, null, null);

        public override CommandPart Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<Stored>(ref reader, options) switch
            {
                { Text: { } text } => new CommandPart.Text(text),
                { InputValue: { } port } => new CommandPart.InputValue(port),
                { InputPath: { } port } => new CommandPart.InputPath(port),
                { OutputPath: { } port } => new CommandPart.OutputPath(port),
                { InputUri: { } port } => new CommandPart.InputUri(port),
                { OutputUri: { } port } => new CommandPart.OutputUri(port),
                { Concat: { } parts } => new CommandPart.Concat(parts),
                { Then: { } then } stored => new CommandPart.If(stored.IsPresent, stored.Condition, then, stored.Else ?? []),
                _ => throw new JsonException("An unknown command part is stored."),
            };

        public override void Write(Utf8JsonWriter writer, CommandPart value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value switch
            {
                CommandPart.Text part => Empty with { Text = part.Value },
                CommandPart.InputValue part => Empty with { InputValue = part.Port },
                CommandPart.InputPath part => Empty with { InputPath = part.Port },
                CommandPart.OutputPath part => Empty with { OutputPath = part.Port },
                CommandPart.InputUri part => Empty with { InputUri = part.Port },
                CommandPart.OutputUri part => Empty with { OutputUri = part.Port },
                CommandPart.Concat part => Empty with { Concat = part.Parts },
                CommandPart.If part => Empty with { IsPresent = part.IsPresent, Condition = part.Condition, Then = part.Then, Else = part.Else },
                _ => throw new JsonException($"No form for {value.GetType().Name}."),
            }, options);
    }
}
