namespace Claimed.TestKit;

/// <summary>The names of images.</summary>
public static class ImageTags
{
    /// <summary>The tags of a repository in their order, without those that the registry itself sets to say something of an image.</summary>
    public static async Task<IReadOnlyList<string>> TagsAsync(this RegistryHost host, string repository) =>
        [.. (await host.Admin.SendAsync(HttpMethod.Get, $"/v2/{repository}/tags/list")).Json.GetProperty("tags").EnumerateArray()
            .Select(tag => tag.GetString()!).Where(tag => !tag.StartsWith("sha256-", StringComparison.Ordinal))];
}
