namespace Claimed.Registry.Access;

/// <summary>What a request wants to do, as rights are given for it.</summary>
public enum Deed
{
    /// <summary>See what there is and pull it; for private namespaces a right, for public ones everyone's.</summary>
    Read,

    /// <summary>Publish, move channels, change how a component shows itself, cancel and retry builds.</summary>
    Publish,

    /// <summary>Yank and deprecate.</summary>
    Yank,

    /// <summary>Push and delete images.</summary>
    Push,

    /// <summary>Decide on members, visibility, trust and tokens of a namespace.</summary>
    Manage,

    /// <summary>What administrators alone do.</summary>
    Administer,
}

/// <summary>What each deed takes.</summary>
public static class DeedRules
{
    /// <summary>The least role in the namespace.</summary>
    public static MemberRole LeastRole(this Deed deed) => deed switch
    {
        Deed.Read => MemberRole.Reader,
        Deed.Publish or Deed.Yank or Deed.Push => MemberRole.Publisher,
        _ => MemberRole.Owner,
    };

    /// <summary>The scopes of which a token needs one.</summary>
    public static Scopes NeededScope(this Deed deed) => deed switch
    {
        // Who may change something there may look at it.
        Deed.Read => Scopes.All,
        Deed.Publish => Scopes.Publish,
        Deed.Yank => Scopes.Yank,
        Deed.Push => Scopes.Push,
        Deed.Manage => Scopes.Manage,
        _ => Scopes.Admin,
    };
}
