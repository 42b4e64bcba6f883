using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Disk;

/// <summary>The disk of an image store fills up at every step of a push: what was acknowledged is whole, the rest can be sent again.</summary>
public sealed class ImageDiskTests
{
    private const int Steps = 15;

    private static readonly byte[] _config = """{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray();

    private int _acknowledged;

    [Fact]
    public async Task Wherever_the_space_ends_in_a_push_each_part_is_stored_whole_or_refused()
    {
        await using var disk = await SmallDisk.MountAsync(16);
        await using var registry = await RegistryProcess.StartAsync(dataPath: disk.Path);
        var refusals = 0;
        var began = Stopwatch.GetTimestamp();
        // Beyond the first steps some reach the tables and not their log, and the last have room for all.
        for (var step = 0; step < Steps; step++)
        {
            disk.Fill(leave: step * 8 * 4096);
            refusals += await PushAsync(registry, $"own/step-{step}", step, isFull: true);
            disk.Empty();
            began = Stopwatch.GetTimestamp();
            Assert.Equal(0, await PushAsync(registry, $"own/step-{step}", step, isFull: false));
        }
        Assert.NotEqual(0, refusals);
        var recovery = Stopwatch.GetElapsedTime(began);
        var invariants = new Invariants(registry, Store.Sqlite);
        await invariants.CheckAsync([]);
        Figures.Add(new Figure("disk full at each step of an image push", Store.Sqlite.Name, Steps, _acknowledged, 0, 0, invariants.Broken.Count, recovery));
        Assert.True(invariants.Hold, $"{invariants}\n{registry.Output}");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(registry.DataPath, "uploads"), "put-*"));
    }

    /// <summary>Pushes an image in parts and looks for what was acknowledged; returns how many requests were refused.</summary>
    private async Task<int> PushAsync(RegistryProcess registry, string repository, int number, bool isFull)
    {
        var layer = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"layer {number} ", 5_000)));
        var acknowledged = new List<(string Path, string Digest)>();
        var refusals = 0;
        await SendAsync(HttpMethod.Post, $"blobs/uploads/?digest={Digest.Of(_config)}", _config, $"blobs/{Digest.Of(_config)}");
        if (await SendAsync(HttpMethod.Post, "blobs/uploads/", [], null) is { } upload)
        {
            await SendAsync(HttpMethod.Patch, upload, layer[..20_000], null);
            // How far it came is what counts, not what was sent.
            using var status = await registry.Admin.GetAsync($"v2/{repository}/{upload}");
            var arrived = status.Headers.GetValues("Range").Single() is "0-0" ? 0 : int.Parse(status.Headers.GetValues("Range").Single()[2..]) + 1;
            await SendAsync(HttpMethod.Put, $"{upload}?digest={Digest.Of(layer)}", layer[arrived..], $"blobs/{Digest.Of(layer)}");
            await registry.Admin.DeleteAsync($"v2/{repository}/{upload}");
        }
        var manifest = Encoding.UTF8.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
             "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Digest.Of(_config)}}","size":{{_config.Length}}},
             "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{Digest.Of(layer)}}","size":{{layer.Length}}}]}
            """);
        await SendAsync(HttpMethod.Put, "manifests/tag", manifest, "manifests/tag");
        foreach (var (path, digest) in acknowledged)
            Assert.Equal(digest, Digest.Of(await registry.Anonymous.GetByteArrayAsync($"v2/{repository}/{path}")));
        _acknowledged += acknowledged.Count;
        return refusals;

        // Where an upload goes on, or an empty text; null when it was refused.
        async Task<string?> SendAsync(HttpMethod method, string path, byte[] body, string? made)
        {
            var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue(path.StartsWith("manifests", StringComparison.Ordinal) ? MediaTypes.OciManifest : "application/octet-stream");
            var answer = await registry.Admin.SendAsync(method, $"/v2/{repository}/{path}", content);
            if ((int)answer.Status is 201 or 202)
            {
                if (made is not null)
                    acknowledged.Add((made, made.Contains(':', StringComparison.Ordinal) ? made["blobs/".Length..] : Digest.Of(body)));
                return answer.Message.Headers.Location?.OriginalString is { } location ? location[(location.IndexOf("/blobs/", StringComparison.Ordinal) + 1)..] : "";
            }
            // 507 from the store, 400 where a part before was refused, 404 where not even the upload could begin.
            Assert.True(isFull && (int)answer.Status is 507 or 400 or 404, $"{method} {path}: {(int)answer.Status} {answer.Text}\n{registry.Output}");
            foreach (var word in (string[])[registry.DataPath, "IOException", " at Claimed", "SQLite Error"])
                Assert.DoesNotContain(word, answer.Text, StringComparison.Ordinal);
            refusals++;
            return null;
        }
    }
}
