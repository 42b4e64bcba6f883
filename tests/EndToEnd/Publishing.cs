using System.Net;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>Publishes as a person with curl would, and waits for the end of the build.</summary>
internal static class Publishing
{
    /// <summary>A version document after its build has ended.</summary>
    public static async Task<JsonNode> PublishAsync(
        this RegistryHost host, string component, string version, IEnumerable<(string Path, byte[] Content)> files,
        IReadOnlyDictionary<string, string>? fields = null)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (path, content) in files)
            form.Add(new ByteArrayContent(content), "source", path);
        foreach (var (name, value) in fields ?? new Dictionary<string, string>())
            form.Add(new StringContent(value), name);
        return await SendAsync(host, component, version, form);
    }

    public static Task<JsonNode> PublishAsync(
        this RegistryHost host, string component, string version, string path, string text, IReadOnlyDictionary<string, string>? fields = null) =>
        host.PublishAsync(component, version, [(path, System.Text.Encoding.UTF8.GetBytes(text))], fields);

    public static async Task<JsonNode> PublishBundleAsync(this RegistryHost host, string component, string version, byte[] archive)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(archive), "bundle", "bundle.tgz" } };
        return await SendAsync(host, component, version, form);
    }

    /// <summary>The files of a folder of the shipped component library.</summary>
    public static IEnumerable<(string Path, byte[] Content)> Shipped(string folder)
    {
        var root = RepositoryFolder.Of(Path.Combine("components", folder));
        return Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(path => (Path.GetRelativePath(root, path), File.ReadAllBytes(path)));
    }

    public static void AssertReady(this JsonNode version) =>
        Assert.True((string?)version["state"] == "ready", $"state {version["state"]}: {version["reason"]}");

    private static async Task<JsonNode> SendAsync(RegistryHost host, string component, string version, HttpContent form)
    {
        using var answer = await host.Admin.PutAsync($"api/v1/components/{component}/versions/{version}?wait=300", form);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK, $"{(int)answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }
}
