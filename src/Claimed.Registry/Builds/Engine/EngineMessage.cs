using System.Text.Json;

namespace Claimed.Registry.Builds.Engine;

/// <summary>One message of a build, pull or push, as Docker and Podman both write it.</summary>
/// <param name="Text">Output of a build.</param>
/// <param name="Status">What happens to a layer, or to all.</param>
/// <param name="Layer">The layer of <paramref name="Status"/>.</param>
/// <param name="IsProgress">A bar that moved: a sign of life and no line of a log.</param>
/// <param name="Error">What ended the work.</param>
/// <param name="ImageId">The image that was made.</param>
/// <param name="Digest">The manifest that was pushed.</param>
internal sealed record EngineMessage(string? Text, string? Status, string? Layer, bool IsProgress, string? Error, string? ImageId, string? Digest)
{
    /// <exception cref="JsonException">The line was cut off.</exception>
    public static EngineMessage Of(string line)
    {
        var message = JsonElement.Parse(line);
        if (message.ValueKind != JsonValueKind.Object)
            throw new JsonException("A message of the engine is no object.");
        var aux = Property(message, "aux");
        return new EngineMessage(
            TextOf(message, "stream"), TextOf(message, "status"), TextOf(message, "id"), IsMoving(Property(message, "progressDetail")),
            TextOf(Property(message, "errorDetail"), "message") ?? TextOf(message, "error"), TextOf(aux, "ID"), TextOf(aux, "Digest"));
    }

    private static bool IsMoving(JsonElement? progress) => progress is { ValueKind: JsonValueKind.Object } detail && detail.EnumerateObject().Any();

    private static JsonElement? Property(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } known && known.TryGetProperty(name, out var found) ? found : null;

    private static string? TextOf(JsonElement? parent, string name) =>
        Property(parent, name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } known ? known : null;
}
