using System.Text.Json;
using System.Text.Unicode;

namespace Claimed.Registry.Http;

/// <summary>The JSON object of a PUT or PATCH, read as a merge patch: what is absent stays, null clears. Only known properties are taken.</summary>
public sealed class JsonBody
{
    /// <summary>Characters of one text.</summary>
    public const int MaxText = 2000;

    private const int MaxBytes = 64 * 1024;
    private const long MostCount = 9_007_199_254_740_991;
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };
    private readonly Dictionary<string, JsonElement> _fields;

    private JsonBody(Dictionary<string, JsonElement> fields) => _fields = fields;

    public bool Has(string name) => _fields.ContainsKey(name);

    /// <summary>The text, or null when it is absent, null or empty.</summary>
    /// <exception cref="RefusedException">It is no text, too long, or has control characters.</exception>
    public string? Text(string name, bool lines = false, int most = MaxText) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => Checked(name, text, lines, most) is { Length: > 0 } given ? given : null,
        _ => throw Bad(name, "is a text or null."),
    };

    /// <summary>A text as it was typed, blanks around it included; null when it is absent, null or empty.</summary>
    public string? Secret(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => Untrimmed(name, text, lines: false, MaxText) is { Length: > 0 } given ? given : null,
        _ => throw Bad(name, "is a text or null."),
    };

    /// <summary>True or false; absent and null mean false.</summary>
    public bool Flag(string name) => Value(name) switch
    {
        null => false,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Bad(name, "is true, false or null."),
    };

    /// <summary>A whole number, or null when it is absent or null.</summary>
    public int? Number(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var whole) => whole,
        _ => throw Bad(name, "is a whole number or null."),
    };

    /// <summary>A whole number from 0 to the largest that every client reads exactly, or null when it is absent or null.</summary>
    public long? Count(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var whole) && whole is >= 0 and <= MostCount => whole,
        _ => throw Bad(name, $"is a whole number from 0 to {MostCount}, or null."),
    };

    /// <summary>A number above 0, or null when it is absent or null.</summary>
    public double? Amount(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out var amount) && amount > 0 && double.IsFinite(amount) => amount,
        _ => throw Bad(name, "is a number above 0, or null."),
    };

    /// <summary>An object within this one, whose properties are then called <c>name.property</c>; null when it is absent or null.</summary>
    public JsonBody? Part(string name, params string[] known) => Value(name) is { } part ? Within(name, part, known) : null;

    /// <summary>A list of objects, whose properties are then called <c>name[0].property</c>; absent and null mean none.</summary>
    public IReadOnlyList<JsonBody> Parts(string name, params string[] known)
    {
        if (Value(name) is not { } list)
            return [];
        if (list.ValueKind != JsonValueKind.Array)
            throw Bad(name, "is a list of objects or null.");
        return [.. list.EnumerateArray().Select((part, index) => Within($"{name}[{index}]", part, known))];
    }

    private static JsonBody Within(string name, JsonElement part, string[] known)
    {
        if (part.ValueKind != JsonValueKind.Object)
            throw Bad(name, "is an object.");
        try
        {
            var fields = part.EnumerateObject().ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);
            foreach (var field in fields.Keys.Except(known, StringComparer.Ordinal))
                throw Bad($"{name}.{field}", $"is not known here; known are {string.Join(", ", known)}.");
            return new JsonBody(fields.ToDictionary(field => $"{name}.{field.Key}", field => field.Value, StringComparer.Ordinal));
        }
        catch (InvalidOperationException)
        {
            throw Malformed("A property name has half of a surrogate pair.");
        }
    }

    /// <summary>A list of texts; absent and null mean none.</summary>
    public IReadOnlyList<string> Words(string name)
    {
        if (Value(name) is not { } list)
            return [];
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(word => word.ValueKind != JsonValueKind.String))
            throw Bad(name, "is a list of texts or null.");
        return [.. list.EnumerateArray().Select(word => Checked(name, word, lines: false))];
    }

    /// <summary>An object of texts, numbers and flags, each as its text; absent and null mean none.</summary>
    public IReadOnlyDictionary<string, string> Texts(string name)
    {
        if (Value(name) is not { } all)
            return new Dictionary<string, string>();
        if (all.ValueKind != JsonValueKind.Object)
            throw Bad(name, "is an object or null.");
        return all.EnumerateObject().ToDictionary(field => Plain(name, field.Name), field => field.Value.ValueKind switch
        {
            JsonValueKind.String => Checked(name, field.Value, lines: false),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => field.Value.GetRawText(),
            _ => throw Bad(name, $"has {Shown(field.Name)}, which is no text."),
        }, StringComparer.Ordinal);
    }

    /// <param name="known">Names of the properties that the request may have.</param>
    /// <exception cref="RefusedException">The body is no JSON object, too large, or has other properties.</exception>
    public static async Task<JsonBody> ReadAsync(HttpRequest request, params string[] known)
    {
        var type = request.GetTypedHeaders().ContentType?.MediaType.Value ?? "";
        if (type != "application/json" && !type.EndsWith("+json", StringComparison.Ordinal))
            throw new RefusedException(new Refusal(415, "not-json", "The request takes JSON.",
                "Send a JSON object with Content-Type: application/json (or application/merge-patch+json)."));
        var bytes = await BytesAsync(request);
        if (!Utf8.IsValid(bytes.Span))
            throw Malformed("It is not UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw Malformed($"It is no object; known properties are {string.Join(", ", known)}.");
            var fields = document.RootElement.Clone().EnumerateObject().ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);
            foreach (var name in fields.Keys.Except(known, StringComparer.Ordinal))
                throw Bad(name, $"is not known here; known are {string.Join(", ", known)}.");
            return new JsonBody(fields);
        }
        catch (JsonException wrong)
        {
            throw Malformed($"Line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1} cannot be read.");
        }
        catch (InvalidOperationException)
        {
            throw Malformed("A property name has half of a surrogate pair.");
        }
    }

    public static RefusedException Bad(string name, string why) => new(new Refusal(422, "bad-field", "A field is not right.",
        $"\"{Shown(name)}\" {why}"));

    private static string Checked(string name, JsonElement value, bool lines, int most = MaxText) => Untrimmed(name, value, lines, most).Trim();

    private static string Untrimmed(string name, JsonElement value, bool lines, int most)
    {
        var text = Decoded(name, value);
        if (text.Length > most)
            throw Bad(name, $"has {text.Length} characters; {most} are the most.");
        if (text.Any(letter => char.IsControl(letter) && !(lines && letter is '\n' or '\t' or '\r')))
            throw Bad(name, "has control characters.");
        return text;
    }

    private static string Plain(string name, string key) =>
        key.Length is > 0 and <= 200 && !key.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter)) ? key : throw Bad(name, "has a name that is empty, longer than 200 characters, or has characters that nobody sees.");

    private static string Decoded(string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Bad(name, "has half of a surrogate pair.");
        }
    }

    private static string Shown(string name) => ShownText.Of(name, 60);

    private static RefusedException Malformed(string why) => new(new Refusal(400, "malformed-json", "The body is not the JSON that is expected.", why));

    private JsonElement? Value(string name)
    {
        if (!_fields.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value;
    }

    internal static async Task<ReadOnlyMemory<byte>> BytesAsync(HttpRequest request)
    {
        var bytes = new byte[MaxBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted);
        return length <= MaxBytes
            ? bytes.AsMemory(0, length)
            : throw new RefusedException(new Refusal(413, "body-too-large", "The body is too large.", $"A JSON body has at most {MaxBytes} bytes."));
    }
}
