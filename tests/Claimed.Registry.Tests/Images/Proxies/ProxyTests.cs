using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images.Proxies;

/// <summary>A namespace that hands on the images of another registry and keeps them.</summary>
public sealed class ProxyTests(Elsewhere elsewhere) : IClassFixture<Elsewhere>, IAsyncLifetime
{
    private readonly string _repository = ImageHost.NewRepository();
    private bool _vanished;

    private HttpClient Anyone => elsewhere.Host.Anonymous;

    private string Here => $"/v2/hub/{_repository}";

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        elsewhere.Spoils = null;
        elsewhere.Line.Switch(ProxyMode.Forward);
        // One that was away is left alone for a moment.
        if (_vanished)
            await elsewhere.RestartAsync();
    }

    private void Vanish()
    {
        elsewhere.Line.Vanish();
        _vanished = true;
    }

    /// <summary>Clients have a blob before the store has it.</summary>
    private async Task KeptAsync(byte[] content)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var store = elsewhere.Host.Services.GetRequiredService<ImageStore>();
        while (await store.FindBlobAsync($"hub/{_repository}", Digest.Of(content), limit.Token) is null)
            await Task.Delay(10, limit.Token);
    }

    /// <summary>Pushes an image elsewhere, with a layer of this many random bytes.</summary>
    private async Task<(string Manifest, byte[] Layer)> PushAsync(string tag, int bytes = 300_000)
    {
        var layer = RandomNumberGenerator.GetBytes(bytes);
        await elsewhere.Other.PushBlobAsync(_repository, layer);
        await elsewhere.Other.PushBlobAsync(_repository, ImageHost.Config);
        var manifest = ImageHost.ImageOf(layer);
        Assert.Equal(HttpStatusCode.Created, (await elsewhere.Other.PutManifestAsync(_repository, tag, manifest)).StatusCode);
        return (Digest.Of(manifest), layer);
    }

    private async Task<byte[]> BlobAsync(byte[] content)
    {
        var answer = await Anyone.GetAsync($"{Here}/blobs/{Digest.Of(content)}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(content.Length, answer.Content.Headers.ContentLength);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    [Fact]
    public async Task An_image_comes_from_elsewhere_byte_for_byte_and_is_kept_for_when_that_is_away()
    {
        var (manifest, layer) = await PushAsync("1");
        var pulled = await Anyone.GetAsync($"{Here}/manifests/1");
        Assert.Equal(HttpStatusCode.OK, pulled.StatusCode);
        Assert.Equal(manifest, Assert.Single(pulled.Headers.GetValues("Docker-Content-Digest")));
        Assert.Equal(MediaTypes.OciManifest, pulled.Content.Headers.ContentType?.MediaType);
        Assert.Equal(manifest, Digest.Of(await pulled.Content.ReadAsByteArrayAsync()));
        Assert.Equal(layer, await BlobAsync(layer));
        Assert.Equal(ImageHost.Config, await BlobAsync(ImageHost.Config));

        await KeptAsync(layer);
        await KeptAsync(ImageHost.Config);
        await elsewhere.RestartAsync();
        Vanish();
        foreach (var reference in new[] { "1", manifest })
            Assert.Equal(manifest, Digest.Of(await Anyone.GetByteArrayAsync($"{Here}/manifests/{reference}")));
        Assert.Equal(layer, await BlobAsync(layer));
        var other = await Anyone.GetAsync($"{Here}/manifests/2");
        await ImageHost.AssertErrorAsync(other, HttpStatusCode.BadGateway, "UNAVAILABLE");
        Assert.Contains("cannot be reached", await other.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_clients_at_once_cost_one_transfer()
    {
        var (manifest, layer) = await PushAsync("1", 3_000_000);
        var digest = Digest.Of(layer);
        var begun = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        elsewhere.Spoils = async (context, next) =>
        {
            if (HttpMethods.IsGet(context.Request.Method) && context.Request.Path.Value!.EndsWith(digest, StringComparison.Ordinal))
            {
                begun.TrySetResult();
                await go.Task;
            }
            await next();
        };
        var clients = Enumerable.Range(0, 8).Select(_ => BlobAsync(layer)).ToArray();
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        go.SetResult();
        Assert.All(await Task.WhenAll(clients), bytes => Assert.Equal(layer, bytes));
        Assert.Equal(1, elsewhere.CountOf("GET", digest));

        var manifests = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Anyone.GetByteArrayAsync($"{Here}/manifests/{manifest}")));
        Assert.All(manifests, bytes => Assert.Equal(manifest, Digest.Of(bytes)));
        Assert.Equal(1, elsewhere.CountOf("GET", manifest));
        // What is here is not asked for again.
        await BlobAsync(layer);
        Assert.Equal(1, elsewhere.CountOf("GET", digest));
    }

    [Fact]
    public async Task A_client_has_bytes_before_the_transfer_has_ended_and_the_last_one_only_when_the_digest_is_right()
    {
        var (_, layer) = await PushAsync("1", 2_000_000);
        var go = new TaskCompletionSource();
        elsewhere.Spoils = (context, next) => IsBlob(context, layer) ? SendAsync(context, layer, layer.Length / 2, go.Task) : next();
        using var answer = await Anyone.GetAsync($"{Here}/blobs/{Digest.Of(layer)}", HttpCompletionOption.ResponseHeadersRead);
        await using var content = await answer.Content.ReadAsStreamAsync();
        var first = new byte[layer.Length / 2 - 1];
        await content.ReadExactlyAsync(first).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(layer[..first.Length], first);
        go.SetResult();
        var rest = new byte[layer.Length - first.Length];
        await content.ReadExactlyAsync(rest).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(layer[first.Length..], rest);
    }

    [Fact]
    public async Task Wrong_bytes_never_reach_a_client_whole_and_are_not_kept()
    {
        var (_, layer) = await PushAsync("1", 500_000);
        var wrong = layer.ToArray();
        wrong[^1] ^= 1;
        elsewhere.Spoils = (context, next) => IsBlob(context, layer) ? SendAsync(context, wrong, wrong.Length, Task.CompletedTask) : next();
        await Assert.ThrowsAsync<HttpRequestException>(() => Anyone.GetByteArrayAsync($"{Here}/blobs/{Digest.Of(layer)}"));
        elsewhere.Spoils = null;
        Assert.Equal(layer, await BlobAsync(layer));
        Assert.Equal(2, elsewhere.CountOf("GET", Digest.Of(layer)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transfer_that_breaks_off_or_stands_still_ends_and_the_next_one_works(bool standsStill)
    {
        var (_, layer) = await PushAsync("1", 500_000);
        var end = new TaskCompletionSource();
        elsewhere.Spoils = async (context, next) =>
        {
            if (!IsBlob(context, layer))
            {
                await next();
                return;
            }
            context.Response.ContentLength = layer.Length;
            await context.Response.Body.WriteAsync(layer.AsMemory(0, 100_000));
            await context.Response.Body.FlushAsync();
            if (standsStill)
                await end.Task;
            context.Abort();
        };
        var cut = await Assert.ThrowsAsync<HttpRequestException>(() => Anyone.GetByteArrayAsync($"{Here}/blobs/{Digest.Of(layer)}"));
        Assert.True(cut.StatusCode is null or HttpStatusCode.BadGateway, $"{cut.StatusCode}");
        end.SetResult();
        elsewhere.Spoils = null;
        // Who comes before the old transfer is given up shares its end.
        await Anyone.UntilAsync($"{Here}/blobs/{Digest.Of(layer)}", answer => answer.Status != HttpStatusCode.BadGateway);
        Assert.Equal(layer, await BlobAsync(layer));
    }

    [Fact]
    public async Task Another_manifest_than_the_one_asked_for_is_refused()
    {
        var (manifest, _) = await PushAsync("1");
        var other = ImageHost.ImageOf("other"u8.ToArray());
        elsewhere.Spoils = (context, next) => context.Request.Path.Value!.EndsWith(manifest, StringComparison.Ordinal)
            ? SendAsync(context, other, other.Length, Task.CompletedTask, MediaTypes.OciManifest) : next();
        await ImageHost.AssertErrorAsync(await Anyone.GetAsync($"{Here}/manifests/{manifest}"), HttpStatusCode.BadGateway, "UNAVAILABLE");
        elsewhere.Spoils = null;
        Assert.Equal(manifest, Digest.Of(await Anyone.GetByteArrayAsync($"{Here}/manifests/{manifest}")));
    }

    [Fact]
    public async Task A_tag_follows_what_it_means_elsewhere_and_one_that_is_gone_there_is_gone()
    {
        var (first, _) = await PushAsync("1");
        Assert.Equal(first, Digest.Of(await Anyone.GetByteArrayAsync($"{Here}/manifests/1")));
        var (second, _) = await PushAsync("1");
        Assert.Equal(second, Digest.Of(await Anyone.GetByteArrayAsync($"{Here}/manifests/1")));
        Assert.Equal(first, Digest.Of(await Anyone.GetByteArrayAsync($"{Here}/manifests/{first}")));
        Assert.Equal(HttpStatusCode.Accepted, (await elsewhere.Other.Admin.DeleteAsync($"/v2/{_repository}/manifests/1")).StatusCode);
        await ImageHost.AssertErrorAsync(await Anyone.GetAsync($"{Here}/manifests/1"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task A_blob_that_only_others_here_have_is_not_handed_out()
    {
        await PushAsync("1");
        var secret = RandomNumberGenerator.GetBytes(1000);
        await elsewhere.Host.CreateNamespaceAsync("closed", isPrivate: true);
        var put = await elsewhere.Host.Admin.PostAsync($"/v2/closed/thing/blobs/uploads/?digest={Digest.Of(secret)}", ImageHost.Bytes(secret));
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        await ImageHost.AssertErrorAsync(await Anyone.GetAsync($"{Here}/blobs/{Digest.Of(secret)}"), HttpStatusCode.NotFound, "BLOB_UNKNOWN");
    }

    [Fact]
    public async Task Heads_and_ranges_are_answered_for_what_is_not_here_yet()
    {
        var (_, layer) = await PushAsync("1");
        var url = $"{Here}/blobs/{Digest.Of(layer)}";
        var head = await Anyone.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
        Assert.Equal((HttpStatusCode.OK, layer.Length), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Equal(0, elsewhere.CountOf("GET", Digest.Of(layer)));
        var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(10, 19) } };
        var part = await Anyone.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(layer[10..20], await part.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task What_refers_to_an_image_elsewhere_is_found_and_pulled_through_it()
    {
        var (manifest, _) = await PushAsync("1");
        await elsewhere.Other.PushBlobAsync(_repository, "signature"u8.ToArray());
        var signature = ImageHost.ImageOf("signature"u8.ToArray(), $",\"artifactType\":\"application/x-sig\",\"subject\":{{\"mediaType\":\"{MediaTypes.OciManifest}\",\"digest\":\"{manifest}\",\"size\":1}}");
        Assert.Equal(HttpStatusCode.Created, (await elsewhere.Other.PutManifestAsync(_repository, Digest.Of(signature), signature)).StatusCode);
        var list = await Anyone.SendAsync(HttpMethod.Get, $"{Here}/referrers/{manifest}?artifactType=application/x-sig");
        Assert.Equal(Digest.Of(signature), Assert.Single(list.Json.GetProperty("manifests").EnumerateArray()).GetProperty("digest").GetString());
        Assert.Equal(Digest.Of(signature), Digest.Of(await Anyone.GetByteArrayAsync($"{Here}/manifests/{Digest.Of(signature)}")));
        Vanish();
        var kept = await Anyone.SendAsync(HttpMethod.Get, $"{Here}/referrers/{manifest}");
        Assert.Equal(Digest.Of(signature), Assert.Single(kept.Json.GetProperty("manifests").EnumerateArray()).GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Nothing_is_pushed_into_it()
    {
        foreach (var (method, path) in new[] { (HttpMethod.Post, "blobs/uploads/"), (HttpMethod.Put, "manifests/1") })
        {
            var answer = await elsewhere.Host.Admin.SendAsync(new HttpRequestMessage(method, $"{Here}/{path}") { Content = ImageHost.Bytes(Encoding.UTF8.GetBytes("{}"), MediaTypes.OciManifest) });
            await ImageHost.AssertErrorAsync(answer, HttpStatusCode.Forbidden, "DENIED");
            Assert.Contains(elsewhere.Authority, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        var publish = await elsewhere.Host.PublishAsync("hub", "tool", "1.0.0", ("component.yaml", Samples.ExistingImage(image: $"{elsewhere.Authority}/acme/a:1")));
        Assert.Equal(HttpStatusCode.Conflict, publish.Status);
    }

    [Fact]
    public async Task What_was_not_used_for_longest_makes_room_and_comes_back_when_it_is_asked_for()
    {
        var images = new List<byte[]>();
        for (var index = 0; index < 5; index++)
        {
            var (_, layer) = await PushAsync($"{index}", 20 << 20);
            images.Add(layer);
            Assert.Equal(layer, await BlobAsync(layer));
            await KeptAsync(layer);
        }
        var kept = await elsewhere.Host.Services.BytesOfAsync("hub");
        Assert.InRange(kept, 20 << 20, 64 << 20);
        await elsewhere.Host.AssertCountedAsync("hub");
        Assert.Equal(images[0], await BlobAsync(images[0]));
        Assert.Equal(2, elsewhere.CountOf("GET", Digest.Of(images[0])));
        Assert.Equal(images[4], await BlobAsync(images[4]));
        Assert.Equal(1, elsewhere.CountOf("GET", Digest.Of(images[4])));
    }

    [Fact]
    public async Task A_blob_larger_than_the_bound_is_refused_before_it_comes()
    {
        var (_, layer) = await PushAsync("1", 65 << 20);
        var answer = await Anyone.GetAsync($"{Here}/blobs/{Digest.Of(layer)}");
        await ImageHost.AssertErrorAsync(answer, HttpStatusCode.BadGateway, "UNAVAILABLE");
        Assert.Contains("MaxBytes", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transfer_that_nobody_waits_for_ends()
    {
        var (_, layer) = await PushAsync("1", 40 << 20);
        var digest = Digest.Of(layer);
        var (begun, cut) = (new TaskCompletionSource(), new TaskCompletionSource());
        elsewhere.Spoils = async (context, next) =>
        {
            if (!IsBlob(context, layer))
            {
                await next();
                return;
            }
            context.Response.ContentLength = layer.Length;
            try
            {
                for (var at = 0; at < layer.Length; at += 1 << 20)
                {
                    await context.Response.Body.WriteAsync(layer.AsMemory(at, 1 << 20), context.RequestAborted);
                    begun.TrySetResult();
                    await Task.Delay(TimeSpan.FromMilliseconds(100), context.RequestAborted);
                }
            }
            catch (OperationCanceledException)
            {
                cut.SetResult();
            }
        };
        using (var leaving = new CancellationTokenSource())
        {
            var pull = Anyone.GetByteArrayAsync($"{Here}/blobs/{digest}", leaving.Token);
            await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);
        }
        await cut.Task.WaitAsync(TimeSpan.FromSeconds(30));
        elsewhere.Spoils = null;
        Assert.Equal(layer, await BlobAsync(layer));
    }

    [Fact]
    public async Task What_was_lost_here_is_fetched_again()
    {
        var (manifest, layer) = await PushAsync("1");
        await Anyone.GetByteArrayAsync($"{Here}/manifests/1");
        await BlobAsync(layer);
        await KeptAsync(layer);
        foreach (var digest in new[] { manifest, Digest.Of(layer) })
            File.Delete(Path.Combine(elsewhere.Host.DataPath, "blobs", "sha256", digest[7..9], digest[7..]));
        await elsewhere.RestartAsync();
        Assert.Equal(manifest, Digest.Of(await Anyone.GetByteArrayAsync($"{Here}/manifests/{manifest}")));
        Assert.Equal(layer, await BlobAsync(layer));
    }

    [Fact]
    public async Task A_component_may_name_an_image_by_way_of_it()
    {
        var (manifest, _) = await PushAsync("1");
        var answer = await elsewhere.Host.PublishAsync("acme", "by-way", "1.0.0", ("component.yaml", Samples.ExistingImage(image: $"{elsewhere.Host.Address.Authority}/hub/{_repository}:1")));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.EndsWith($"/hub/{_repository}@{manifest}", answer["image"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tag_whose_registry_shows_it_no_more_but_does_not_deny_it_stays()
    {
        var (manifest, _) = await PushAsync("1");
        await Anyone.GetByteArrayAsync($"{Here}/manifests/1");
        foreach (var status in new[] { 401, 403, 429, 500 })
        {
            elsewhere.Spoils = (context, _) =>
            {
                context.Response.StatusCode = status;
                return Task.CompletedTask;
            };
            Assert.Equal(manifest, Digest.Of(await Anyone.GetByteArrayAsync($"{Here}/manifests/1")));
        }
    }

    private static bool IsBlob(HttpContext context, byte[] layer) =>
        HttpMethods.IsGet(context.Request.Method) && context.Request.Path.Value!.EndsWith(Digest.Of(layer), StringComparison.Ordinal);

    private static async Task SendAsync(HttpContext context, byte[] bytes, int first, Task then, string type = "application/octet-stream")
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes.AsMemory(0, first));
        await context.Response.Body.FlushAsync();
        await then;
        await context.Response.Body.WriteAsync(bytes.AsMemory(first));
    }
}
