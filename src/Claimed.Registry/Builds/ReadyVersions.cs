using System.Text;
using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds;

/// <summary>The last step of a publish: renders every form for the image that is now known, and marks the version ready.</summary>
public sealed class ReadyVersions(IBlobStore blobs, RegistryUrls urls)
{
    private const string Readme = "README.md";
    internal const int MaxReadme = 1 << 20;

    private static readonly string[] Rendered = [RenditionForm.Component, RenditionForm.Elyra, RenditionForm.Operator];

    /// <summary>Renders and stores the forms; blobs first, so that no row ever names a blob that is missing.</summary>
    /// <param name="originals">Forms that are served as they are: <c>original.yaml</c>, <c>Dockerfile</c>.</param>
    public async Task<IReadOnlyList<PreparedForm>> PrepareAsync(
        RenditionSource source, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> originals, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte>? upload = originals.TryGetValue(RenditionForm.Original, out var original) ? original : null;
        return await StoreAsync([.. Forms(source, only: null, upload), .. originals.Select(original => (original.Key, original.Value))], cancellation);
    }

    /// <summary>The forms that are files of the upload, as they came: <c>original.yaml</c>, <c>readme</c>, <c>icon</c>.</summary>
    public static Dictionary<string, ReadOnlyMemory<byte>> FilesOf(Definition definition, IReadOnlyList<SourceFile> files)
    {
        var forms = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        if (definition.Language is SourceLanguage.Container or SourceLanguage.Pipeline)
            forms[RenditionForm.Original] = files.Single(file => file.Path == definition.MainFile).Content;
        if (definition.Language == SourceLanguage.Pipeline)
            forms[RenditionForm.Pipeline] = forms[RenditionForm.Original];
        if (CompanionFile.Find(files, definition.MainFile, Readme) is { Content.Length: > 0 and <= MaxReadme } readme)
            forms[RenditionForm.Readme] = readme.Content;
        if (IconFile.Find(files, definition.MainFile) is { } icon)
            forms[RenditionForm.Icon] = icon.Content;
        return forms;
    }

    /// <summary>Renders and stores the forms that are made from the definition, or one of them.</summary>
    /// <param name="upload">The component.yaml that was published, where one was.</param>
    public Task<List<PreparedForm>> RenderAsync(RenditionSource source, string? only, ReadOnlyMemory<byte>? upload, CancellationToken cancellation) =>
        StoreAsync([.. Forms(source, only, upload)], cancellation);

    /// <summary>The bytes of a form that is made from the definition. A component.yaml that is safe as it was published stays as it was.</summary>
    public static ReadOnlyMemory<byte> Render(string form, RenditionSource source, ReadOnlyMemory<byte>? upload)
    {
        var text = ClientRenditions.Render(form, source);
        return form == RenditionForm.Component && upload is { } original && UploadedComponent.IsSafe(original.Span, text, source.Image) ? original : Encoding.UTF8.GetBytes(text);
    }

    /// <summary>False for forms that are kept as they came.</summary>
    public static bool IsRendered(string form) => Rendered.Contains(form, StringComparer.Ordinal);

    /// <summary>What renditions are made from, and nothing else: rendering a version again gives the same bytes. The image is pinned by digest where one is known.</summary>
    public RenditionSource SourceOf(string space, string name, string version, Definition definition, string image, string bundleDigest) =>
        new(definition, space, name, version, image, bundleDigest, urls.Version(space, name, version));

    /// <summary>Marks the tracked row ready, with its forms, its channel and its event.</summary>
    /// <param name="image">Null for a pipeline, which has none.</param>
    public static void Apply(
        Change change, ComponentVersion row, string subject, string? image, string? imageDigest, IReadOnlyList<PreparedForm> forms)
    {
        row.State = VersionState.Ready;
        row.Reason = null;
        row.ReadyAt = change.Now;
        row.Image = image;
        row.ImageDigest = imageDigest;
        foreach (var form in forms)
        {
            change.Names(form.Digest);
            row.Renditions.Add(new Rendition { Form = form.Form, Revision = 1, Digest = form.Digest, Size = form.Size, CreatedAt = change.Now });
        }
        change.Tell("version.ready", subject, new { version = row.Number, image = imageDigest });
    }

    /// <summary>Writes a new version that became ready where it was made, and its forms; one that the context tracks it writes itself.</summary>
    public static async Task InsertAsync(Change change, ComponentVersion row)
    {
        if (change.Db.Entry(row).State != EntityState.Detached)
            return;
        var insert = new StatementText().Insert(change.Db.Model, row);
        row.Id = (await change.Db.QueryAsync(insert.Whole, result => result.GetInt64(0), change.Cancellation)).Single();
        foreach (var form in row.Renditions)
        {
            form.VersionId = row.Id;
            change.Last.Insert(change.Db.Model, form);
        }
        // What follows, such as a channel that shall mean it, names the row; its forms are written, and the context must not do so again.
        row.Renditions = [];
        change.Db.Entry(row).State = EntityState.Unchanged;
    }

    private static IEnumerable<(string Form, ReadOnlyMemory<byte> Bytes)> Forms(RenditionSource source, string? only, ReadOnlyMemory<byte>? upload) =>
        (source.Definition.Language == SourceLanguage.Pipeline ? [] : Rendered).Where(form => only is null || form == only).Select(form => (form, Render(form, source, upload)));

    /// <summary>Flushes all at once, for a disk takes several in the time of one; forms that have the same bytes are one blob.</summary>
    private async Task<List<PreparedForm>> StoreAsync(List<(string Form, ReadOnlyMemory<byte> Bytes)> forms, CancellationToken cancellation)
    {
        var prepared = forms.ConvertAll(form => new PreparedForm(form.Form, Digest.Of(form.Bytes.Span), form.Bytes.Length));
        await Task.WhenAll(prepared.Zip(forms).DistinctBy(form => form.First.Digest)
            .Select(form => blobs.PutAsync(form.First.Digest, form.Second.Bytes, cancellation)));
        return prepared;
    }
}
