using System.Net;
using System.Text.Json;

namespace Claimed.TestKit;

/// <summary>What the registry answered, read to its end.</summary>
/// <param name="Json">The body, when it is JSON; undefined otherwise.</param>
public sealed record Answer(HttpStatusCode Status, HttpResponseMessage Message, byte[] Bytes, JsonElement Json)
{
    /// <summary>A property of the body as text, by its path: <c>build.state</c>; null when absent.</summary>
    public string? this[string path]
    {
        get
        {
            var at = Json;
            foreach (var name in path.Split('.'))
            {
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
                    return null;
            }
            return at.ValueKind is JsonValueKind.String ? at.GetString() : at.GetRawText();
        }
    }

    public string Text => System.Text.Encoding.UTF8.GetString(Bytes);

    public string? ContentType => Message.Content.Headers.ContentType?.ToString();

    public string? ETag => Message.Headers.ETag?.ToString();

    /// <summary>Codes of the findings in the body, sorted.</summary>
    public IReadOnlyList<string> FindingCodes =>
        [.. Json.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("code").GetString()!).Order(StringComparer.Ordinal)];

    /// <summary>The items of a page.</summary>
    public IReadOnlyList<JsonElement> Items => [.. Json.GetProperty("items").EnumerateArray()];

    public static async Task<Answer> ReadAsync(HttpResponseMessage message)
    {
        var bytes = await message.Content.ReadAsByteArrayAsync();
        // A part of a document is none.
        var isJson = bytes.Length > 0 && message.StatusCode != HttpStatusCode.PartialContent && message.Content.Headers.ContentEncoding.Count == 0 && message.Content.Headers.ContentType?.MediaType is { } type && (type == "application/json" || type.EndsWith("+json", StringComparison.Ordinal));
        return new Answer(message.StatusCode, message, bytes, isJson ? JsonDocument.Parse(bytes).RootElement : default);
    }
}
