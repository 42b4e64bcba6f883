using System.Text.Json;
using System.Text.RegularExpressions;

namespace Claimed.Components.Sources.Notebooks;

/// <summary>The object <c>claimed</c> in a notebook's metadata: the same words as front matter has.</summary>
internal sealed partial class NotebookMetadata(ComponentDraft draft, SourcePosition at)
{
    private const int MaxLength = 64 * 1024;
    private const int MaxText = 500;

    public void Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxLength)
        {
            Unknown("The metadata `claimed` of the notebook is too long.");
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                ReadFacts(document.RootElement);
            else
                Unknown("The metadata `claimed` of the notebook is no object.");
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // Too deep, or a text with half a character, which no .NET string takes.
            Unknown("The metadata `claimed` of the notebook cannot be read.");
        }
    }

    private void ReadFacts(JsonElement facts)
    {
        foreach (var fact in facts.EnumerateObject())
        {
            if (fact.Name == "resources" && fact.Value.ValueKind == JsonValueKind.Object)
                ReadFacts(fact.Value);
            else if (fact.Name is "inputs" or "outputs")
                ReadPorts(fact.Value, fact.Name == "inputs");
            else if (fact.Name is "tags" or "imports" && fact.Value.ValueKind == JsonValueKind.Array)
                SetFact(fact.Name, string.Join(',', fact.Value.EnumerateArray().Select(Text)));
            else
                SetFact(fact.Name, Text(fact.Value));
        }
    }

    private void SetFact(string key, string? value)
    {
        if (value is null)
            Unknown("A value in the metadata `claimed` of the notebook is no text.");
        else if (value.Length > 0 && !draft.Facts.Set(key, value, at))
            Unknown("The metadata `claimed` of the notebook has a word that is not understood.");
    }

    /// <summary><c>{"data": "Dataset"}</c>, <c>{"data": {"type": "Dataset", "from": "data_csv"}}</c>, or a list of such objects with names.</summary>
    private void ReadPorts(JsonElement ports, bool areInputs)
    {
        switch (ports.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var port in ports.EnumerateObject())
                    ReadPort(port.Name, port.Value, areInputs);
                break;
            case JsonValueKind.Array:
                foreach (var port in ports.EnumerateArray())
                    ReadPort(Member(port, "name"), port, areInputs);
                break;
            default:
                Unknown("The ports in the metadata `claimed` of the notebook are neither an object nor a list.");
                break;
        }
    }

    private void ReadPort(string? name, JsonElement port, bool isInput)
    {
        var type = port.ValueKind == JsonValueKind.String ? Text(port) : Member(port, "type");
        var variable = Member(port, "from");
        var description = Member(port, "description");
        if (name is null || type is null || !Variable.IsMatch(name) || !Type.IsMatch(type) || (variable is not null && !Variable.IsMatch(variable)))
            Unknown("A port in the metadata `claimed` of the notebook has no usable name, type or variable.");
        else
            draft.FrontMatter.Ports.Add(new DeclaredPort(isInput, name, KnownTypes.Normalised(type), variable, string.IsNullOrWhiteSpace(description) ? null : description, at));
    }

    private static string? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? Text(value) : null;

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { Length: <= MaxText } text && WholeText.Is(text) => text.Trim(),
        JsonValueKind.Number when value.GetRawText() is { Length: <= 32 } number => number,
        _ => null,
    };

    private void Unknown(string what) => draft.Warning("notebook-metadata-unknown", at, what,
        "Write an object such as {\"category\": \"Metric\", \"memory\": \"2Gi\", \"base\": \"host/name:1\", \"outputs\": {\"model\": {\"type\": \"Model\", \"from\": \"output_model\"}}}.");

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Variable { get; }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Type { get; }
}
