using System.Globalization;
using System.Security.Claims;
using Claimed.Registry.Access.Passes;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Claimed.Registry.Access.People;

/// <summary>
/// A person's session in a browser, as its cookie says. It counts for reading, and for the forms of the account pages with their
/// antiforgery token; never for what the API changes, because a browser sends cookies for whoever makes it ask.
/// </summary>
public sealed record Session(long UserId, Caller Caller)
{
    public const string Cookie = "claimed-session";
    public const string Scheme = "session";

    /// <summary>After so long without a request it is over.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(12);

    /// <summary>After so long it is over.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    private const string Id = "id";
    private const string Stamp = "stamp";
    private const string Began = "began";

    /// <summary>The valid session of a request; null without one.</summary>
    public static Session? Of(HttpContext context) => context.Features.Get<Session>();

    /// <summary>Whether the request has a session's cookie, valid or not.</summary>
    public static bool IsSent(HttpRequest request) => request.Headers.Cookie.Count > 0 && request.Headers.Cookie.ToString().Contains(Cookie, StringComparison.Ordinal);

    /// <summary>Where a session is no credential: image clients and their passes know tokens alone.</summary>
    internal static bool CountsAt(HttpRequest request) =>
        request.IsRead() && !request.Path.StartsWithSegments("/v2") && request.Path != PassEndpoint.Path;

    /// <summary>Has the rest of the request done in the person's name: for a form whose antiforgery token was checked.</summary>
    public void ActFor(HttpContext context)
    {
        context.Features.Set(new Credentials(Caller, null));
        Actor.Current = new Actor(Caller.Name, context.Connection.RemoteIpAddress?.ToString(), null);
    }

    /// <summary>Begins a session; a stamp that is no longer the person's ends it.</summary>
    public static Task BeginAsync(HttpContext context, SignedIn person)
    {
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var identity = new ClaimsIdentity(
        [
            new Claim(Id, person.Id.ToString(CultureInfo.InvariantCulture)),
            new Claim(Stamp, person.Stamp.ToString(CultureInfo.InvariantCulture)),
            new Claim(Began, now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        ], Scheme);
        return context.SignInAsync(Scheme, new ClaimsPrincipal(identity));
    }

    public static Task EndAsync(HttpContext context) => context.SignOutAsync(Scheme);

    /// <summary>Looks whether the person may still sign in, and whether the session is not too old.</summary>
    internal static Task CheckAsync(CookieValidatePrincipalContext check)
    {
        var services = check.HttpContext.RequestServices;
        var (id, began) = (Number(check.Principal, Id), Number(check.Principal, Began));
        var isOld = services.GetRequiredService<TimeProvider>().GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(began) > Longest;
        if (!isOld && services.GetRequiredService<KnownTokens>().FindPerson(id, Number(check.Principal, Stamp)) is { } caller)
            check.HttpContext.Features.Set(new Session(id, caller));
        else
            check.RejectPrincipal();
        return Task.CompletedTask;
    }

    private static long Number(ClaimsPrincipal? principal, string claim) => long.Parse(principal!.FindFirstValue(claim)!, CultureInfo.InvariantCulture);
}

/// <summary>A person whose password or identity provider was believed.</summary>
public sealed record SignedIn(long Id, long Stamp, string Name);
