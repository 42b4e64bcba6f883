using Claimed.Database.Events;
using Claimed.Registry.Access;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Events;

/// <summary>Which events a caller sees: those about what the caller sees; about who may do what in a namespace only its owners; and administrators all.</summary>
internal sealed class EventSight
{
    /// <summary>What everyone may know of a namespace that they see; all others of its kind tell of members, trust and owners.</summary>
    private static readonly string[] OpenNamespaceKinds = ["namespace.created", "namespace.changed", "namespace.deleted"];

    private readonly CatalogView _view;
    private readonly Rights _rights;
    private readonly Caller _caller;
    private readonly bool _isAdministrator;
    private readonly Dictionary<string, bool> _manages = new(StringComparer.Ordinal);

    private EventSight(CatalogView view, Rights rights, Caller caller)
    {
        (_view, _rights, _caller) = (view, rights, caller);
        _isAdministrator = rights.MayAdminister(caller);
    }

    /// <summary>As the caller's rights are now.</summary>
    public static EventSight Of(HttpContext context) => new(CatalogView.Of(context), context.RequestServices.GetRequiredService<Rights>(), Caller.Of(context));

    public bool Sees(RegistryEvent row)
    {
        if (_isAdministrator)
            return true;
        if (row.Kind.StartsWith(SnapshotFeed.AccessKinds, StringComparison.Ordinal) || !_view.Sees(row.Subject))
            return false;
        if (!row.Kind.StartsWith(SnapshotFeed.NamespaceKinds, StringComparison.Ordinal))
            return true;
        // One that was deleted and made again by others keeps what it was to itself.
        return row.At >= _view.Namespace(row.Subject)?.CreatedAt && (OpenNamespaceKinds.Contains(row.Kind, StringComparer.Ordinal) || Manages(row.Subject));
    }

    private bool Manages(string space)
    {
        if (!_manages.TryGetValue(space, out var manages))
            _manages[space] = manages = _rights.May(_caller, Deed.Manage, space, null);
        return manages;
    }
}
