using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Claimed.TestKit;

/// <summary>An identity provider that lets everyone in at once as <see cref="Person"/>, rotates its keys and misbehaves as a test wants.</summary>
public sealed class TestProvider : IAsyncDisposable
{
    public const string ClientId = "registry";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _codes = new();
    private readonly List<Key> _keys = [];

    private TestProvider(WebApplication app) => _app = app;

    /// <summary><c>http://127.0.0.1:port</c>.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>Claims of whoever signs in next.</summary>
    public JsonObject Person { get; set; } = new() { ["sub"] = "1" };

    /// <summary>Changes the claims of a token before it is signed.</summary>
    public Action<JsonObject>? Twist { get; set; }

    /// <summary>Changes a token after it was signed.</summary>
    public Func<string, string>? Forge { get; set; }

    /// <summary>What the provider answers to a sign-in instead of a code, such as <c>error=access_denied</c>.</summary>
    public string? Refusal { get; set; }

    /// <summary>How often its keys were asked for.</summary>
    public int KeyReads { get; private set; }

    /// <summary>Settings of a registry whose people sign in here.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Access:Oidc:Authority"] = Address,
        ["Access:Oidc:ClientId"] = ClientId,
        ["Access:Oidc:ClientSecret"] = "a secret",
        ["Access:Oidc:RequireHttps"] = "false",
        ["Access:Oidc:DisplayName"] = "Test",
    };

    public static async Task<TestProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var provider = new TestProvider(app);
        provider.Rotate();
        app.MapGet("/.well-known/openid-configuration", provider.Document);
        app.MapGet("/keys", provider.Keys);
        app.MapGet("/authorize", provider.Authorize);
        app.MapPost("/token", (Delegate)provider.TokenAsync);
        await app.StartAsync();
        return provider;
    }

    /// <summary>Signs with a new key, RSA or elliptic, from now on; the old one is published no longer.</summary>
    public void Rotate(bool elliptic = false)
    {
        var old = _keys.FirstOrDefault();
        _keys.Clear();
        _keys.Add(new Key(elliptic, old));
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private IResult Document() => Results.Json(new
    {
        issuer = Address,
        authorization_endpoint = Address + "/authorize",
        token_endpoint = Address + "/token",
        jwks_uri = Address + "/keys",
        response_types_supported = new[] { "code" },
        subject_types_supported = new[] { "public" },
        id_token_signing_alg_values_supported = new[] { "RS256", "ES256" },
    });

    private IResult Keys()
    {
        KeyReads++;
        return Results.Json(new { keys = _keys.Select(key => key.Public) });
    }

    private IResult Authorize(HttpContext context)
    {
        var query = context.Request.Query;
        var back = $"{query["redirect_uri"]}?state={Uri.EscapeDataString(query["state"].ToString())}";
        if (Refusal is not null)
            return Results.Redirect($"{back}&{Refusal}");
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        _codes[code] = query["nonce"].ToString();
        return Results.Redirect($"{back}&code={code}");
    }

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        if (!_codes.TryRemove(form["code"].ToString(), out var nonce) || form["code_verifier"].Count == 0)
            return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = (JsonObject)Person.DeepClone();
        (claims["iss"], claims["aud"], claims["nonce"], claims["iat"], claims["exp"]) = (Address, ClientId, nonce, now, now + 300);
        Twist?.Invoke(claims);
        var token = _keys[0].Sign(claims);
        return Results.Json(new { access_token = "none", token_type = "Bearer", expires_in = 300, id_token = Forge?.Invoke(token) ?? token });
    }

    private sealed class Key(bool elliptic, Key? old)
    {
        private readonly string _id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(8));
        private readonly RSA? _rsa = elliptic ? null : RsaKeys.Next(old?._rsa);
        private readonly ECDsa? _curve = elliptic ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;

        public object Public
        {
            get
            {
                if (_rsa?.ExportParameters(false) is { } rsa)
                    return new { kty = "RSA", use = "sig", alg = "RS256", kid = _id, n = Base64Url.EncodeToString(rsa.Modulus), e = Base64Url.EncodeToString(rsa.Exponent) };
                var point = _curve!.ExportParameters(false).Q;
                return new { kty = "EC", use = "sig", alg = "ES256", crv = "P-256", kid = _id, x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y) };
            }
        }

        public string Sign(JsonObject claims)
        {
            var head = JsonSerializer.Serialize(new { alg = elliptic ? "ES256" : "RS256", kid = _id, typ = "JWT" });
            var text = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(head))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
            var bytes = Encoding.ASCII.GetBytes(text);
            var signature = _rsa?.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ?? _curve!.SignData(bytes, HashAlgorithmName.SHA256);
            return $"{text}.{Base64Url.EncodeToString(signature)}";
        }
    }
}
