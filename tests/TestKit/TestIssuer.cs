using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Claimed.TestKit;

/// <summary>How a token of <see cref="TestIssuer"/> is made, well or badly.</summary>
public enum Signing
{
    Rsa,
    RsaPss,
    Ec,
    WrongAudience,
    WrongIssuer,
    NoSignature,

    /// <summary>HMAC with the public key as its secret, which everyone has.</summary>
    HmacWithPublicKey,
    ForeignKey,
    UnknownKey,
    Expired,
    NoEnd,
    Future,
}

/// <summary>An OpenID Connect issuer on a free loopback port, with discovery and keys that it can change, that also signs what no issuer should.</summary>
public sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TimeProvider _clock;
    private RSA _rsa = RsaKeys.Next();
    private ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private int _generation = 1;
    private int _asked;
    private int _issued;

    private TestIssuer(WebApplication app, TimeProvider clock) => (_app, _clock) = (app, clock);

    /// <summary><c>http://127.0.0.1:port</c>.</summary>
    public string Url { get; private set; } = "";

    /// <summary>How often its keys were read.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Answers 503 to everything.</summary>
    public bool IsAway { get; set; }

    /// <summary>Whom its tokens are for unless the claims say otherwise.</summary>
    public string Audience { get; set; } = "http://localhost:8080";

    /// <summary>Its keys as JWKS.</summary>
    public string Keys
    {
        get
        {
            var (rsa, ec) = (_rsa.ExportParameters(false), _ec.ExportParameters(false));
            return JsonSerializer.Serialize(new
            {
                keys = new object[]
                {
                    new { kty = "RSA", use = "sig", kid = KeyId("rsa"), n = Text(rsa.Modulus!), e = Text(rsa.Exponent!) },
                    new { kty = "EC", use = "sig", kid = KeyId("ec"), crv = "P-256", x = Text(ec.Q.X!), y = Text(ec.Q.Y!) },
                },
            });
        }
    }

    public static async Task<TestIssuer> StartAsync(TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var app = builder.Build();
        var issuer = new TestIssuer(app, clock ?? TimeProvider.System);
        app.Use((context, next) =>
        {
            if (!issuer.IsAway)
                return next(context);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = issuer.Url,
            ["jwks_uri"] = issuer.Url + "/keys",
            ["id_token_signing_alg_values_supported"] = new[] { "RS256", "ES256" },
        }));
        app.MapGet("/keys", () =>
        {
            Interlocked.Increment(ref issuer._asked);
            return Results.Text(issuer.Keys, "application/json");
        });
        await app.StartAsync();
        issuer.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single().TrimEnd('/');
        return issuer;
    }

    /// <summary>New keys under new names; the old ones are no longer published.</summary>
    public void Rotate()
    {
        var old = (_rsa, _ec);
        (_rsa, _ec) = (RsaKeys.Next(_rsa), ECDsa.Create(ECCurve.NamedCurves.nistP256));
        old._rsa.Dispose();
        old._ec.Dispose();
        _generation++;
    }

    /// <summary>A token with these claims; <c>iss aud iat nbf exp jti</c> are added where absent, and null leaves a claim out.</summary>
    public string Sign(IReadOnlyDictionary<string, object?> claims, Signing how = Signing.Rsa)
    {
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        var began = how switch { Signing.Future => now + 3600, Signing.Expired => now - 7200, _ => now };
        var payload = new Dictionary<string, object?>
        {
            ["iss"] = how == Signing.WrongIssuer ? "https://issuer.invalid" : Url,
            ["aud"] = how == Signing.WrongAudience ? "https://elsewhere.invalid" : Audience,
            ["iat"] = began,
            ["nbf"] = began,
            ["exp"] = how == Signing.NoEnd ? null : began + 300,
            ["jti"] = $"{_generation}-{Interlocked.Increment(ref _issued)}",
        };
        foreach (var (name, value) in claims)
            payload[name] = value;
        var (algorithm, kind) = how switch
        {
            Signing.Ec => ("ES256", "ec"),
            Signing.RsaPss => ("PS256", "rsa"),
            Signing.NoSignature => ("none", "rsa"),
            Signing.HmacWithPublicKey => ("HS256", "rsa"),
            Signing.UnknownKey => ("RS256", "nobody"),
            _ => ("RS256", "rsa"),
        };
        var signed = $"{Text(JsonSerializer.SerializeToUtf8Bytes(new { alg = algorithm, typ = "JWT", kid = KeyId(kind) }))}."
            + Text(JsonSerializer.SerializeToUtf8Bytes(payload.Where(claim => claim.Value is not null).ToDictionary()));
        return $"{signed}.{Text(Signature(Encoding.ASCII.GetBytes(signed), how))}";
    }

    /// <summary>A job of GitHub's kind: <paramref name="repository"/> with the number that never changes.</summary>
    public string SignJob(string repository = "acme/filters", string id = "1296269", Signing how = Signing.Rsa, params (string Name, object? Value)[] more)
    {
        var claims = new Dictionary<string, object?>
        {
            ["sub"] = $"repo:{repository}:ref:refs/heads/main",
            ["repository"] = repository,
            ["repository_id"] = id,
            ["repository_owner_id"] = "583231",
            ["ref"] = "refs/heads/main",
            ["sha"] = "74e2b1b7ac0fa1d9b0e1c3b0a1d34e2c5f6a7b8c",
            ["run_id"] = "42",
            ["run_attempt"] = "1",
        };
        foreach (var (name, value) in more)
            claims[name] = value;
        return Sign(claims, how);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _rsa.Dispose();
        _ec.Dispose();
    }

    private byte[] Signature(byte[] signed, Signing how)
    {
        switch (how)
        {
            case Signing.NoSignature:
                return [];
            case Signing.Ec:
                return _ec.SignData(signed, HashAlgorithmName.SHA256);
            case Signing.RsaPss:
                return _rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
            case Signing.HmacWithPublicKey:
                return HMACSHA256.HashData(Encoding.ASCII.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem()), signed);
            case Signing.ForeignKey:
                using (var foreign = RsaKeys.Next(_rsa))
                    return foreign.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            default:
                return _rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    private string KeyId(string kind) => $"{kind}-{_generation}";

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
