using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Kills;

/// <summary>Images on their way into the store when the program dies: no image half there, nothing acknowledged gone.</summary>
public sealed class PushKillTests(FaultsSetup setup)
{
    private const int Pushers = 3;

    private static readonly byte[] _config = """{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray();

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public async Task Images_that_are_pushed_survive_every_kill_whole_or_not_at_all(string database)
    {
        var store = await setup.StoreAsync(database);
        await using var registry = new RegistryProcess(store.Settings());
        await store.PrepareAsync(registry);
        await registry.StartAsync();
        var pushed = new List<(string Repository, string Tag, string Digest)>();
        var rounds = new KillRounds("image push", store) { AlsoCheck = _ => CheckAsync(registry, pushed), AlsoKept = () => pushed.Count };
        var progress = new Progress();
        await rounds.RunAsync(registry, async round =>
        {
            var all = await Task.WhenAll(Enumerable.Range(0, Pushers).Select(index => PushUntilCutAsync(registry, $"own/r{round}-{index}", progress)));
            pushed.AddRange(all.SelectMany(images => images));
            return [];
        }, _ => rounds.SomeStepsAsync(progress, 40));
        Assert.NotEmpty(pushed);
    }

    /// <summary>Pushes image after image; those that were acknowledged come back when the registry has died.</summary>
    private static async Task<List<(string Repository, string Tag, string Digest)>> PushUntilCutAsync(
        RegistryProcess registry, string repository, Progress progress)
    {
        var whole = new List<(string, string, string)>();
        try
        {
            while (true)
            {
                var layers = (byte[][])[LayerOf($"{repository} {whole.Count} first", 400_000), LayerOf($"{repository} {whole.Count} second", 60_000)];
                await PushBlobAsync(registry, repository, _config, inChunks: false, progress);
                await PushBlobAsync(registry, repository, layers[0], inChunks: true, progress);
                await PushBlobAsync(registry, repository, layers[1], inChunks: false, progress);
                var manifest = ManifestOf(layers);
                var content = new ByteArrayContent(manifest);
                content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypes.OciManifest);
                using var answer = await registry.Admin.PutAsync($"v2/{repository}/manifests/t{whole.Count}", content);
                Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
                whole.Add((repository, $"t{whole.Count}", Digest.Of(manifest)));
            }
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException or TaskCanceledException)
        {
            return whole;
        }
    }

    private static async Task PushBlobAsync(RegistryProcess registry, string repository, byte[] bytes, bool inChunks, Progress progress)
    {
        var start = $"v2/{repository}/blobs/uploads/";
        if (!inChunks)
        {
            using var stored = await registry.Admin.PostAsync($"{start}?digest={Digest.Of(bytes)}", new ByteArrayContent(bytes));
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
            progress.Step();
            return;
        }
        using var begun = await registry.Admin.PostAsync(start, null);
        var at = begun.Headers.Location!.OriginalString;
        using var first = await registry.Admin.PatchAsync(at, new ByteArrayContent(bytes[..(bytes.Length / 2)]));
        progress.Step();
        using var last = await registry.Admin.PutAsync($"{at}?digest={Digest.Of(bytes)}", new ByteArrayContent(bytes[(bytes.Length / 2)..]));
        Assert.Equal(HttpStatusCode.Created, last.StatusCode);
        progress.Step();
    }

    private static async Task<IReadOnlyList<string>> CheckAsync(RegistryProcess registry, List<(string Repository, string Tag, string Digest)> pushed)
    {
        var wrong = new List<string>();
        foreach (var (repository, tag, digest) in pushed)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"v2/{repository}/manifests/{tag}");
            request.Headers.TryAddWithoutValidation("Accept", MediaTypes.OciManifest);
            using var answer = await registry.Admin.SendAsync(request);
            if (Digest.Of(await answer.Content.ReadAsByteArrayAsync()) != digest)
                wrong.Add($"{repository}:{tag} was acknowledged and is {(int)answer.StatusCode} now");
        }
        // Whatever stands in the tables is to be had whole, acknowledged or not; that the blobs are there and right is checked with all others.
        return wrong;
    }

    private static byte[] LayerOf(string word, int length)
    {
        var bytes = new byte[length];
        var seed = Encoding.UTF8.GetBytes(word);
        for (var index = 0; index < length; index++)
            bytes[index] = (byte)(seed[index % seed.Length] + (index >> 8));
        return bytes;
    }

    private static byte[] ManifestOf(byte[][] layers) => Encoding.UTF8.GetBytes(
        $$"""
        {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
         "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Digest.Of(_config)}}","size":{{_config.Length}}},
         "layers":[{{string.Join(',', layers.Select(layer => $$"""{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{Digest.Of(layer)}}","size":{{layer.Length}}}"""))}}]}
        """);
}
