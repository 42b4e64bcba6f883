using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Http.Documents;

/// <summary>A component in lists and on its own.</summary>
public sealed record ComponentDocument
{
    /// <example>claimed</example>
    public required string Namespace { get; init; }

    /// <example>filter-csv</example>
    public required string Name { get; init; }

    /// <summary><c>component</c> or <c>pipeline</c>.</summary>
    /// <example>component</example>
    public required string Kind { get; init; }

    public required string DisplayName { get; init; }

    public required string Description { get; init; }

    /// <example>Transform</example>
    public string? Category { get; init; }

    public string? Group { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The version that lists show: the channel <c>latest</c>, else the newest one.</summary>
    public string? Version { get; init; }

    /// <summary>State of that version.</summary>
    public string? State { get; init; }

    /// <summary>Of a version that is built when somebody first asks for it; absent for all others.</summary>
    public DeferredDocument? Deferred { get; init; }

    /// <summary>Channel name → version.</summary>
    public required IReadOnlyDictionary<string, string> Channels { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary><c>self</c>, <c>versions</c> and <c>page</c>.</summary>
    public required IReadOnlyDictionary<string, string> Links { get; init; }

    public static ComponentDocument From(ComponentEntry component, RegistryUrls urls) => From(component, component.Shown, urls);

    private static ComponentDocument From(ComponentEntry component, VersionEntry? shown, RegistryUrls urls) => new()
    {
        Namespace = component.Namespace,
        Name = component.Name,
        Kind = component.Kind,
        DisplayName = component.DisplayName,
        Description = component.Description,
        Category = component.Category,
        Group = component.Group,
        Tags = component.Tags,
        Version = shown?.Number.ToString(),
        State = shown?.State,
        Deferred = shown is { IsDeferred: true } ? new DeferredDocument(shown.Build!.Estimate) : null,
        Channels = component.Channels.ToDictionary(channel => channel.Name, channel => channel.Version.ToString(), StringComparer.Ordinal),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(component.UpdatedAt),
        Links = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["self"] = urls.Component(component.Namespace, component.Name),
            ["versions"] = urls.Component(component.Namespace, component.Name) + "/versions",
            ["page"] = urls.Page(component.Namespace, component.Name),
        },
    };
}

/// <summary>Says that a version is not built yet.</summary>
/// <param name="Estimate">What building it is expected to take; absent where nobody said.</param>
public sealed record DeferredDocument(BuildEstimate? Estimate);

/// <summary>One page of a list.</summary>
/// <param name="Items">In the list's order.</param>
/// <param name="Next">Cursor of the next page; absent on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
