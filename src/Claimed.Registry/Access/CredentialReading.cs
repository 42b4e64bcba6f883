using System.Net.Http.Headers;
using System.Text;
using Claimed.Registry.Access.Passes;
using Claimed.Registry.Access.People;
using Claimed.Registry.Access.Tokens;

namespace Claimed.Registry.Access;

/// <summary>Reads who asks from <c>Authorization: Bearer T</c> or Basic <c>anything:T</c>: Elyra, pip, docker and .netrc can only do Basic. A reading browser's session counts where nothing was sent.</summary>
public sealed class CredentialReading(KnownTokens tokens, PushTickets tickets, ImagePasses passes)
{
    /// <summary>The credentials of a request, read once.</summary>
    public Credentials Of(HttpContext context)
    {
        if (context.Features.Get<Credentials>() is { } known)
            return known;
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0 && Session.IsSent(context.Request))
            return OfSession(context);
        var read = Read(header, context.Request.Path);
        context.Features.Set(read);
        return read;
    }

    /// <summary>The credentials as they are worth now: what was good when a long request began may have been withdrawn since.</summary>
    public Credentials Again(HttpContext context)
    {
        if (context.Request.Headers.Authorization.ToString() is { Length: > 0 } header)
            context.Features.Set(Read(header, context.Request.Path));
        return Of(context);
    }

    /// <summary>Not remembered: who asks before the session was read hears nothing of it.</summary>
    private static Credentials OfSession(HttpContext context)
    {
        if (Session.Of(context) is not { } session || !Session.CountsAt(context.Request))
            return Credentials.None;
        var read = new Credentials(session.Caller, null);
        context.Features.Set(read);
        return read;
    }

    private Credentials Read(string header, PathString path)
    {
        if (header.Length == 0)
            return Credentials.None;
        if (TokenOf(header) is not { } token)
            return new Credentials(Caller.Anonymous, "The Authorization header is neither Bearer nor Basic.");
        return CallerOf(token, path) is { } caller ? new Credentials(caller, null) : new Credentials(Caller.Anonymous, "The token is not known.");
    }

    /// <summary>Passes open images alone: whoever could exchange one for the next would need no token any more.</summary>
    private Caller? CallerOf(string token, PathString path)
    {
        if (tokens.Find(token) is { } caller)
            return caller;
        var isOfImages = path.StartsWithSegments("/v2");
        if ((isOfImages || path == PassEndpoint.Path) && tickets.Read(token) is { } ticket)
            return Caller.OfBuild(ticket);
        return isOfImages ? passes.Read(token) : null;
    }

    internal static string? TokenOf(string header)
    {
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return header["Bearer ".Length..].Trim();
        if (!AuthenticationHeaderValue.TryParse(header, out var value) || value.Parameter is null || !value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[value.Parameter.Length];
        if (!Convert.TryFromBase64String(value.Parameter, bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        return pair.Length == 2 ? pair[1] : null;
    }
}
