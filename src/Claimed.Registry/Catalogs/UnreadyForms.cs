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
        var asked = HttpMethods.IsGet(context.Request.Method) && Loaded.Contains(form, StringComparer.Ordinal) ? await AskAsync(context, component, version) : null;
        return Refuse(404, component, version, "its forms exist once its image is known", asked?.Words ?? Why(version), asked);
    }

    /// <summary>For who wants to bring the version somewhere else, which asks for it like a form.</summary>
    public async Task<Refusal> RefuseDeploymentAsync(HttpContext context, ComponentEntry component, VersionEntry version)
    {
        var asked = await AskAsync(context, component, version);
        return Refuse(409, component, version, "it can be deployed once its image is known", asked?.Words ?? version.Reason, asked);
    }

    private async Task<AskedBuild?> AskAsync(HttpContext context, ComponentEntry component, VersionEntry version) =>
        version.IsDeferred ? await deferred.AskAsync(context, component, version) : null;

    private static Refusal Refuse(int status, ComponentEntry component, VersionEntry version, string rule, string? why, AskedBuild? asked) =>
        new(status, "version-not-ready", "The version is not ready.", $"{component.Subject} {version.Number} is {version.State}; {rule}. {why}".TrimEnd())
        {
            State = version.State,
            RetryAfter = asked?.RetryAfter,
        };

    private static string? Why(VersionEntry version) => version.IsDeferred ? $"It is built when somebody gets one of {string.Join(", ", Loaded)}." : version.Reason;
}
