using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Access;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>The token flow of the registry protocol, as its clients walk it.</summary>
[Trait("Database", "any")]
public sealed class PassTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task A_pass_is_a_JWT_that_anyone_can_check_with_the_published_keys_and_opens_what_was_asked_for_and_allowed()
    {
        await _host.CreateNamespaceAsync("passes", isPrivate: true, ("pat", "publisher"), ("ron", "reader"));
        var pat = await PassAsync(await _host.TokenAsync("pat"), "repository:passes/tool:pull,push repository:elsewhere/tool:push", "repository:passes/other:pull");
        Assert.Equal(["passes/other pull", "passes/tool pull,push"], Access(pat));
        Assert.Equal(["passes/tool pull"], Access(await PassAsync(await _host.TokenAsync("ron"), "repository:passes/tool:pull,push")));
        Assert.Empty(Access(await PassAsync(null, "repository:passes/tool:pull,push")));

        var keys = new JsonWebKeySet((await _host.GetAsync("/.well-known/jwks.json")).Text);
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(pat, new TokenValidationParameters
        {
            ValidIssuer = "http://localhost:8080",
            ValidAudience = "localhost:8080",
            IssuerSigningKeys = keys.GetSigningKeys(),
            ValidAlgorithms = ["ES256"],
        });
        Assert.True(result.IsValid, result.Exception?.Message);
        Assert.Equal("pat", result.ClaimsIdentity.FindFirst("sub")!.Value);
    }

    [Fact]
    public async Task A_pass_for_something_else_is_answered_with_a_challenge_for_another_and_no_pass_writes_to_the_API()
    {
        await _host.CreateNamespaceAsync("other-pass", isPrivate: true, ("pam", "owner"));
        var token = await _host.TokenAsync("pam");
        var pass = await PassAsync(token, "repository:other-pass/one:pull,push");
        Assert.Equal(HttpStatusCode.Accepted, await UploadAsync(pass, "other-pass/one"));
        var elsewhere = await SendAsync(HttpMethod.Post, "/v2/other-pass/two/blobs/uploads/", pass);
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
        Assert.Contains("scope=\"repository:other-pass/two:pull,push\"", elsewhere.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        using var client = _host.With(pass);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/other-pass", new { visibility = "public" })).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "x", scopes = new[] { "pull" } })).Status);
    }

    [Fact]
    public async Task A_pass_is_no_credential_for_another_pass_and_none_outside_the_images()
    {
        await _host.CreateNamespaceAsync("pass-only", isPrivate: true, ("pia", "owner"));
        await _host.CreateNamespaceAsync("pass-open");
        var token = await _host.TokenAsync("pia");
        foreach (var pass in new[] { await PassAsync(token, "repository:pass-only/one:pull,push"), await PassAsync(token) })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Get, "/token?scope=repository:pass-only/two:push,pull,delete", pass)).StatusCode);
            using var basic = new HttpRequestMessage(HttpMethod.Get, "/token?scope=repository:pass-only/two:pull");
            basic.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("pia:" + pass)));
            Assert.Equal(HttpStatusCode.Unauthorized, (await _host.Anonymous.SendAsync(basic)).StatusCode);
            using var client = _host.With(pass);
            foreach (var path in new[] { "/api/v1/me", "/api/v1/tokens", "/api/v1/namespaces/pass-only/members" })
                Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(HttpMethod.Get, path)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await client.SendAsync(HttpMethod.Get, "/api/v1/namespaces/pass-only")).Status);
            Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(HttpMethod.Get, "/api/v1/namespaces/pass-open")).Status);
            using var pia = _host.With(token);
            var id = (await pia.SendAsync(HttpMethod.Get, "/api/v1/tokens")).Items[0].GetProperty("id").GetInt64();
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(HttpMethod.Delete, $"/api/v1/tokens/{id}")).Status);
            Assert.Equal(HttpStatusCode.OK, (await pia.SendAsync(HttpMethod.Get, "/api/v1/me")).Status);
        }
    }

    [Fact]
    public async Task A_pass_ends_with_its_token()
    {
        await _host.CreateNamespaceAsync("ends", isPrivate: true, ("ed", "publisher"));
        var token = await _host.TokenAsync("ed");
        var pass = await PassAsync(token, "repository:ends/tool:pull,push");
        Assert.Equal(HttpStatusCode.Accepted, await UploadAsync(pass, "ends/tool"));
        await _host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/users/ed", new { disabled = true });
        Assert.Equal(HttpStatusCode.Unauthorized, await UploadAsync(pass, "ends/tool"));
    }

    [Fact]
    public async Task A_new_key_signs_and_what_the_old_one_signed_stays_valid()
    {
        var before = await PassAsync(RegistryHost.AdminToken, "repository:rotated/tool:pull,push");
        var made = _host.Services.GetRequiredService<KeyFiles>().AddSigning();
        Assert.Equal("signing-2.pem", made);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        string after;
        while (new JsonWebToken(after = await PassAsync(RegistryHost.AdminToken, "repository:rotated/tool:pull,push")).Kid == new JsonWebToken(before).Kid)
            await timer.WaitForNextTickAsync(limit.Token);
        Assert.Equal(HttpStatusCode.Accepted, await UploadAsync(before, "rotated/tool"));
        Assert.Equal(HttpStatusCode.Accepted, await UploadAsync(after, "rotated/tool"));
        Assert.Equal(2, (await _host.GetAsync("/.well-known/jwks.json")).Json.GetProperty("keys").GetArrayLength());
    }

    [Fact]
    public async Task Passes_that_others_have_made_are_none()
    {
        var pass = await PassAsync(RegistryHost.AdminToken, "repository:forged/tool:pull,push");
        var parts = pass.Split('.');
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var none = Encode("""{"alg":"none","typ":"JWT"}""");
        string[] forged =
        [
            $"{none}.{parts[1]}.", $"{none}.{parts[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.", $"{parts[0]}.{parts[1]}.{parts[2][..^4]}AAAA",
            $"{parts[0]}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace("forged", "stolen", StringComparison.Ordinal))}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.{Base64UrlEncoder.Encode(own.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256))}",
            $"{Encode("""{"alg":"HS256","typ":"JWT"}""")}.{parts[1]}.{Base64UrlEncoder.Encode(HMACSHA256.HashData("key"u8, Encoding.ASCII.GetBytes(parts[1])))}",
            "eyJ", "eyJ.eyJ.eyJ", $"{Encode("""{"alg":null,"kid":null}""")}.{parts[1]}.{parts[2]}", $"{Encode("""{"alg":"ES256","kid":7}""")}.{parts[1]}.{parts[2]}", $"{Encode("""{"alg":["ES256"]}""")}.{parts[1]}.{parts[2]}", $"{pass}.{parts[2]}", pass + "=",
        ];
        foreach (var text in forged)
            Assert.Equal(HttpStatusCode.Unauthorized, await UploadAsync(text, "forged/tool"));
        Assert.Equal(HttpStatusCode.Accepted, await UploadAsync(pass, "forged/tool"));
    }

    [Theory]
    [InlineData("repository:a")]
    [InlineData("registry:catalog:*")]
    [InlineData("::::")]
    [InlineData("repository::pull")]
    [InlineData("repository:a/b:")]
    public async Task A_scope_that_cannot_be_read_asks_for_nothing(string scope) => Assert.Empty(Access(await PassAsync(RegistryHost.AdminToken, scope)));

    private static string Encode(string json) => Base64UrlEncoder.Encode(json);

    private static List<string> Access(string pass) => [.. JsonDocument.Parse(Base64UrlEncoder.Decode(pass.Split('.')[1])).RootElement.GetProperty("access").EnumerateArray()
        .Select(access => $"{access.GetProperty("name").GetString()} {string.Join(',', access.GetProperty("actions").EnumerateArray().Select(action => action.GetString()))}").Order(StringComparer.Ordinal)];

    private async Task<HttpStatusCode> UploadAsync(string pass, string repository) => (await SendAsync(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/", pass)).StatusCode;

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string bearer)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + bearer);
        return await _host.Anonymous.SendAsync(request);
    }

    private async Task<string> PassAsync(string? token, params string[] scopes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/token?service=x" + string.Concat(scopes.Select(scope => "&scope=" + Uri.EscapeDataString(scope))));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("anyone:" + token)));
        using var answer = await _host.Anonymous.SendAsync(request);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("token").GetString()!;
    }
}
