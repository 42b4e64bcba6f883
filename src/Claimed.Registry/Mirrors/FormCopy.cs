using Claimed.Components.Renditions;
using Claimed.Database.Catalog;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Mirrors;

/// <summary>A form of a version here: its bytes are in the store.</summary>
internal sealed record CopiedForm(string Form, int Revision, string Digest, long Size);

/// <summary>Fetches the forms of a version by their digests. The origin's keep their revisions; those of this registry, which name its own host, come behind.</summary>
internal sealed class FormCopy(Origin origin, IBlobStore blobs)
{
    private static readonly string[] Known = [.. RenditionForm.Kept, RenditionForm.Pipeline];

    /// <summary>Those that this program serves; what a newer one has beside them is nothing to it.</summary>
    public static IEnumerable<RenditionFacts> Of(VersionFacts facts) => facts.Renditions.Where(one => Known.Contains(one.Form, StringComparer.Ordinal));

    /// <exception cref="RefusedCopyException">One of them is not what its digest says.</exception>
    public async Task FetchAsync(string space, string name, IEnumerable<RenditionFacts> forms, CancellationToken cancellation)
    {
        foreach (var form in forms.DistinctBy(form => form.Digest))
        {
            var bytes = await origin.BytesAsync($"api/v1/components/{space}/{name}/versions/{form.Digest}/{form.Form}", form.Digest, form.Size, cancellation);
            await blobs.PutAsync(form.Digest, bytes, cancellation);
        }
    }

    /// <summary>The origin's forms, and behind them what was rendered here where it differs from the newest of them.</summary>
    public static List<CopiedForm> WithOwn(IEnumerable<RenditionFacts> theirs, IReadOnlyList<PreparedForm> own)
    {
        var all = theirs.Select(form => new CopiedForm(form.Form, form.Revision, form.Digest, form.Size)).ToList();
        foreach (var form in own)
        {
            var newest = all.Where(one => one.Form == form.Form).MaxBy(one => one.Revision);
            if (newest?.Digest != form.Digest)
                all.Add(new CopiedForm(form.Form, (newest?.Revision ?? 0) + 1, form.Digest, form.Size));
        }
        return all;
    }

    /// <summary>The rows, whose blobs the change names.</summary>
    public static IEnumerable<Rendition> Rows(Change change, IEnumerable<CopiedForm> forms)
    {
        foreach (var form in forms)
        {
            change.Names(form.Digest);
            yield return new Rendition { Form = form.Form, Revision = form.Revision, Digest = form.Digest, Size = form.Size, CreatedAt = change.Now };
        }
    }
}
