using System.Net;
using System.Net.Http.Headers;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>A repository becomes a component's, or a namespace closes, while a manifest is still coming.</summary>
public sealed class LateTagTests(ImageHost host) : IClassFixture<ImageHost>
{
    private readonly string _repository = ImageHost.NewRepository();

    [Theory]
    [InlineData("1.0.0")]
    [InlineData("latest")]
    public async Task A_slow_push_does_not_take_a_tag_that_became_the_registry_s_own_meanwhile(string tag)
    {
        var before = await host.PushImageAsync(_repository, "mine", "before");
        var late = await host.ManifestAsync(_repository, "late");
        var answer = await WhileItComesAsync($"/v2/{_repository}/manifests/{tag}", late, async () =>
        {
            var name = _repository.Split('/')[1];
            var source = Samples.ExistingImage(name, $"{host.Registry.Address.Authority}/{_repository}:mine");
            Assert.Equal("ready", (await host.Registry.PublishAsync("acme", name, "1.0.0", ("component.yaml", source)))["state"]);
        });
        await ImageHost.AssertErrorAsync(answer, HttpStatusCode.Conflict, "DENIED");
        using var read = await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/{tag}");
        Assert.NotEqual(Digest.Of(late), read.IsSuccessStatusCode ? read.Headers.GetValues("Docker-Content-Digest").Single() : before);
        Assert.Equal(HttpStatusCode.NotFound, (await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/{Digest.Of(late)}")).StatusCode);
    }

    [Fact]
    public async Task A_slow_push_of_a_person_is_refused_when_the_namespace_took_to_trusted_jobs_alone_meanwhile()
    {
        await host.Registry.CreateNamespaceAsync("closing");
        var late = await host.ManifestAsync("closing/image", "late");
        var answer = await WhileItComesAsync("/v2/closing/image/manifests/v1", late, async () =>
            Assert.Equal(HttpStatusCode.OK, (await host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/closing", new { onlyTrusted = true })).Status));
        await ImageHost.AssertErrorAsync(answer, HttpStatusCode.Forbidden, "DENIED");
        Assert.Equal(HttpStatusCode.NotFound, (await host.Anonymous.GetAsync("/v2/closing/image/manifests/v1")).StatusCode);
    }

    /// <summary>Sends the first half of the manifest, lets something happen, and sends the rest.</summary>
    private async Task<HttpResponseMessage> WhileItComesAsync(string url, byte[] manifest, Func<Task> meanwhile)
    {
        using var body = new HeldBody(manifest);
        var put = host.Admin.PutAsync(url, body);
        await body.Begun.Task;
        await meanwhile();
        body.GoOn.SetResult();
        return await put;
    }

    private sealed class HeldBody : HttpContent
    {
        private readonly byte[] _bytes;

        public HeldBody(byte[] bytes)
        {
            _bytes = bytes;
            Headers.ContentType = MediaTypeHeaderValue.Parse(MediaTypes.OciManifest);
            Headers.ContentLength = bytes.Length;
        }

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource GoOn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_bytes.AsMemory(0, 20));
            await stream.FlushAsync();
            Begun.SetResult();
            await GoOn.Task;
            await stream.WriteAsync(_bytes.AsMemory(20));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _bytes.Length;
            return true;
        }
    }
}
