namespace Claimed.Database.Catalog;

/// <summary>Who owns components.</summary>
public sealed class Namespace
{
    /// <summary>The namespace of the components that ship with the product.</summary>
    public const string Shipped = "claimed";

    public long Id { get; set; }

    public required string Name { get; set; }

    /// <summary>Only members see a private one.</summary>
    public bool IsPrivate { get; set; }

    /// <summary>Versions come from CI jobs under a trust rule alone, not from tokens that people keep.</summary>
    public bool OnlyTrusted { get; set; }

    /// <summary>Unix milliseconds, as every time in the database.</summary>
    public long CreatedAt { get; set; }
}
