using Claimed.Registry.Http;

namespace Claimed.Registry.Storage;

/// <summary>In whose name changes are made, for the audit.</summary>
/// <param name="Name">Of a user or a token; <c>registry</c> for what it does by itself.</param>
/// <param name="Address">Where the request came from.</param>
/// <param name="TrustRuleId">The trust rule of a CI job.</param>
/// <param name="TrustClaims">What its issuer says of that job, as JSON.</param>
public sealed record Actor(string Name, string? Address, long? TokenId, long? TrustRuleId = null, string? TrustClaims = null)
{
    /// <summary>The registry itself.</summary>
    internal static readonly Actor Registry = new("registry", null, null) { MakesNamespaces = true };
    private static readonly AsyncLocal<Actor?> Flowing = new();

    /// <summary>Whether publishing or pushing into a namespace that is not there makes it: an administrator does, however narrow the token.</summary>
    public bool MakesNamespaces { get; init; }

    /// <summary>Asked as a change begins, which may be long after the request did: why it may not any more, or null.</summary>
    public Func<Refusal?>? Refuses { get; init; }

    /// <summary>Flows with the work that a request starts.</summary>
    public static Actor Current
    {
        get => Flowing.Value ?? Registry;
        set => Flowing.Value = value;
    }
}
