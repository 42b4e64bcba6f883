using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Claimed.Registry.Access.Passes;

/// <summary>
/// Short-lived passes that image clients get from <c>/token</c>: JWTs signed with ES256, as the token flow of the registry protocol has
/// them. Docker sends credentials only after a challenge, and after a Basic challenge it refuses to pull without any; with passes the same
/// client pulls anonymously and pushes signed in. A pass opens what was asked for and no more, and ends with the token it was given for.
/// </summary>
public sealed class ImagePasses(SigningKeys keys, KnownTokens tokens, RegistryUrls urls, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const string TokenClaim = "token";
    private const string BuildClaim = "build";
    private const int MostKnown = 10_000;

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    // A push sends the same pass many times; checking a signature costs a hundred microseconds.
    private readonly ConcurrentDictionary<string, Pass> _checked = new(StringComparer.Ordinal);

    /// <param name="access">What the caller may and has asked for.</param>
    /// <returns>The pass, and the seconds that it holds: never longer than the ticket that it was given for.</returns>
    public (string Text, int Seconds) Issue(Caller caller, IReadOnlyList<PassAccess> access)
    {
        var now = clock.GetUtcNow();
        var ends = (now + Lifetime).ToUnixTimeSeconds();
        if (caller.Ticket is { } limit)
            ends = Math.Min(ends, limit.Ends);
        var claims = new Dictionary<string, object>
        {
            ["iss"] = urls.Base,
            ["aud"] = urls.ImageHost,
            ["sub"] = caller.Name,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = ends,
            ["jti"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)),
            ["access"] = access,
        };
        if (caller.Ticket is { } ticket)
            claims[BuildClaim] = $"{ticket.Repository}:{ticket.Tag}";
        else if (caller.TokenId is { } id)
            claims[TokenClaim] = id.ToString(CultureInfo.InvariantCulture);
        var key = keys.Newest;
        var text = $"{Encode(new { alg = "ES256", kid = key.Id, typ = "JWT" })}.{Encode(claims)}";
        return ($"{text}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(text)))}", (int)(ends - now.ToUnixTimeSeconds()));
    }

    /// <summary>Whose pass it is, with what it opens; null when it is not valid, or its token no longer is.</summary>
    public Caller? Read(string text)
    {
        if (!text.StartsWith("eyJ", StringComparison.Ordinal) || text.AsSpan().ContainsAnyExcept(Letters) || Check(text) is not { } pass || pass.Ends <= clock.GetUtcNow())
            return null;
        if (pass.Build?.Split(':') is [var repository, var tag])
            return Caller.OfBuild(new PushTicket(repository, tag, pass.Ends.ToUnixTimeSeconds()), pass.Access);
        if (pass.TokenId is not { } id)
            return Caller.WithPass(null, pass.Access);
        return tokens.Find(id) is { } caller ? Caller.WithPass(caller, pass.Access) : null;
    }

    private Pass? Check(string text)
    {
        if (_checked.TryGetValue(text, out var known))
            return known;
        if (Verify(text) is not { } pass)
            return null;
        if (_checked.Count >= MostKnown)
            _checked.Clear();
        return _checked[text] = pass;
    }

    private Pass? Verify(string text)
    {
        JsonWebToken jwt;
        (string? Algorithm, string? Key) head;
        try
        {
            jwt = new JsonWebToken(text);
            // Read here: the library looks at what the sender wrote only when asked.
            head = (jwt.Alg, jwt.Kid);
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or JsonException or SecurityTokenException)
        {
            return null;
        }
        // The algorithm is ours to name, never the sender's.
        if (head.Algorithm != "ES256" || keys.Find(head.Key) is not { } key || !Base64Url.IsValid(jwt.EncodedSignature)
            || !key.Verify(Encoding.ASCII.GetBytes($"{jwt.EncodedHeader}.{jwt.EncodedPayload}"), Base64Url.DecodeFromChars(jwt.EncodedSignature)))
            return null;
        if (jwt.Issuer != urls.Base || !jwt.Audiences.Contains(urls.ImageHost, StringComparer.Ordinal))
            return null;
        var body = Json.Read<Body>(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(jwt.EncodedPayload)));
        return new Pass(jwt.ValidTo, body.Build, body.Token is { } id ? long.Parse(id, CultureInfo.InvariantCulture) : null, body.Access);
    }

    private static string Encode(object value) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Json.Write(value)));

    private sealed record Pass(DateTimeOffset Ends, string? Build, long? TokenId, IReadOnlyList<PassAccess> Access);

    private sealed record Body(IReadOnlyList<PassAccess> Access, string? Token, string? Build);
}
