namespace Claimed.Database.Access;

/// <summary>What a person or a group may do in a namespace.</summary>
public sealed class Member
{
    public long NamespaceId { get; set; }

    public Catalog.Namespace? Namespace { get; set; }

    /// <summary>A constant of <see cref="MemberKind"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>Name of the user, or of the group as the identity provider calls it.</summary>
    public required string Name { get; set; }

    /// <summary><c>reader</c>, <c>publisher</c> or <c>owner</c>.</summary>
    public required string Role { get; set; }

    public long CreatedAt { get; set; }
}

/// <summary>Who can be a member.</summary>
public static class MemberKind
{
    public const string User = "user";
    public const string Group = "group";
}
