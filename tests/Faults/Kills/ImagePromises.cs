using System.Collections.Concurrent;
using System.Text.Json;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;

namespace Claimed.Faults.Kills;

/// <summary>
/// What an image store has promised. What was acknowledged is so; of what was under way when the registry died either the old or the new
/// is right. Every thing is written by one client, so that the last acknowledgement is known.
/// </summary>
public sealed class ImagePromises
{
    private const string Referrers = "/referrers/";

    // By path, what may be there: digests, or null where nothing may be. The path of a referrer ends with its own digest.
    private readonly ConcurrentDictionary<string, string?[]> _allowed = new(StringComparer.Ordinal);

    /// <summary>Things of which an acknowledgement came.</summary>
    public int Count => _allowed.Values.Count(values => values.Length == 1);

    public static string Blob(string repository, string digest) => $"v2/{repository}/blobs/{digest}";

    public static string Manifest(string repository, string reference) => $"v2/{repository}/manifests/{reference}";

    public static string Referrer(string repository, string subject, string digest) => $"v2/{repository}{Referrers}{subject}#{digest}";

    /// <summary>Does something that makes these paths have these digests, or nothing where it is null.</summary>
    public async Task KeepAsync(Func<Task> act, params (string Path, string? Digest)[] promised)
    {
        foreach (var (path, digest) in promised)
            _allowed[path] = [.. _allowed.GetValueOrDefault(path, [null]), digest];
        await act();
        foreach (var (path, digest) in promised)
            _allowed[path] = [digest];
    }

    public void Add(ImagePromises others)
    {
        foreach (var (path, digests) in others._allowed)
            _allowed[path] = digests;
    }

    /// <summary>Asks for everything; returns what is not as it was promised.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(RegistryProcess registry)
    {
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(_allowed, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (promise, _) =>
        {
            var found = promise.Key.Contains(Referrers, StringComparison.Ordinal) ? await ReferrerAsync(registry, promise.Key) : await ContentAsync(registry, promise.Key);
            if (!promise.Value.Contains(found))
                wrong.Add($"{promise.Key} is {found ?? "absent"} and should be {string.Join(" or ", promise.Value.Select(digest => digest ?? "absent"))}");
        });
        return [.. wrong];
    }

    /// <summary>The digest of what is served, whatever its header says.</summary>
    private static async Task<string?> ContentAsync(RegistryProcess registry, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", MediaTypes.OciManifest);
        using var answer = await registry.Admin.SendAsync(request);
        if (answer.StatusCode == System.Net.HttpStatusCode.NotFound)
            return null;
        var digest = Digest.Of(await answer.Content.ReadAsByteArrayAsync());
        return answer.IsSuccessStatusCode && answer.Headers.GetValues("Docker-Content-Digest").Single() == digest ? digest : $"{(int)answer.StatusCode} with {digest}";
    }

    private static async Task<string?> ReferrerAsync(RegistryProcess registry, string path)
    {
        var (list, digest) = (path[..path.IndexOf('#')], path[(path.IndexOf('#') + 1)..]);
        using var document = JsonDocument.Parse(await registry.Admin.GetStringAsync(list));
        return document.RootElement.GetProperty("manifests").EnumerateArray().Count(entry => entry.GetProperty("digest").GetString() == digest) switch
        {
            0 => null,
            1 => digest,
            var count => $"{count} times there",
        };
    }
}
