using System.Globalization;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Catalogs.Elyra;
using Claimed.Registry.Http;
using Claimed.Registry.Publish;
using Claimed.Registry.Storage.Snapshot;
using Semver;

namespace Claimed.Registry.Catalogs.Mlx;

/// <summary>What an id of the MLX API names.</summary>
/// <param name="Id">The id as lists have it.</param>
/// <param name="Label">What a palette calls it: told apart from every other of this registry.</param>
/// <param name="IsPinned">Whether it means this version for ever.</param>
internal sealed record MlxComponent(string Id, ComponentEntry Component, VersionEntry Version, string Label, bool IsPinned)
{
    public DateTimeOffset CreatedAt => DateTimeOffset.FromUnixTimeMilliseconds(Version.CreatedAt);

    public bool IsFeatured => Has(ReservedTags.Featured);

    public bool IsApproved => Has(ReservedTags.Approved);

    private bool Has(string tag) => Component.Tags.Contains(tag, StringComparer.OrdinalIgnoreCase);
}

/// <summary>
/// Ids of the MLX API, which knows no namespaces and no versions. A pipeline keeps the id alone, so what moves stays within a major:
/// <c>acme--filter</c> is the first major that the component had, <c>acme--filter--2</c> another, <c>acme--filter--1.2.0</c> one version.
/// </summary>
internal static class MlxId
{
    private const string Between = "--";

    public static string Of(string space, string name, string? version) => version is null ? $"{space}{Between}{name}" : $"{space}{Between}{name}{Between}{version}";

    /// <summary>Everything that a list has of a component: one id for each major, highest first.</summary>
    public static IEnumerable<MlxComponent> All(ComponentEntry component)
    {
        var selection = new ElyraSelection(ElyraRuntime.Kfp, null, null, null, false);
        var first = FirstMajor(component);
        return selection.Majors(component).Select(version =>
            selection.MovingReference(component, version) == version.Number.ToString() ? Pinned(component, version) : Moving(component, version, first));
    }

    /// <summary>What an id names, also a yanked version.</summary>
    /// <exception cref="RefusedException">404 or 410: nothing that the caller sees.</exception>
    public static MlxComponent Find(CatalogView view, string id, TimeProvider clock)
    {
        var parts = id.Split(Between, 3);
        if (parts.Length < 2 || view.Find(parts[0], parts[1]) is not { Kind: ComponentKind.Component } component)
            throw new RefusedException(Missing.Component(parts[0], parts.ElementAtOrDefault(1) ?? "") with
            {
                Detail = $"Nothing that you may see has the id {VersionReference.Quoted(id)}: ids are namespace--name, with --2 for another major version or --1.2.0 for one version.",
            });
        var first = FirstMajor(component);
        var major = parts.Length == 2 ? first?.ToString(CultureInfo.InvariantCulture) : parts[2].All(char.IsAsciiDigit) ? parts[2] : null;
        var isPinned = major is null && parts.Length == 3 && char.IsAsciiDigit(parts[2][0]);
        if (major is null && !isPinned)
            throw new RefusedException(NotFound(component, id));
        var resolved = VersionReference.Resolve(component, isPinned ? parts[2] : $"~{major}", clock);
        var version = resolved.Version ?? throw new RefusedException(resolved.Refusal!);
        if (!version.Renditions.ContainsKey(ElyraRuntime.Kfp.Form))
            throw new RefusedException(NotFound(component, id));
        return isPinned ? Pinned(component, version) : Moving(component, version, first);
    }

    private static MlxComponent Moving(ComponentEntry component, VersionEntry version, long? first)
    {
        var major = (long)version.Number.Major;
        var isFirst = major == first;
        return new MlxComponent(Of(component.Namespace, component.Name, isFirst ? null : major.ToString(CultureInfo.InvariantCulture)), component, version,
            PaletteText.Label(component, isFirst ? null : PaletteText.Major(version.Number), space: true), false);
    }

    private static MlxComponent Pinned(ComponentEntry component, VersionEntry version)
    {
        var number = version.Number.ToString();
        return new MlxComponent(Of(component.Namespace, component.Name, number), component, version, PaletteText.Label(component, number, space: true), true);
    }

    /// <summary>Stays what it is: a version that was ready keeps its number for ever, whatever becomes of it.</summary>
    private static long? FirstMajor(ComponentEntry component) => component.Versions.Where(version => version.ReadyAt is not null && !version.Number.IsPrerelease)
        .OrderBy(version => version.ReadyAt).ThenBy(version => version.Number, SemVersion.PrecedenceComparer).Select(version => (long?)version.Number.Major).FirstOrDefault();

    private static Refusal NotFound(ComponentEntry component, string id) => new(404, "version-not-found", "There is no such version.",
        $"{component.Subject} has nothing for Elyra that {VersionReference.Quoted(id)} names.");
}
