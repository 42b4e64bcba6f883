using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Claimed.Components.Sources.Kfp;

/// <summary>One document of a file, and where it begins.</summary>
internal sealed record YamlDocument(YamlNode Root, SourcePosition Start);

/// <summary>Reads YAML event by event: plain data only, each node with its place.</summary>
internal sealed class YamlTree
{
    private const int MaxDepth = 32;
    private const int MaxNodes = 50_000;

    private readonly string file;
    private readonly List<Finding> findings;
    private readonly YamlEvents events;
    private int nodes;

    private YamlTree(string file, string text, List<Finding> findings)
    {
        this.file = file;
        this.findings = findings;
        events = new YamlEvents(text);
    }

    /// <summary>The only document, or null and an error.</summary>
    public static YamlNode? Read(string file, string text, List<Finding> findings)
    {
        if (ReadAll(file, text, findings) is not { } documents)
            return null;
        if (documents.Count == 1)
            return documents[0].Root;
        findings.Add(SecondDocument(documents[1].Start));
        return null;
    }

    /// <summary>One document or several; null and an error when one of them cannot be read.</summary>
    public static IReadOnlyList<YamlDocument>? ReadAll(string file, string text, List<Finding> findings)
    {
        try
        {
            return new YamlTree(file, text, findings).Documents();
        }
        catch (YamlException problem)
        {
            findings.Add(Finding.Error("yaml-invalid", At(file, problem.Start), "The text is no YAML from here on.",
                "Check indentation, quotes, brackets and colons; texts with special characters need quotes."));
            return null;
        }
    }

    /// <summary>The error of a file that may have one document only.</summary>
    public static Finding SecondDocument(SourcePosition position) => Finding.Error("yaml-second-document", position,
        "A second document begins here; clients read only files with one.", "Remove the `---` and what follows it.");

    private List<YamlDocument>? Documents()
    {
        events.Consume<StreamStart>();
        var roots = new List<YamlDocument>();
        while (events.TryConsume<DocumentStart>(out var start))
        {
            if (Node(0) is not { } root)
                return null;
            roots.Add(new YamlDocument(root, At(file, start.Start)));
            events.Consume<DocumentEnd>();
        }
        if (roots.Count > 0)
            return roots;
        findings.Add(Finding.Error("source-empty", new SourcePosition(file), "The file is empty.", "Send the component's definition."));
        return null;
    }

    /// <summary>Null when the rest cannot be read; then the error is among the findings.</summary>
    private YamlNode? Node(int depth)
    {
        if (events.Accept<AnchorAlias>(out var alias))
            return Error("yaml-alias", alias, "An alias (`*name`) stands here.", "Write the value itself.");
        if (!events.Accept<NodeEvent>(out var node))
            return Error("yaml-invalid", events.Current, "A value is missing here.", "Write the value.");
        if (!node.Anchor.IsEmpty)
            return Error("yaml-anchor", node, "An anchor (`&name`) stands here.", "Remove it.");
        // Quoted text has the implied tag `!`.
        if (!node.Tag.IsEmpty && !(node.Tag.IsNonSpecific && node is Scalar { Style: not ScalarStyle.Plain }))
            return Error("yaml-tag", node, "A tag (`!name`) stands here.", "Remove it; quote texts that look like numbers.");
        if (depth > MaxDepth)
            return Error("yaml-too-deep", node, $"Values are nested more than {MaxDepth} deep.", "Write a flatter structure.");
        if (++nodes > MaxNodes)
            return Error("yaml-too-large", node, $"The file holds more than {MaxNodes} values.", "Pass large settings as a file.");
        if (events.TryConsume<Scalar>(out var scalar))
            return Scalar(scalar);
        return events.TryConsume<SequenceStart>(out var sequence) ? Sequence(sequence, depth) : Mapping(events.Consume<MappingStart>(), depth);
    }

    private YamlScalar? Scalar(Scalar scalar)
    {
        for (var i = 0; i < scalar.Value.Length; i++)
        {
            var c = scalar.Value[i];
            if (char.IsHighSurrogate(c) && i + 1 < scalar.Value.Length && char.IsLowSurrogate(scalar.Value[i + 1]))
                i++;
            else if (c == '\0' || char.IsSurrogate(c))
                return Error("nul-character", scalar, "The text contains U+0000 or half a character.", "Remove it.") as YamlScalar;
        }

        return new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, At(file, scalar.Start));
    }

    private YamlSequence? Sequence(SequenceStart start, int depth)
    {
        var items = new List<YamlNode>();
        while (!events.TryConsume<SequenceEnd>(out _))
        {
            if (Node(depth + 1) is not { } item)
                return null;
            items.Add(item);
        }

        return new YamlSequence(items, At(file, start.Start));
    }

    private YamlMapping? Mapping(MappingStart start, int depth)
    {
        var entries = new List<KeyValuePair<YamlScalar, YamlNode>>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!events.TryConsume<MappingEnd>(out _))
        {
            if (Node(depth + 1) is not { } key)
                return null;
            if (key is not YamlScalar name)
            {
                findings.Add(Finding.Error("yaml-key", key.Position, "A key is no text.", "Write a plain text as key."));
                return null;
            }

            if (Node(depth + 1) is not { } value)
                return null;
            if (keys.Add(name.Value))
                entries.Add(new(name, value));
            else
                findings.Add(Finding.Error("yaml-duplicate-key", name.Position,
                    "This key stands twice in one mapping; clients silently keep the last one.", "Remove one of them."));
        }

        return new YamlMapping(entries, At(file, start.Start));
    }

    private YamlNode? Error(string code, ParsingEvent? at, string message, string fix)
    {
        findings.Add(Finding.Error(code, At(file, at?.Start ?? Mark.Empty), message, fix));
        return null;
    }

    private static SourcePosition At(string file, Mark mark) => new(file, (int)mark.Line, (int)mark.Column);
}
