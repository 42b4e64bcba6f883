using Claimed.TestKit;

namespace Claimed.EndToEnd;

/// <summary>Images that a person brings.</summary>
internal static class OwnImages
{
    /// <summary>Pushes a small image under a name of the registry and returns its digest.</summary>
    public static async Task<string> PushBusyboxAsync(this RegistryWithEngine registry, string repositoryAndTag)
    {
        var reference = $"{registry.ImageHost}/{repositoryAndTag}";
        (await registry.Engine.DockerAsync("tag", BaseImages.Busybox, reference)).Succeeded();
        var pushed = (await registry.Engine.DockerAsync("push", reference)).Succeeded();
        var start = pushed.LastIndexOf("sha256:", StringComparison.Ordinal);
        return pushed.Substring(start, "sha256:".Length + 64);
    }
}
