using System.Net;
using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

public sealed class ComponentImageTests(ImageHost host) : IClassFixture<ImageHost>
{
    private readonly string _repository = ImageHost.NewRepository();

    [Theory]
    [InlineData("1.2.3", false)]
    [InlineData("1.2.3-rc.1", false)]
    [InlineData("1.2", false)]
    [InlineData("latest", false)]
    [InlineData("stable", false)]
    [InlineData("mine", true)]
    [InlineData("v1", true)]
    public async Task In_a_component_s_repository_the_registry_alone_sets_versions_and_channels(string tag, bool isFree)
    {
        await MakeComponentAsync("1.0.0", null, "stable");
        var manifest = await host.ManifestAsync(_repository);
        var put = await host.PutManifestAsync(_repository, tag, manifest);
        if (isFree)
        {
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
            Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/{tag}")).StatusCode);
            return;
        }
        await ImageHost.AssertErrorAsync(put, HttpStatusCode.Conflict, "DENIED");
        await ImageHost.AssertErrorAsync(await host.PutManifestAsync(_repository, $"{Digest.Of(manifest)}?tag={tag}", manifest), HttpStatusCode.Conflict, "DENIED");
        await ImageHost.AssertErrorAsync(await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/{tag}"), HttpStatusCode.Conflict, "DENIED");
        await host.PushImageAsync(_repository + "/cache", tag);
    }

    [Fact]
    public async Task The_image_of_a_ready_version_cannot_be_deleted()
    {
        var digest = await host.PushImageAsync(_repository, "mine");
        await MakeComponentAsync("1.0.0", digest);
        await ImageHost.AssertErrorAsync(await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/{digest}"), HttpStatusCode.Conflict, "DENIED");
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/mine")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/{digest}")).StatusCode);
    }

    [Fact]
    public async Task An_image_of_another_repository_that_a_version_runs_cannot_be_deleted_either()
    {
        var shared = ImageHost.NewRepository();
        var digest = await host.PushImageAsync(shared, "one");
        var copy = ImageHost.NewRepository();
        await host.PushImageAsync(copy, "one");
        await MakeComponentAsync("1.0.0", digest, image: $"localhost:8080/{shared}@{digest}");
        await ImageHost.AssertErrorAsync(await host.Admin.DeleteAsync($"/v2/{shared}/manifests/{digest}"), HttpStatusCode.Conflict, "DENIED");
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{copy}/manifests/{digest}")).StatusCode);
    }

    [Fact]
    public async Task Tags_are_set_and_removed_inside_a_transaction_and_undone_with_it()
    {
        var (store, database) = (Service<ImageStore>(), Service<RegistryDatabase>());
        var digest = await host.PushImageAsync(_repository, "mine");
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.ChangeAsync(async change =>
        {
            await store.SetTagAsync(change, _repository, "1.0.0", digest);
            throw new InvalidOperationException("undo");
        }, CancellationToken.None));
        Assert.Null(await store.ResolveTagAsync(_repository, "1.0.0", CancellationToken.None));
        await database.ChangeAsync(change => store.SetTagAsync(change, _repository, "1.0.0", digest), CancellationToken.None);
        Assert.Equal(digest, await store.ResolveTagAsync(_repository, "1.0.0", CancellationToken.None));
        Assert.Equal(digest, await store.ResolveTagAsync(_repository, digest, CancellationToken.None));
        Assert.True(await database.ChangeAsync(change => store.RemoveTagAsync(change, _repository, "1.0.0"), CancellationToken.None));
        Assert.Null(await store.ResolveTagAsync(_repository, "1.0.0", CancellationToken.None));
        await Assert.ThrowsAsync<OciRefusedException>(() =>
            database.ChangeAsync(change => store.SetTagAsync(change, _repository, "1.0.0", Digest.Of("absent")), CancellationToken.None));
    }

    [Fact]
    public async Task An_administrator_s_push_into_a_namespace_that_is_not_there_creates_it()
    {
        await host.PushImageAsync("founded/image", "one");
        Assert.Contains("founded", Service<Registry.Storage.Snapshot.SnapshotFeed>().Current.Namespaces.Keys);
        Assert.Single((await host.Registry.GetAsync("/api/v1/events?limit=500")).Items, item => item.GetProperty("kind").GetString() == "namespace.created" && item.GetProperty("subject").GetString() == "founded");
        Assert.Equal(HttpStatusCode.OK, (await host.Anonymous.GetAsync("/v2/founded/image/manifests/one")).StatusCode);
        Assert.Equal("namespace-not-empty", (await host.Registry.Admin.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/founded"))["type"]);
    }

    private T Service<T>() => (T)host.Registry.Services.GetService(typeof(T))!;

    /// <summary>Rows of a component with one ready version, as a finished build leaves them.</summary>
    private Task MakeComponentAsync(string number, string? imageDigest, string? channel = null, string? image = null) =>
        Service<RegistryDatabase>().ChangeAsync(async change =>
        {
            var parts = _repository.Split('/');
            var space = change.Db.Namespaces.FirstOrDefault(row => row.Name == parts[0]) ?? new Namespace { Name = parts[0] };
            var version = new ComponentVersion
            {
                Number = number,
                State = VersionState.Ready,
                BundleDigest = Digest.Of("bundle"),
                BundleBlob = Digest.Of("bundle"),
                DefinitionDigest = Digest.Of("definition"),
                Definition = Registry.Http.DefinitionJson.Write(new Definition { Name = parts[1], DisplayName = parts[1], Language = SourceLanguage.Python, MainFile = "main.py" }),
                Options = "{}",
                ImageDigest = imageDigest,
                Image = image,
            };
            var component = new Component { Namespace = space, Name = parts[1], Versions = { version } };
            if (channel is not null)
                component.Channels.Add(new Channel { Name = channel, Version = version });
            change.Db.Components.Add(component);
            await change.Db.SaveChangesAsync(change.Cancellation);
            change.Tell("version.published", _repository, new { version = number });
        }, CancellationToken.None);
}
