using Claimed.Registry.Http;

namespace Claimed.Registry.Access;

/// <summary>Who may use an endpoint; the table in docs/api.md is made from these, and an endpoint without one fails a test.</summary>
/// <param name="Deed">What it does.</param>
/// <param name="Reach">Which subject decides.</param>
public sealed record EndpointPolicy(Deed Deed, PolicyReach Reach)
{
    /// <summary>For the table.</summary>
    public string Text => Reach switch
    {
        PolicyReach.Open => "all",
        PolicyReach.Sight => "all; private namespaces for readers",
        PolicyReach.SignedIn => "signed in",
        PolicyReach.Browser => "in a browser, with its session and forms",
        _ when Deed == Deed.Administer => "administrators",
        _ => $"`{DeedText}`",
    };

    /// <summary>Whether the anonymous are refused.</summary>
    public bool NeedsToken => Reach is not (PolicyReach.Open or PolicyReach.Sight or PolicyReach.Browser);

    private string DeedText => $"{RoleWords.Of(Deed.LeastRole())}, scope {ScopeWords.Of(Deed.NeededScope())[0]}";
}

/// <summary>What a policy is asked about.</summary>
public enum PolicyReach
{
    /// <summary>Nothing here is anyone's secret.</summary>
    Open,

    /// <summary>Everyone, who gets what they see.</summary>
    Sight,

    /// <summary>Everyone who is signed in, for what is their own.</summary>
    SignedIn,

    /// <summary>Pages of signing in and of one's account: a session's cookie counts and no token, and what is changed takes the form that the page had.</summary>
    Browser,

    /// <summary>The <c>{namespace}</c> and <c>{name}</c> of the route.</summary>
    Route,

    /// <summary>The handler finds the subject and asks <see cref="Rights"/>; the caller must be signed in.</summary>
    ByHandler,
}

/// <summary>How routes say who may use them.</summary>
public static class EndpointPolicies
{
    /// <summary>Everyone may, and sees the same.</summary>
    public static T Open<T>(this T route) where T : IEndpointConventionBuilder => route.WithMetadata(new EndpointPolicy(Deed.Read, PolicyReach.Open));

    /// <summary>Everyone may, and gets what they see.</summary>
    public static T BySight<T>(this T route) where T : IEndpointConventionBuilder => route.WithMetadata(new EndpointPolicy(Deed.Read, PolicyReach.Sight));

    /// <summary>A page that goes by the session, and a form that is sent with its antiforgery token; the handler looks.</summary>
    public static T InBrowser<T>(this T route) where T : IEndpointConventionBuilder => route.WithMetadata(new EndpointPolicy(Deed.Read, PolicyReach.Browser));

    /// <summary>Callers need the right to do this to the subject in the route.</summary>
    public static RouteHandlerBuilder Needs(this RouteHandlerBuilder route, Deed deed) =>
        Filtered(route, new EndpointPolicy(deed, PolicyReach.Route));

    /// <summary>Callers need to be signed in; the handler asks for the right with <see cref="Demand"/>.</summary>
    public static RouteHandlerBuilder NeedsByHandler(this RouteHandlerBuilder route, Deed deed) =>
        Filtered(route, new EndpointPolicy(deed, PolicyReach.ByHandler));

    /// <summary>Callers need to be signed in.</summary>
    public static RouteHandlerBuilder NeedsSignIn(this RouteHandlerBuilder route) =>
        Filtered(route, new EndpointPolicy(Deed.Read, PolicyReach.SignedIn));

    /// <summary>Why the caller may not do this to the subject; null when it may. What the caller does not see is as if it were not there.</summary>
    public static Refusal? Demand(HttpContext context, Deed deed, string? space, string? name)
    {
        var credentials = Credentials.Of(context);
        if (credentials.Failure is not null)
            return AccessRefusals.Unknown;
        if (!credentials.Caller.IsSignedIn)
            return AccessRefusals.SignIn;
        var rights = context.RequestServices.GetRequiredService<Rights>();
        if (deed == Deed.Administer || space is null)
            return rights.MayAdminister(credentials.Caller) ? null : AccessRefusals.NotAllowed(credentials.Caller, Deed.Administer, null);
        if (rights.May(credentials.Caller, deed, space, name))
            return null;
        return rights.Sees(credentials.Caller, space)
            ? AccessRefusals.NotAllowed(credentials.Caller, deed, name is null ? space : $"{space}/{name}")
            : Missing.Namespace(space) with { Detail = $"There is no namespace \"{space}\" that you may see. An administrator creates one (PUT /api/v1/namespaces/{space}); where there is one, an owner of it gives you a role." };
    }

    /// <summary>The same for the endpoint of the request, with the credentials as they are worth now.</summary>
    public static Refusal? DemandAgain(HttpContext context)
    {
        context.RequestServices.GetRequiredService<CredentialReading>().Again(context);
        return context.GetEndpoint()?.Metadata.GetMetadata<EndpointPolicy>() is { } policy ? DemandOf(context, policy) : null;
    }

    private static RouteHandlerBuilder Filtered(RouteHandlerBuilder route, EndpointPolicy policy) => route.WithMetadata(policy).AddEndpointFilter(new PolicyFilter(policy));

    private static Refusal? DemandOf(HttpContext context, EndpointPolicy policy) => policy.Reach switch
    {
        PolicyReach.Route => Demand(context, policy.Deed, context.Request.RouteValues["namespace"] as string, context.Request.RouteValues["name"] as string),
        PolicyReach.SignedIn or PolicyReach.ByHandler => Credentials.Of(context) switch
        {
            { Failure: not null } => AccessRefusals.Unknown,
            { Caller.IsSignedIn: false } => AccessRefusals.SignIn,
            _ => null,
        },
        _ => null,
    };

    private sealed class PolicyFilter(EndpointPolicy policy) : IEndpointFilter
    {
        public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
            DemandOf(context.HttpContext, policy) is { } refusal ? ValueTask.FromResult<object?>(refusal.ToResult()) : next(context);
    }
}
