using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs;

/// <summary>Refuses forms of versions that have none yet. Of a version that waits to be asked for, the first request for what clients load asks for it.</summary>
internal sealed class UnreadyForms(DeferredBuilds deferred)
{
    /// <summary>What people read of a version before they use it is not among them.</summary>
    private static readonly string[] Loaded =
        [RenditionForm.Component, RenditionForm.Original, RenditionForm.Elyra, RenditionForm.Operator, RenditionForm.Pipeline, RenditionForm.Job, RenditionForm.Cwl];

    /// <summary>The version that a reference which leads nowhere is going to mean; null when that is none.</summary>
    public static VersionEntry? Next(ComponentEntry component, string reference) =>
        !VersionReference.IsRange(reference) ? DeferredBuilds.Next(component, reference)
        : SemanticVersion.TryParseRange(reference, out var range) ? DeferredBuilds.Next(component, range.Contains)
        : null;

    public async Task<Refusal> RefuseAsync(HttpContext context, ComponentEntry component, VersionEntry version, string form)
    {
        var asked = version.IsDeferred && HttpMethods.IsGet(context.Request.Method) && Loaded.Contains(form, StringComparer.Ordinal)
            ? await deferred.AskAsync(context, component, version)
            : null;
        return new Refusal(404, "version-not-ready", "The version is not ready.",
            $"{component.Subject} {version.Number} is {version.State}; its forms exist once its image is known. {asked?.Words ?? Why(version)}".TrimEnd())
        {
            State = version.State,
            RetryAfter = asked?.RetryAfter,
        };
    }

    private static string? Why(VersionEntry version) => version.IsDeferred ? $"It is built when somebody gets one of {string.Join(", ", Loaded)}." : version.Reason;
}
