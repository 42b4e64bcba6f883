using System.Net.Http.Headers;
using System.Text;

namespace Claimed.TestKit;

/// <summary>Changing what is published, as the administrator.</summary>
public static class Changes
{
    private const string Components = "/api/v1/components";

    /// <summary>PATCH below <c>/api/v1/components</c>.</summary>
    public static Task<Answer> PatchAsync(this RegistryHost host, string path, string json, params (string Name, string Value)[] headers) =>
        host.Admin.SendAsync(HttpMethod.Patch, $"{Components}/{path}", Json(json), headers);

    public static Task<Answer> SetChannelAsync(
        this RegistryHost host, string component, string channel, string version, params (string Name, string Value)[] headers) =>
        host.Admin.SendAsync(HttpMethod.Put, $"{Components}/{component}/channels/{channel}", Json($$"""{"version": "{{version}}"}"""), headers);

    public static Task<Answer> DeleteChannelAsync(this RegistryHost host, string component, string channel, params (string Name, string Value)[] headers) =>
        host.Admin.SendAsync(HttpMethod.Delete, $"{Components}/{component}/channels/{channel}", null, headers);

    /// <summary>Kinds of the events about a subject, oldest first; those of its images are left out.</summary>
    public static async Task<IReadOnlyList<string>> EventKindsAsync(this RegistryHost host, string subject) =>
        [.. (await host.EventsAsync()).Where(entry => entry.GetProperty("subject").GetString() == subject)
            .Select(entry => entry.GetProperty("kind").GetString()!).Where(kind => !kind.StartsWith("image.", StringComparison.Ordinal))];

    /// <summary>Every event there is.</summary>
    public static async Task<IReadOnlyList<System.Text.Json.JsonElement>> EventsAsync(this RegistryHost host)
    {
        var events = new List<System.Text.Json.JsonElement>();
        for (var after = "0"; ;)
        {
            var page = await host.GetAsync($"/api/v1/events?limit=500&after={after}");
            if (page.Items.Count == 0)
                return events;
            events.AddRange(page.Items);
            after = page["next"]!;
        }
    }

    public static HttpContent Json(string text, string type = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }
}
