using System.Text;
using Claimed.Components.Renditions;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Http;

/// <summary>Forms that are rendered for whoever asks, from what a ready version says and will always say.</summary>
public static class RequestedForms
{
    /// <summary>Whether the version has them: it is a component that is ready.</summary>
    public static bool Has(VersionEntry version) => version.IsReady && version.Image is not null && version.Renditions.ContainsKey(RenditionForm.Component);

    /// <summary>The bytes of a form.</summary>
    /// <param name="client">For <c>usage</c>: one client alone; null for all.</param>
    public static Served Of(string form, ComponentEntry component, VersionEntry version, RegistryUrls urls, string? client)
    {
        var source = SourceOf(component, version, urls);
        var text = form == RenditionForm.Usage ? UsageText.Write(source, urls.Base, client) : ClientRenditions.Render(form, source);
        var bytes = Encoding.UTF8.GetBytes(text);
        return FormBytes.Of(form, bytes, Digest.Of(bytes), Served.Moving);
    }

    /// <summary>Lines to copy for the pages.</summary>
    public static IReadOnlyList<UsageText> Usages(ComponentEntry component, VersionEntry version, RegistryUrls urls) =>
        Has(version) ? UsageText.Of(SourceOf(component, version, urls), urls.Base) : [];

    /// <summary>What the forms of a ready version are rendered from.</summary>
    internal static RenditionSource SourceOf(ComponentEntry component, VersionEntry version, RegistryUrls urls)
    {
        var number = version.Number.ToString();
        return new(version.Definition, component.Namespace, component.Name, number, version.Image!, version.BundleDigest, urls.Version(component.Namespace, component.Name, number));
    }
}
