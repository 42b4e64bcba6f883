using System.Text;
using Claimed.Database.Access;
using Claimed.Registry.Http;

namespace Claimed.Registry.Access.Tokens;

/// <summary>A token, without its secret.</summary>
/// <param name="Scopes">What it may do: <c>pull push publish yank manage admin</c>.</param>
/// <param name="Pattern">Where it may.</param>
/// <param name="User">The person it acts for; absent for the token of a namespace or of the instance.</param>
/// <param name="ExpiresAt">Absent: never.</param>
/// <param name="LastUsedAt">To the minute.</param>
/// <param name="Token">The secret, in the answer that makes it and never again.</param>
public sealed record TokenDocument(
    long Id, string Name, IReadOnlyList<string> Scopes, string Pattern, string? User, string? CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt, string? Token)
{
    internal const string Example = """
        {"id": 7, "name": "ci", "scopes": ["publish", "pull"], "pattern": "acme/*", "user": "ada", "createdBy": "ada", "createdAt": "2026-01-01T12:00:00+00:00", "expiresAt": "2026-04-01T12:00:00+00:00"}
        """;

    public static TokenDocument From(AccessToken row, string? user, string? secret = null) => new(row.Id, row.Name, row.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        row.Pattern, user, row.CreatedBy, Time(row.CreatedAt)!.Value, Time(row.ExpiresAt), Time(row.LastUsedAt), Time(row.RevokedAt), secret);

    private static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
}

/// <summary>What a request for a token says.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Scopes">What it shall be able to do.</param>
/// <param name="Pattern">Where; the caller's own reach when absent.</param>
/// <param name="Days">Until it expires; 0 for never, 90 when absent.</param>
/// <param name="User">Another person that it shall act for; for administrators.</param>
/// <param name="ForNamespace">Make a token of the pattern's namespace, which outlives its maker's membership; for owners.</param>
public sealed record NewTokenDocument(string Name, IReadOnlyList<string> Scopes, string? Pattern, int? Days, string? User, bool? ForNamespace);

/// <summary>A Kubernetes secret with which a kubelet pulls from this registry.</summary>
public sealed record PullSecretDocument(string ApiVersion, string Kind, PullSecretDocument.Naming Metadata, string Type, IReadOnlyDictionary<string, string> Data)
{
    public static PullSecretDocument For(string name, string host, string token)
    {
        var auths = new Dictionary<string, object> { [host] = new { username = "token", password = token, auth = Base64($"token:{token}") } };
        return new PullSecretDocument("v1", "Secret", new Naming(KubernetesName(name)), "kubernetes.io/dockerconfigjson",
            new Dictionary<string, string> { [".dockerconfigjson"] = Base64(Json.Write(new { auths })) });
    }

    /// <summary>Lower-case letters, digits and hyphens, at most 63.</summary>
    private static string KubernetesName(string name)
    {
        var letters = name.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-').Take(63).ToArray();
        return new string(letters).Trim('-') is { Length: > 0 } named ? named : "claimed-pull";
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>Name of the secret.</summary>
    public sealed record Naming(string Name);
}
