using System.Collections.Concurrent;

namespace Claimed.TestKit;

/// <summary>
/// The blob store under the registries of a test run: files in each data folder, or with <c>CLAIMED_TEST_BLOBS=s3rver</c> or <c>swift</c> a
/// prefix for each data folder in one private server.
/// </summary>
public static class TestBlobs
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<S3Server>>> _servers = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string> _prefixes = new(StringComparer.Ordinal);

    public static string Kind { get; } = Environment.GetEnvironmentVariable("CLAIMED_TEST_BLOBS") ?? "";

    /// <summary>The one server of this kind that the run shares; it ends with the run.</summary>
    public static Task<S3Server> ServerAsync(string kind) => _servers.GetOrAdd(kind, _ => new(() => S3Server.StartAsync(kind))).Value;

    /// <summary>Settings that make a registry keep its blobs in the place of its data folder; the same place whenever the folder is the same.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> SettingsAsync(string dataPath) => Kind.Length == 0 || Kind == "files"
        ? new Dictionary<string, string>()
        : (await ServerAsync(Kind)).Settings(_prefixes.GetOrAdd(dataPath, _ => $"{Guid.CreateVersion7():N}/"));
}
