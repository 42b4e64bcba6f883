namespace Claimed.Components.Renditions;

/// <summary>The one door to the renditions: form in, text out.</summary>
public static class ClientRenditions
{
    /// <summary>The text of <paramref name="form"/> (<c>component.yaml</c>, <c>elyra.yaml</c> or <c>operator.py</c>): UTF-8 without BOM when encoded, LF line ends.</summary>
    public static string Render(string form, RenditionSource source) => throw new NotImplementedException();

    /// <summary>What some client cannot take of this definition: errors where every rendition would be broken, warnings for single clients.</summary>
    public static IReadOnlyList<Finding> Check(Definition definition) => throw new NotImplementedException();
    public static IReadOnlyList<Finding> CheckCategory(string category) => [];
}
