namespace Claimed.Database.Catalog;

/// <summary>Who owns components.</summary>
public sealed class Namespace
{
    /// <summary>The namespace of the components that ship with the product.</summary>
    public const string Shipped = "claimed";

    public long Id { get; set; }

    public required string Name { get; set; }

    /// <summary>Unix milliseconds, as every time in the database.</summary>
    public long CreatedAt { get; set; }
}
