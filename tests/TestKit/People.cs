using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Claimed.Database.Access;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Claimed.TestKit;

/// <summary>People, namespaces and tokens for tests of who may do what.</summary>
public static class People
{
    private const string AllScopes = "pull push publish yank manage";

    /// <summary>Creates a namespace and who has which role in it; people who are new are made.</summary>
    public static async Task CreateNamespaceAsync(this RegistryHost host, string space, bool isPrivate = false, params (string User, string Role)[] members)
    {
        await host.OkAsync(HttpMethod.Put, $"/api/v1/namespaces/{space}");
        if (isPrivate)
            await host.OkAsync(HttpMethod.Patch, $"/api/v1/namespaces/{space}", new { visibility = "private" });
        foreach (var (user, role) in members)
        {
            await host.OkAsync(HttpMethod.Put, $"/api/v1/users/{user}", new { displayName = user });
            await host.OkAsync(HttpMethod.Put, $"/api/v1/namespaces/{space}/members/user/{user}", new { role });
        }
    }

    /// <summary>A local person with a password.</summary>
    public static Task PersonAsync(this RegistryHost host, string user, string password) => host.OkAsync(HttpMethod.Put, $"/api/v1/users/{user}", new { displayName = user, password });

    /// <summary>The audit, once it tells of something; what is refused is written a moment after the answer.</summary>
    public static async Task<string> AuditAsync(this RegistryHost host, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var answer = await host.OkAsync(HttpMethod.Get, "/api/v1/audit?limit=200");
            if (answer.Text.Contains(text, StringComparison.Ordinal))
                return answer.Text;
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>A token for a person, made by the administrator.</summary>
    public static async Task<string> TokenAsync(this RegistryHost host, string user, string scopes = AllScopes, string pattern = "*") =>
        (await host.OkAsync(HttpMethod.Post, "/api/v1/tokens", new { name = $"{user}'s", user, scopes = scopes.Split(' '), pattern }))["token"]!;

    /// <summary>A token that belongs to a namespace.</summary>
    public static async Task<string> NamespaceTokenAsync(this RegistryHost host, string pattern, string scopes) =>
        (await host.OkAsync(HttpMethod.Post, "/api/v1/tokens", new { name = $"robot of {pattern}", forNamespace = true, scopes = scopes.Split(' '), pattern }))["token"]!;

    /// <summary>A person's token that is revoked.</summary>
    public static async Task<string> RevokedTokenAsync(this RegistryHost host, string user)
    {
        var made = await host.OkAsync(HttpMethod.Post, "/api/v1/tokens", new { name = $"{user}'s", user, scopes = AllScopes.Split(' '), pattern = "*" });
        await host.OkAsync(HttpMethod.Delete, $"/api/v1/tokens/{made["id"]}");
        return made["token"]!;
    }

    /// <summary>A token that has ended.</summary>
    public static async Task<string> ExpiredTokenAsync(this RegistryHost host)
    {
        var token = TokenText.New();
        await host.Services.GetRequiredService<RegistryDatabase>().ChangeAsync(async change =>
        {
            var row = new AccessToken { Name = "old", Hash = TokenText.HashOf(token), Scopes = "pull publish manage", CreatedBy = "test", ExpiresAt = change.Now - 1 };
            change.Db.Tokens.Add(row);
            await change.Db.SaveChangesAsync();
            change.Tell(KnownTokens.TokenEvent + "-created", $"token {row.Id}", new { });
        }, CancellationToken.None);
        return token;
    }

    /// <summary>Gives a person groups, as a sign-in at an identity provider does.</summary>
    public static Task SetGroupsAsync(this RegistryHost host, string user, params string[] groups) =>
        host.Services.GetRequiredService<RegistryDatabase>().ChangeAsync(async change =>
        {
            var row = await change.Db.Users.SingleAsync(row => row.Name == user);
            row.Groups = JsonSerializer.Serialize(groups);
            change.Tell(KnownTokens.UserEvent + "-changed", $"user {row.Id}", new { groups });
        }, CancellationToken.None);

    /// <summary>A client that sends this token.</summary>
    public static HttpClient With(this RegistryHost host, string token)
    {
        var client = new HttpClient { BaseAddress = host.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Sends JSON.</summary>
    public static Task<Answer> JsonAsync(this HttpClient client, HttpMethod method, string path, object? body = null) =>
        client.SendAsync(method, path, body is null ? null : JsonContent.Create(body));

    private static async Task<Answer> OkAsync(this RegistryHost host, HttpMethod method, string path, object? body = null)
    {
        var answer = await host.Admin.JsonAsync(method, path, body);
        return (int)answer.Status < 300 ? answer : throw new InvalidOperationException($"{method} {path}: {(int)answer.Status} {answer.Text}");
    }
}
