namespace Claimed.Database.Catalog;

/// <summary>What a namespace publishes under one name. Its presentation may change; its versions may not.</summary>
public sealed class Component
{
    public long Id { get; set; }

    public long NamespaceId { get; set; }

    public Namespace? Namespace { get; set; }

    public required string Name { get; set; }

    public string Kind { get; set; } = ComponentKind.Component;

    public string DisplayName { get; set; } = "";

    public string Description { get; set; } = "";

    public string? Category { get; set; }

    /// <summary>The group within the category (the column is not called "group", which SQL reserves).</summary>
    public string? GroupName { get; set; }

    /// <summary>JSON array of strings.</summary>
    public string Tags { get; set; } = "[]";

    public long CreatedAt { get; set; }

    public long UpdatedAt { get; set; }

    public List<ComponentVersion> Versions { get; set; } = [];

    public List<Channel> Channels { get; set; } = [];
}

/// <summary>The kinds of component.</summary>
public static class ComponentKind
{
    public const string Component = "component";

    /// <summary>A multi-step document kept verbatim and absent from palettes.</summary>
    public const string Pipeline = "pipeline";
}
