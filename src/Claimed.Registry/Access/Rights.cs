using Claimed.Database.Access;
using Claimed.Registry.Access.Passes;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Access;

/// <summary>
/// The one place that decides who may do what: a deed needs a scope of the token, a pattern that covers its subject, and a role in the
/// namespace. All of it is in memory.
/// </summary>
public sealed class Rights(SnapshotFeed feed, GroupRoles groups)
{
    /// <summary>The role that the caller has as a person, a group's member or a namespace's token, before scopes and pattern.</summary>
    public MemberRole RoleIn(Caller caller, NamespaceEntry space)
    {
        if (caller.IsAdministrator || groups.IsAdministrator(caller))
            return MemberRole.Owner;
        if (caller.UserName is not { } user)
            return caller.Scopes != Scopes.None && caller.Pattern.Namespace == space.Name ? MemberRole.Owner : MemberRole.None;
        var role = Max(RoleWords.Read(space.RoleOf(MemberKind.User, user)), groups.RoleIn(caller, space.Name));
        foreach (var group in caller.Groups)
            role = Max(role, RoleWords.Read(space.RoleOf(MemberKind.Group, group)));
        return role;
    }

    public bool IsAdministrator(Caller caller) => caller.IsAdministrator || groups.IsAdministrator(caller);

    /// <summary>Whether the caller may do what administrators alone do.</summary>
    public bool MayAdminister(Caller caller) => IsAdministrator(caller) && caller.Scopes.HasFlag(Scopes.Admin) && caller.Pattern.Namespace is null;

    /// <param name="name">Of the component, or the rest of the repository's name; null for the namespace itself.</param>
    public bool May(Caller caller, Deed deed, string space, string? name)
    {
        if (deed == Deed.Administer)
            return MayAdminister(caller);
        var entry = feed.Current.Namespaces.GetValueOrDefault(space);
        if (deed == Deed.Read && entry is { IsPrivate: false })
            return true;
        if ((caller.Scopes & deed.NeededScope()) == 0 || !(deed == Deed.Read && name is null ? caller.Pattern.Touches(space) : caller.Pattern.Covers(space, name)))
            return false;
        // Looked for where there is no namespace, too, so that one that is hidden takes no longer.
        var hasRole = RoleIn(caller, entry ?? NamespaceEntry.Absent) >= deed.LeastRole();
        // A namespace that is not there yet has no members: administrators alone act in it.
        return entry is null ? IsAdministrator(caller) : hasRole;
    }

    /// <summary>Whether the caller may pull from a repository of images; a pass opens only what it was given for.</summary>
    public bool MayPull(Caller caller, string repository) => caller.Opens(repository, PassAccess.Pull) && MayPullByRight(caller, repository);

    /// <summary>The same for pushing and deleting.</summary>
    public bool MayPush(Caller caller, string repository) => caller.Opens(repository, PassAccess.Push) && MayPushByRight(caller, repository);

    /// <summary>Whether the caller may mount from a repository. What everyone may pull needs no pass: clients ask for one for where they push.</summary>
    public bool MayMountFrom(Caller caller, string repository) => IsPublic(repository) || MayPull(caller, repository)
        // An engine that builds for a namespace pushed the layers of a base image with the component before; the next one need not send them again.
        || (caller.PushRepository is { } own && Parts(own).Space == Parts(repository).Space);

    /// <summary>Whether the caller could have a pass for this, and has sent one that was given for something else.</summary>
    public bool NeedsOtherPass(Caller caller, string repository, string action) => !caller.Opens(repository, action) && MayAct(caller, repository, action);

    /// <summary>Whether a pass for this action may be given to the caller.</summary>
    public bool MayAct(Caller caller, string repository, string action) => action switch
    {
        PassAccess.Pull => MayPullByRight(caller, repository),
        PassAccess.Push or PassAccess.Delete or PassAccess.Everything => MayPushByRight(caller, repository),
        _ => false,
    };

    private bool MayPullByRight(Caller caller, string repository)
    {
        var (space, name) = Parts(repository);
        // A namespace that is not there is answered as one that is hidden: who could tell them apart would learn of the hidden one.
        return caller.PushRepository == repository || May(caller, Deed.Read, space, name);
    }

    private bool MayPushByRight(Caller caller, string repository)
    {
        var (space, name) = Parts(repository);
        return caller.PushRepository == repository || May(caller, Deed.Push, space, name);
    }

    private static (string Space, string? Name) Parts(string repository) => repository.Split('/', 2) is [var space, var name] ? (space, name) : (repository, null);

    /// <summary>Whether everyone may pull from the repository.</summary>
    public bool IsPublic(string repository) => feed.Current.Namespaces.GetValueOrDefault(Parts(repository).Space) is { IsPrivate: false };

    /// <summary>Whether the caller has a role in the namespace, however narrow the token.</summary>
    public bool HasRole(Caller caller, string space) => feed.Current.Namespaces.GetValueOrDefault(space) is { } entry && RoleIn(caller, entry) != MemberRole.None;

    /// <summary>Whether the caller may know that the namespace is there.</summary>
    public bool Sees(Caller caller, string space) => feed.Current.Namespaces.GetValueOrDefault(space) is { } entry && SightOf(caller).Sees(entry);

    /// <summary>What the caller sees, from memory.</summary>
    public Sight SightOf(Caller caller) => SightOf(caller, feed.Current);

    public Sight SightOf(Caller caller, CatalogSnapshot catalog) => caller.Scopes == Scopes.None
        ? Sight.Public
        : caller.SightFrom(catalog.Namespaces, groups.Current, who => Make(who, catalog));

    private Sight Make(Caller caller, CatalogSnapshot catalog)
    {
        if (!catalog.PrivateNamespaces.Any())
            return Sight.Public;
        if (IsAdministrator(caller) && caller.Pattern.Namespace is null)
            return Sight.Everything;
        return Sight.Of([.. catalog.PrivateNamespaces.Where(space => caller.Pattern.Touches(space.Name) && RoleIn(caller, space) >= MemberRole.Reader).Select(space => space.Name)], caller.Pattern);
    }

    private static MemberRole Max(MemberRole one, MemberRole other) => one > other ? one : other;
}
