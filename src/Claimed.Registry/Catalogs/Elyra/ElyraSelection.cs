using System.Globalization;
using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Semver;

namespace Claimed.Registry.Catalogs.Elyra;

/// <summary>Which components a catalog has, and which version of each.</summary>
/// <param name="Category">Only components of this category; null for all.</param>
/// <param name="Tag">Only components with this tag; null for all.</param>
/// <param name="Channel">Only components that have this channel, at its version; null for what lists show.</param>
/// <param name="Pinned">True for exact versions, false for URLs that move.</param>
internal sealed record ElyraSelection(ElyraRuntime Runtime, string? Category, string? Tag, string? Channel, bool Pinned)
{
    public const string DefaultCategory = "Components";

    /// <exception cref="RefusedException">A parameter is not right.</exception>
    public static ElyraSelection Read(string? runtime, string? category, string? tag, string? channel, string? pinned)
    {
        if (ElyraRuntime.All.FirstOrDefault(known => known.Name == (runtime ?? ElyraRuntime.Kfp.Name)) is not { } chosen)
            throw PageQuery.BadQuery($"runtime can be {string.Join(" or ", ElyraRuntime.All.Select(known => known.Name))}.");
        if (channel is not null && !ChannelName.IsValid(channel))
            throw PageQuery.BadQuery($"channel is not a channel name: {ChannelName.Rule}.");
        if (pinned is not (null or "true" or "false"))
            throw PageQuery.BadQuery("pinned can be true or false.");
        return new ElyraSelection(chosen, category, tag, channel, pinned == "true");
    }

    /// <summary>Whether the component itself is wanted, whatever versions it has. Pipelines stand in no palette.</summary>
    public bool Has(ComponentEntry component) => component.Kind == ComponentKind.Component
        && (Category is null || string.Equals(component.Category, Category, StringComparison.OrdinalIgnoreCase))
        && (Tag is null || component.Tags.Contains(Tag, StringComparer.OrdinalIgnoreCase));

    /// <summary>The instance for one namespace, or for all that the caller sees.</summary>
    /// <param name="space">Null for all.</param>
    public UrlCatalog Of(NamespaceEntry? space, IEnumerable<ComponentEntry> components, RegistryUrls urls)
    {
        var paths = components.Where(Has)
            .Select(component => ReferenceOf(component) is { } reference ? $"{urls.Version(component.Namespace, component.Name, reference)}/{Runtime.Form}" : null)
            .OfType<string>().ToList();
        var narrowed = Category ?? Tag ?? Channel;
        var title = string.Join(": ", new[] { space?.Name, narrowed }.OfType<string>().DefaultIfEmpty(DefaultCategory));
        var palette = PaletteText.Category(Category ?? space?.Name ?? DefaultCategory, Channel, Pinned ? "pinned" : null);
        return new UrlCatalog(Pinned ? $"{title} (pinned)" : title, "url-catalog", new UrlCatalogMetadata(Describe(space, title, urls), Runtime.Type, [palette], paths));
    }

    /// <summary>What the instance is kept as. Elyra names an imported catalog by its file: those that may stand side by side have names of their own.</summary>
    public string FileName(NamespaceEntry? space)
    {
        var words = new[]
        {
            // Elyra takes names that begin with a letter.
            space is null ? "components" : char.IsAsciiLetter(space.Name[0]) ? space.Name : $"ns-{space.Name}",
            Runtime == ElyraRuntime.Kfp ? null : Runtime.Name, Word("category", Category), Word("tag", Tag), Word("channel", Channel), Pinned ? "pinned" : null,
        };
        return string.Join('-', words.OfType<string>()) + ".json";
    }

    /// <summary>A text as part of a file's name: its words where that says all of it, else with some of its digest.</summary>
    private static string? Word(string kind, string? text)
    {
        if (text is null)
            return null;
        var slug = ComponentName.Slug(text);
        return string.Join('-', new[] { kind, slug, slug == text.ToLowerInvariant().Replace(' ', '-') ? "" : Digest.Of(text)["sha256:".Length..][..8] }.Where(part => part.Length > 0));
    }

    /// <summary>One entry for each major that has something to offer, highest first.</summary>
    public IEnumerable<VersionEntry> Majors(ComponentEntry component)
    {
        if (!Has(component))
            return [];
        if (Channel is not null)
            return Target(component, Channel) is { } target ? [target] : [];
        var offered = component.Versions.Where(IsOffered).GroupBy(version => version.Number.Major);
        // A major of pre-releases alone is shown only where there is nothing else.
        var stable = offered.Where(major => major.Any(version => !version.Number.IsPrerelease)).Select(major => major.First(version => !version.Number.IsPrerelease)).ToList();
        return stable.Count > 0 ? stable : offered.Select(major => major.First()).Take(1);
    }

    /// <summary>What stands in the URL; null when the component has nothing to offer.</summary>
    private string? ReferenceOf(ComponentEntry component)
    {
        var target = Channel is not null ? Target(component, Channel)
            : Target(component, ComponentEntry.Latest) ?? component.Versions.FirstOrDefault(IsOffered);
        if (target is null)
            return null;
        if (Pinned)
            return target.Number.ToString();
        return Channel ?? MovingReference(component, target);
    }

    /// <summary>Elyra keeps a component's URL in every saved pipeline: it may move, but never to another major. Ranges leave out pre-releases.</summary>
    public string MovingReference(ComponentEntry component, VersionEntry target)
    {
        var range = RangeOf(target.Number);
        return !target.Number.IsPrerelease && SemanticVersion.TryParseRange(range, out var parsed) && component.Find(parsed) is { } found && IsOffered(found)
            ? range
            : target.Number.ToString();
    }

    private static string RangeOf(SemVersion number) => string.Create(CultureInfo.InvariantCulture, $"~{number.Major}");

    private VersionEntry? Target(ComponentEntry component, string channel) =>
        component.Channel(channel) is { } entry && component.Find(entry.Version) is { } version && IsOffered(version) ? version : null;

    private bool IsOffered(VersionEntry version) => version.IsListed && version.Renditions.ContainsKey(Runtime.Form);

    private string Describe(NamespaceEntry? space, string title, RegistryUrls urls)
    {
        var file = FileName(space);
        var text = $"Components of {(title == DefaultCategory ? "all namespaces" : title)} from {urls.Base}, as they were when this file was made. For a newer one: "
            + $"mkdir -p claimed-catalogs && curl -fsS -o claimed-catalogs/{file} '{UrlOf(space, urls)}' && elyra-metadata import component-catalogs --directory claimed-catalogs --overwrite";
        return space is { IsPrivate: true }
            ? $"{text} (with curl -u user:TOKEN). The components are private: in this catalog's settings, under Source credentials, write any user id, and a token with the scope pull as the password."
            : text;
    }

    private string UrlOf(NamespaceEntry? space, RegistryUrls urls)
    {
        var query = new QueryString().Add("runtime", Runtime.Name);
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("category", Category), ("tag", Tag), ("channel", Channel), ("pinned", Pinned ? "true" : null)])
            query = value is null ? query : query.Add(name, value);
        // What the address may hold beside letters closes the quotes of a shell.
        return $"{urls.Base}/catalogs/elyra/{(space is null ? "" : space.Name + "/")}url-catalog.json{query.ToUriComponent().Replace("'", "%27", StringComparison.Ordinal)}";
    }
}
