using Claimed.Registry.Access.People;
using Claimed.Registry.Http;

namespace Claimed.Registry.Access;

/// <summary>What the reader of a request sees, for whoever answers before anything else looks at it.</summary>
public sealed class Readers(CredentialReading credentials, Rights rights)
{
    /// <summary>Null when the request must be looked at in full: its credentials are not valid, or cannot be checked now, or it has a session.</summary>
    public Sight? SightOf(HttpContext context)
    {
        if (context.Request.Headers.Authorization.Count == 0)
            return Session.IsSent(context.Request) ? null : Sight.Public;
        try
        {
            var read = credentials.Of(context);
            return read.Failure is null ? rights.SightOf(read.Caller) : null;
        }
        catch (RefusedException)
        {
            return null;
        }
    }
}
