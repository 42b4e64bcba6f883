using System.Text.Json;

namespace Claimed.Registry.Access.Trust;

/// <summary>The claims of a job's token, found by name, by a path (<c>kubernetes.io.serviceaccount.uid</c>) or by a JSON pointer.</summary>
public sealed class TokenClaims
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };
    private readonly JsonElement _all;

    private TokenClaims(JsonElement all) => _all = all;

    /// <exception cref="JsonException">It is no JSON object, or names a claim twice.</exception>
    public static TokenClaims Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, Strict);
        return document.RootElement.ValueKind == JsonValueKind.Object ? new TokenClaims(document.RootElement.Clone()) : throw new JsonException("The claims are no object.");
    }

    /// <summary>Text, number or flag as its text; null when it is absent, something else, or when the path can mean two claims.</summary>
    public string? this[string path]
    {
        get
        {
            var found = (path.StartsWith('/') ? AtPointer(path) : AtPath(_all, path)).Take(2).ToList();
            return found is [var one] ? TextOf(one) : null;
        }
    }

    /// <summary>The pointer of a path and the path of a pointer are one claim.</summary>
    public static string PlainName(string path) => path.StartsWith('/') ? string.Join('.', Steps(path)) : path;

    private IEnumerable<JsonElement> AtPointer(string pointer)
    {
        var at = _all;
        foreach (var step in Steps(pointer))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(step, out at))
                yield break;
        }
        yield return at;
    }

    // Names have dots of their own: "kubernetes.io".
    private static IEnumerable<JsonElement> AtPath(JsonElement at, string path)
    {
        if (at.ValueKind != JsonValueKind.Object)
            yield break;
        if (at.TryGetProperty(path, out var whole))
            yield return whole;
        for (var dot = path.IndexOf('.'); dot >= 0; dot = path.IndexOf('.', dot + 1))
        {
            if (!at.TryGetProperty(path[..dot], out var inner))
                continue;
            foreach (var found in AtPath(inner, path[(dot + 1)..]))
                yield return found;
        }
    }

    private static IEnumerable<string> Steps(string pointer) =>
        pointer[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => StringOf(value),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };

    // Half of a surrogate pair is no text that could be compared or kept.
    private static string? StringOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
