using Claimed.TestKit;

namespace Claimed.Registry.Tests.Webhooks;

/// <summary>A registry whose webhooks may name this machine, and that tries again within moments.</summary>
public sealed class HookedRegistry : SharedRegistry
{
    internal static readonly Dictionary<string, string> Quick = new()
    {
        ["Webhooks:AllowPrivateHosts"] = "true",
        ["Webhooks:FirstPause"] = "00:00:00.1",
        ["Webhooks:LongestPause"] = "00:00:00.3",
        ["Webhooks:GiveUpAfter"] = "00:00:05",
        ["Webhooks:Timeout"] = "00:00:05",
        ["Webhooks:Lease"] = "00:00:10",
    };

    protected override IReadOnlyDictionary<string, string> Settings => Quick;
}

/// <summary>Webhooks in the words of the product.</summary>
internal static class Hooks
{
    public const string Secret = "a secret of sixteen or more";

    public static string PathOf(string space) => $"/api/v1/namespaces/{space}/webhooks";

    /// <summary>Adds one and returns its number.</summary>
    public static async Task<string> HookAsync(this HttpClient client, string space, string url, params string[] events)
    {
        var answer = await client.JsonAsync(HttpMethod.Post, PathOf(space), events.Length == 0 ? new { url, secret = Secret } : new { url, secret = Secret, events });
        return (int)answer.Status == 201 ? answer["id"]! : throw new InvalidOperationException(answer.Text);
    }

    /// <summary>Asks again until the webhook is as it should be.</summary>
    public static Task<Answer> UntilHookAsync(this HttpClient client, string space, string id, Func<Answer, bool> isRight) => client.UntilAsync($"{PathOf(space)}/{id}", isRight);
}
