using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Claimed.Registry.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access;

/// <summary>Reads a token from <c>Authorization: Bearer T</c> or Basic <c>anything:T</c>: Elyra, pip, docker and .netrc can only do Basic.</summary>
public sealed class TokenAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AccessTokens tokens, PushTickets tickets,
    ImagePasses passes)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "token";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (header.Length == 0)
            return Task.FromResult(AuthenticateResult.NoResult());
        if (TokenOf(header) is not { } token)
            return Task.FromResult(AuthenticateResult.Fail("The Authorization header is neither Bearer nor Basic."));
        if (CallerOf(token) is not { } caller)
            return Task.FromResult(AuthenticateResult.Fail("The token is not known."));
        if (!caller.IsSignedIn)
            return Task.FromResult(AuthenticateResult.NoResult());
        var ticket = new AuthenticationTicket(new ClaimsPrincipal(new CallerIdentity(caller)), Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(ticket));
    }

    private Caller? CallerOf(string token)
    {
        if (tickets.Read(token) is { } repository)
            return Caller.OfBuild(repository);
        return tokens.Find(token) is { } row ? Caller.WithToken(row) : passes.Read(token);
    }

    internal static string? TokenOf(string header)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out var value) || value.Parameter is null)
            return null;
        if (value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            return value.Parameter;
        if (!value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[value.Parameter.Length];
        if (!Convert.TryFromBase64String(value.Parameter, bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        return pair.Length == 2 ? pair[1] : null;
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer realm=\"claimed-registry\"";
        return SignIn.ToResult().ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => NotAllowed.ToResult().ExecuteAsync(Context);

    public static readonly Refusal SignIn = new(401, "unauthorized", "A token is needed.",
        "Send \"Authorization: Bearer TOKEN\", or Basic with any user name and the token as password. The first token is in the file admin-token of the data folder.");

    public static readonly Refusal NotAllowed = new(403, "forbidden", "This token may not do that.",
        "Use a token with the right to write here.");
}
