using System.Security.Claims;
using Claimed.Database.Access;

namespace Claimed.Registry.Access;

/// <summary>Who is asking.</summary>
/// <param name="Name">For the audit and for people: <c>anonymous</c>, a token's name, or the build that pushes.</param>
/// <param name="TokenId">Row of the token, when one was used.</param>
/// <param name="IsAdministrator">May change everything.</param>
/// <param name="PushRepository">The one repository that a build's ticket may push to.</param>
public sealed record Caller(string Name, long? TokenId, bool IsAdministrator, string? PushRepository)
{
    public static readonly Caller Anonymous = new("anonymous", null, false, null);

    public static Caller WithToken(AccessToken token) => new(token.Name, token.Id, true, null);

    public static Caller OfBuild(string repository) => new($"build of {repository}", null, false, repository);

    public bool IsSignedIn => this != Anonymous;

    public static Caller Of(HttpContext context) => context.User.Identity is CallerIdentity identity ? identity.Caller : Anonymous;

    // The one seam for rights: every slice asks here, and nowhere else.
    public bool MayPublish(string space) => IsAdministrator;

    public bool MayAdminister() => IsAdministrator;

    public bool MayPush(string repository) => IsAdministrator || PushRepository == repository;
}

/// <summary>Carries the caller through ASP.NET's user.</summary>
public sealed class CallerIdentity(Caller caller) : ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Name)], "token")
{
    public Caller Caller { get; } = caller;
}
