using System.Text;
using Claimed.Components.Renditions;
using Claimed.Components.Wheels;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Pieces;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs.Elyra;

/// <summary>A major version of a component, with all that a palette needs of it.</summary>
/// <param name="Major">Part of what names the component in a pipeline: what moves by itself stays within it.</param>
/// <param name="Version">What the major means now.</param>
/// <param name="Title">What the palette calls it, where it is the only one of that name.</param>
/// <param name="Category">At most 18 characters; absent where the component says none.</param>
/// <param name="Newest">Whether the component has no higher major.</param>
/// <param name="Deprecated">Present and true when the version is.</param>
/// <param name="Successor">What to use instead: a version, or <c>namespace/name</c> with or without <c>@version</c>.</param>
/// <param name="Digest">Of the definition.</param>
/// <param name="Url">Where the definition is: it moves within the major.</param>
/// <param name="Definition">The text that Elyra reads: <c>elyra.yaml</c>, or for Airflow the operator as the wheel of the namespace has it.</param>
/// <param name="Module">For Airflow: what a DAG imports the operator from, once that wheel is installed there; absent otherwise.</param>
public sealed record ElyraEntry(
    string Namespace, string Name, long Major, string Version, string Title, string? Category, string? Group, IReadOnlyList<string> Tags, bool Newest,
    bool? Deprecated, string? Successor, string Digest, string Url, string Definition, string? Module)
{
    /// <summary>The entries of a component as JSON, parted by commas; empty when the catalog has none of it.</summary>
    internal static async Task<PiecedText> WriteAsync(
        ElyraSelection selection, ComponentEntry component, IBlobStore blobs, LostBlobs lost, RegistryUrls urls, CancellationToken cancellation)
    {
        var (text, items, isWhole) = (new StringBuilder(), 0, true);
        foreach (var (index, version) in selection.Majors(component).Index())
        {
            var (module, definition) = ((string?)null, "");
            try
            {
                if (selection.Runtime.Form == RenditionForm.Operator)
                    (module, definition) = OperatorOf(component, version, urls);
                else
                    definition = await NoticedForm.ReadElyraAsync(component, version, blobs, urls, cancellation);
            }
            catch (BlobLostException gone)
            {
                // One component that cannot be read empties no palette.
                lost.Tell(gone);
                isWhole = false;
                continue;
            }
            var reference = selection.Channel is null ? selection.MovingReference(component, version) : selection.Channel;
            items++;
            text.Append(text.Length == 0 ? "" : ",").Append(Json.Write(new ElyraEntry(
                component.Namespace, component.Name, (long)version.Number.Major, version.Number.ToString(), PaletteText.Title(component),
                component.Category is { Length: > 0 } category ? PaletteText.Category(category) : null, component.Group, component.Tags, index == 0,
                version.Deprecated ? true : null, version.Successor, Storage.Digest.Of(definition),
                $"{urls.Version(component.Namespace, component.Name, reference)}/{selection.Runtime.Form}", definition, module)));
        }
        return new PiecedText(Encoding.UTF8.GetBytes(text.ToString()), isWhole, items);
    }

    /// <summary>The class of the major with all its versions, as the wheel has it: a DAG that Elyra exports imports that one.</summary>
    private static (string Module, string Text) OperatorOf(ComponentEntry component, VersionEntry of, RegistryUrls urls) => ProviderWheel.OperatorModule(component.Namespace, component.Versions
        .Where(version => version is { IsReady: true, ExpiresAt: null, Image: not null } && version.Number.Major == of.Number.Major)
        .Select(version => new OperatorVersion(RequestedForms.SourceOf(component, version, urls), version.Yanked, version.Deprecated, version.Successor)));
}

/// <summary>The whole catalog, as our own connector reads it; also an instance of <c>url-catalog</c>, so that it can be imported without it.</summary>
/// <param name="Serial">The last event that it shows; what <c>since</c> takes.</param>
/// <param name="Since">Only in an answer to <c>since</c>: the serial that the rest follows.</param>
/// <param name="Replaced">Only with <c>since</c>: components of which everything known before is replaced by what <c>entries</c> has of them, which may be nothing.</param>
public sealed record ElyraCatalogDocument(
    [property: System.Text.Json.Serialization.JsonPropertyName("display_name")] string DisplayName,
    [property: System.Text.Json.Serialization.JsonPropertyName("schema_name")] string SchemaName,
    UrlCatalogMetadata Metadata, string Runtime, long Serial, long? Since, IReadOnlyList<string>? Replaced, IReadOnlyList<ElyraEntry> Entries);
