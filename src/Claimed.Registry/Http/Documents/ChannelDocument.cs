using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Http.Documents;

/// <summary>A channel: a movable name for a version.</summary>
public sealed record ChannelDocument
{
    /// <example>acme</example>
    public required string Namespace { get; init; }

    /// <example>filter-csv</example>
    public required string Name { get; init; }

    /// <example>stable</example>
    public required string Channel { get; init; }

    /// <summary>The version that it means.</summary>
    /// <example>1.2.0</example>
    public required string Version { get; init; }

    /// <summary>How often it was moved; 0 for <c>latest</c> while the registry moves it by itself.</summary>
    public required long Revision { get; init; }

    /// <summary><c>publisher</c>, or <c>registry</c> for <c>latest</c> while nobody has set it.</summary>
    public required string SetBy { get; init; }

    /// <summary><c>self</c> and <c>version</c>.</summary>
    public required IReadOnlyDictionary<string, string> Links { get; init; }

    public static ChannelDocument From(ComponentEntry component, ChannelEntry channel, RegistryUrls urls) =>
        From(component.Namespace, component.Name, channel.Name, channel.Version.ToString(), channel.Revision, urls);

    public static ChannelDocument From(string space, string name, string channel, string version, long revision, RegistryUrls urls) => new()
    {
        Namespace = space,
        Name = name,
        Channel = channel,
        Version = version,
        Revision = revision,
        SetBy = revision == 0 ? "registry" : "publisher",
        Links = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["self"] = urls.Channel(space, name, channel),
            ["version"] = urls.Version(space, name, version),
        },
    };
}

/// <summary>What a PUT of a channel says.</summary>
/// <param name="Version">The version that it shall mean; ready and not yanked.</param>
public sealed record ChannelTarget(string Version);
