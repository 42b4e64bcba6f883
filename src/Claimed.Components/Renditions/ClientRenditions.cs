namespace Claimed.Components.Renditions;

/// <summary>The one door to the renditions: form in, text out.</summary>
public static class ClientRenditions
{
    /// <summary>The text of a form that is made from the definition: UTF-8 without BOM when encoded, LF line ends.</summary>
    /// <exception cref="ArgumentException">The form is not made by this door: it is kept as it came, or <c>usage</c>.</exception>
    public static string Render(string form, RenditionSource source) => form switch
    {
        RenditionForm.Component => ComponentRendition.Write(source, forElyra: false),
        RenditionForm.Elyra => ElyraRendition.Write(source),
        RenditionForm.Operator => OperatorRendition.Write(source),
        RenditionForm.Pipeline => PipelineRendition.Write(source),
        RenditionForm.Job => JobRendition.Write(source),
        RenditionForm.Cwl => CwlRendition.Write(source),
        _ => throw new ArgumentException($"No text is rendered for '{form}' from a definition alone.", nameof(form)),
    };

    /// <summary>The class that <c>operator.py</c> defines for a component of this name.</summary>
    public static string OperatorClass(string name) => OperatorRendition.ClassName(name);

    /// <summary>What some client cannot take of this definition: errors where every rendition would be broken, warnings for single clients.</summary>
    public static IReadOnlyList<Finding> Check(Definition definition) => definition.Language == SourceLanguage.Pipeline
        ? [.. NameChecks.Check(definition)]
        : [.. NameChecks.Check(definition), .. PortChecks.Check(definition), .. CommandChecks.Check(definition)];

    /// <summary>What Elyra's palette does not take of a category; errors break the palette of every user.</summary>
    public static IReadOnlyList<Finding> CheckCategory(string category) => NameChecks.Category(category, default);

    /// <summary>What is wrong with a name that people read; renditions replace the characters that break a palette.</summary>
    public static IReadOnlyList<Finding> CheckDisplayName(string displayName) => NameChecks.DisplayName(displayName, default);
}
