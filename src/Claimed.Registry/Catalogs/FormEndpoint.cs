using System.Text;
using Claimed.Components.Renditions;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Mvc;

namespace Claimed.Registry.Catalogs;

/// <summary>Serves the bytes of one form of one version.</summary>
internal static class FormEndpoint
{
    public static async Task<IResult> GetAsync(
        string @namespace, string name, [FromRoute(Name = "version")] string @ref, string form, [FromQuery] string? client, HttpContext context, IBlobStore blobs, RegistryUrls urls, TimeProvider clock, VersionNotice notice, UnreadyForms unready, CancellationToken cancellation)
    {
        if (CatalogView.Of(context).Find(@namespace, name) is not { } component)
            return Missing.Component(@namespace, name).ToResult();
        var resolved = VersionReference.Resolve(component, @ref, clock);
        if (resolved.Version is not { } version)
        {
            return (UnreadyForms.Next(component, @ref) is { } next && RenditionForm.All.Contains(form, StringComparer.Ordinal)
                ? await unready.RefuseAsync(context, component, next, form)
                : resolved.Refusal!).ToResult();
        }
        if (form == FormBytes.Bundle && resolved.Rendition is null)
            return await ServeAsync(version.BundleBlob);
        if (!RenditionForm.All.Contains(form, StringComparer.Ordinal))
            return NoForm($"\"{form}\" is not a form; there are {string.Join(", ", RenditionForm.All)} and {FormBytes.Bundle}.");
        if (client is not null && !UsageText.Clients.Contains(client, StringComparer.Ordinal))
            return new Refusal(400, "bad-query", "The query is not valid.", $"client is \"{client}\": use one of {string.Join(", ", UsageText.Clients)}.").ToResult();
        if (!version.IsReady)
            return (await unready.RefuseAsync(context, component, version, form)).ToResult();
        if (resolved.Rendition is { } pinned)
        {
            var forms = version.Renditions.FormsWith(Sha256.Parse(pinned.Digest));
            return forms.Contains(form, StringComparer.Ordinal) ? await ServeAsync(pinned.Digest) : NoForm($"That digest is the one of {string.Join(" and ", forms)}.");
        }
        if (RenditionForm.OnRequest.Contains(form, StringComparer.Ordinal) && RequestedForms.Has(version))
            return await PlacedAsync(RequestedForms.Of(form, component, version, urls, client));
        if (version.Renditions.ContainsKey(form) && NoticedForm.Write(form, component, version, urls) is { } noticed)
        {
            var text = Encoding.UTF8.GetBytes(noticed);
            return await PlacedAsync(FormBytes.Of(form, text, Digest.Of(text), Served.Moving));
        }
        if (form == RenditionForm.Spdx && version.Renditions.TryGetValue(RenditionForm.Contents, out var signed))
            return await ServeListAsync(signed.Digest);
        return version.Renditions.TryGetValue(form, out var rendition)
            ? await ServeAsync(rendition.Digest)
            : NoForm($"{component.Subject} {version.Number} has no {form}; it has {string.Join(", ", version.Renditions.Keys.Order(StringComparer.Ordinal))}.");

        async Task<IResult> ServeAsync(string digest) =>
            await PlacedAsync(FormBytes.Of(form, await blobs.ReadAllAsync(digest, cancellation), digest, resolved.Rendition is null ? Served.Moving : Served.Immutable));

        async Task<IResult> ServeListAsync(string digest)
        {
            var list = DsseEnvelope.Read(await blobs.ReadAllAsync(digest, cancellation)).Predicate();
            return await PlacedAsync(FormBytes.Of(form, list, Digest.Of(list), Served.Moving));
        }

        async Task<IResult> PlacedAsync(Served served) => await notice.OnAsync(served with
        {
            ContentLocation = resolved.IsMoving ? $"{urls.Version(@namespace, name, version.Number.ToString())}/{form}{(client is null ? "" : $"?client={client}")}" : null,
            Until = version.ExpiresAt is null ? component.Freshness : null,
            Tally = context.TallyOf(version),
        }, component, version, form, cancellation);

        static IResult NoForm(string detail) => new Refusal(404, "form-not-found", "There is no such form.", detail).ToResult();
    }
}
