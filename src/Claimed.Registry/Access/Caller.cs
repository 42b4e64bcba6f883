using Claimed.Registry.Access.Passes;

namespace Claimed.Registry.Access;

/// <summary>Who is asking, as their credentials say; what they may do where is for <see cref="Rights"/>.</summary>
public sealed class Caller
{
    public static readonly Caller Anonymous = new() { Name = "anonymous" };

    private volatile Seen? _sight;

    /// <summary>For the audit and for people: <c>anonymous</c>, a user's or token's name, or the build that pushes.</summary>
    public required string Name { get; init; }

    /// <summary>Row of the token, when one was used.</summary>
    public long? TokenId { get; init; }

    /// <summary>The person, when the token or the session is a person's.</summary>
    public string? UserName { get; init; }

    /// <summary>The person's groups at the identity provider.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Owner of everything, as far as scopes and pattern reach.</summary>
    public bool IsAdministrator { get; init; }

    public Scopes Scopes { get; init; }

    public SubjectPattern Pattern { get; init; } = SubjectPattern.All;

    /// <summary>What a build's ticket may push; null for everyone else.</summary>
    public PushTicket? Ticket { get; init; }

    /// <summary>The one repository that a build's ticket may push to.</summary>
    public string? PushRepository => Ticket?.Repository;

    /// <summary>The trust rule of a CI job's token.</summary>
    public long? TrustRuleId { get; init; }

    /// <summary>What the issuer says of that job, as JSON.</summary>
    public string? TrustClaims { get; init; }

    /// <summary>What a pass was given for; null for callers without one, whom nothing but their rights limits.</summary>
    public IReadOnlyList<PassAccess>? PassAccess { get; init; }

    public bool IsSignedIn => TokenId is not null || UserName is not null || PushRepository is not null;

    /// <param name="access">What a pass for the ticket was given for; null for the ticket itself.</param>
    public static Caller OfBuild(PushTicket ticket, IReadOnlyList<PassAccess>? access = null) => new() { Name = $"build of {ticket.Repository}", Ticket = ticket, PassAccess = access };

    /// <summary>The holder of a pass: no one, or someone with a token, who with the pass can do nothing beside images.</summary>
    internal static Caller WithPass(Caller? holder, IReadOnlyList<PassAccess> access) => holder is null
        ? new Caller { Name = Anonymous.Name, PassAccess = access }
        : new Caller
        {
            Name = holder.Name,
            TokenId = holder.TokenId,
            UserName = holder.UserName,
            Groups = holder.Groups,
            IsAdministrator = holder.IsAdministrator,
            Scopes = holder.Scopes & (Scopes.Pull | Scopes.Push),
            Pattern = holder.Pattern,
            TrustRuleId = holder.TrustRuleId,
            TrustClaims = holder.TrustClaims,
            PassAccess = access,
        };

    /// <summary>False when the caller's pass was not given for this. A push asks for what is there already, so a pass for pushing or deleting pulls, too.</summary>
    internal bool Opens(string repository, string action) => PassAccess is null
        || PassAccess.Any(access => access.Name == repository && access.Actions.Any(given => given == action || given is Passes.PassAccess.Everything or Passes.PassAccess.Delete
            || (given == Passes.PassAccess.Push && action == Passes.PassAccess.Pull)));

    /// <summary>The caller of a request; anonymous until someone has looked at its credentials.</summary>
    public static Caller Of(HttpContext context) => context.Features.Get<Credentials>()?.Caller ?? Anonymous;

    /// <summary>What this caller sees, remembered as long as namespaces and group roles are the ones it was made from.</summary>
    internal Sight SightFrom(object namespaces, object groups, Func<Caller, Sight> make)
    {
        if (_sight is { } known && ReferenceEquals(known.Namespaces, namespaces) && ReferenceEquals(known.Groups, groups))
            return known.Sight;
        var sight = make(this);
        _sight = new Seen(namespaces, groups, sight);
        return sight;
    }

    private sealed record Seen(object Namespaces, object Groups, Sight Sight);
}

/// <summary>What came of the credentials of a request.</summary>
/// <param name="Failure">Why they are not valid; null when they are, or none were sent.</param>
public sealed record Credentials(Caller Caller, string? Failure)
{
    public static readonly Credentials None = new(Caller.Anonymous, null);

    public static Credentials Of(HttpContext context) => context.Features.Get<Credentials>() ?? None;
}
