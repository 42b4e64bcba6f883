using Claimed.Registry.Access.People;
using Claimed.Registry.Http;

namespace Claimed.Registry.Pages;

/// <summary>Who looks at a page, for its frame.</summary>
/// <param name="Name">The signed-in person; null for everyone else.</param>
/// <param name="SignIn">The sign-in page, which leads back here.</param>
public sealed record Visitor(string? Name, string SignIn)
{
    public bool IsSignedIn => Name is not null;

    public static Visitor Of(HttpContext context)
    {
        var request = context.Request;
        // Only what can be asked for again with a link.
        var isPlace = request.IsRead() && request.Path != SignInPages.Address;
        return new Visitor(Session.Of(context)?.Caller.Name, isPlace ? SignInPages.For(request.PathBase + request.Path + request.QueryString) : SignInPages.Address);
    }
}
