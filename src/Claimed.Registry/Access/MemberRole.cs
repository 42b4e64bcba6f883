namespace Claimed.Registry.Access;

/// <summary>What a member may do in a namespace; each includes those before it.</summary>
public enum MemberRole
{
    /// <summary>No member.</summary>
    None,

    /// <summary>Sees a private namespace and pulls from it.</summary>
    Reader,

    /// <summary>Publishes, yanks and pushes.</summary>
    Publisher,

    /// <summary>Decides on members, visibility and trust.</summary>
    Owner,
}

/// <summary>Roles as words: <c>reader</c>, <c>publisher</c>, <c>owner</c>.</summary>
public static class RoleWords
{
    public static readonly IReadOnlyList<string> Known = ["reader", "publisher", "owner"];

    public static string Of(MemberRole role) => role.ToString().ToLowerInvariant();

    /// <summary><see cref="MemberRole.None"/> for a word that is no role.</summary>
    public static MemberRole Read(string? word) => word switch
    {
        "reader" => MemberRole.Reader,
        "publisher" => MemberRole.Publisher,
        "owner" => MemberRole.Owner,
        _ => MemberRole.None,
    };
}
