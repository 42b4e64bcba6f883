using Claimed.Components.Renditions;
using Claimed.Components.Sources;

namespace Claimed.Registry.Http;

/// <summary>The bytes of a form with the headers that its kind needs.</summary>
public static class FormBytes
{
    /// <summary>All files of a version as one archive; no rendition, but served beside them.</summary>
    public const string Bundle = "bundle";

    // An SVG may hold scripts. In an img they never run; opened by itself it is a document of an origin of its own that loads and runs nothing.
    private const string IconPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

    public static Served Of(string form, ReadOnlyMemory<byte> bytes, string digest, string cacheControl) => new(bytes, ContentTypeOf(form, bytes.Span), digest, cacheControl)
    {
        ContentPolicy = form == RenditionForm.Icon ? IconPolicy : null,
    };

    /// <summary>Text says its charset, or Elyra reads it as Latin-1; uploaded bytes are served as they came.</summary>
    private static string ContentTypeOf(string form, ReadOnlySpan<byte> bytes) => form switch
    {
        RenditionForm.Operator => "text/x-python; charset=utf-8",
        RenditionForm.Dockerfile or RenditionForm.Usage => "text/plain; charset=utf-8",
        RenditionForm.Readme => "text/markdown; charset=utf-8",
        RenditionForm.Cwl => "application/cwl; charset=utf-8",
        RenditionForm.Original => "application/yaml",
        RenditionForm.Icon => IconFile.IsPng(bytes) ? "image/png" : "image/svg+xml",
        RenditionForm.Provenance or RenditionForm.Contents => "application/json; charset=utf-8",
        RenditionForm.Spdx => "application/spdx+json",
        Bundle => "application/gzip",
        _ => "application/yaml; charset=utf-8",
    };
}
