using Claimed.Components;
using Xunit;

namespace Claimed.Fuzz;

/// <summary>Text that every database takes: no U+0000, no half of a character.</summary>
internal static class StorableText
{
    public static void Check(Definition definition)
    {
        Check("name", definition.Name);
        Check("display name", definition.DisplayName);
        Check("description", definition.Description);
        Check("category", definition.Category);
        Check("group", definition.Group);
        foreach (var tag in definition.Tags)
            Check("tag", tag);
        foreach (var (key, value) in definition.Annotations)
        {
            Check("annotation", key);
            Check("annotation", value);
        }

        foreach (var port in definition.Inputs.Concat(definition.Outputs))
        {
            Check("port name", port.Name);
            Check("port type", port.Type);
            Check("port default", port.Default);
            Check("port description", port.Description);
            Check("port variable", port.Variable);
        }
    }

    public static void Check(string what, string? text)
    {
        for (var i = 0; i < text?.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (text[i] == '\0' || char.IsSurrogate(text[i]))
                Assert.Fail($"The {what} holds U+{(int)text[i]:X4}, which a database cannot store.");
        }
    }
}
