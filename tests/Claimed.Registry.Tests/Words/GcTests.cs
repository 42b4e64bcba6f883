using System.Net;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Images;
using Claimed.Registry.Words;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Words;

public sealed class GcTests(ImageHost images) : IClassFixture<ImageHost>
{
    // What was made in this very millisecond is collected, too.
    private static readonly TimeSpan NoGrace = TimeSpan.FromSeconds(-1);

    private RegistryHost Host => images.Registry;

    private IBlobStore Blobs => Host.Services.GetRequiredService<IBlobStore>();

    [Fact]
    public async Task A_blob_that_no_row_names_goes_after_its_grace_and_not_before()
    {
        var (young, old) = (await OrphanAsync("young"), await OrphanAsync("old"));
        Age(old);
        var dry = await GcAsync("--dry-run");
        Assert.Equal(1, dry.Count("blobs that no row names"));
        Assert.NotNull(await Blobs.FindAsync(old, CancellationToken.None));
        Assert.Equal(1, (await GcAsync()).Count("blobs that no row names"));
        Assert.Null(await Blobs.FindAsync(old, CancellationToken.None));
        Assert.NotNull(await Blobs.FindAsync(young, CancellationToken.None));
    }

    [Fact]
    public async Task A_blob_that_is_put_again_has_a_new_grace()
    {
        var digest = await OrphanAsync("again");
        Age(digest);
        await OrphanAsync("again");
        await GcAsync();
        Assert.NotNull(await Blobs.FindAsync(digest, CancellationToken.None));
    }

    [Fact]
    public async Task Whatever_a_version_or_a_tag_needs_stays_even_without_any_grace()
    {
        await Host.PublishReadyAsync("acme", "kept", "1.0.0");
        var queued = await Host.PublishAsync("acme", "waits", "1.0.0", ("step.py", Samples.Script("kept")));
        Assert.Equal("queued", queued["state"]);
        var repository = ImageHost.NewRepository();
        var manifest = await images.PushImageAsync(repository, "v1", "kept layer");
        await CollectAsync(NoGrace);
        foreach (var path in new[] { "acme/kept/versions/1.0.0/component.yaml", "acme/kept/versions/1.0.0/operator.py", "acme/kept/versions/1.0.0/bundle", "acme/waits/versions/1.0.0/bundle" })
            Assert.Equal(HttpStatusCode.OK, (await Host.ComponentAsync(path)).Status);
        await AssertPullsAsync(repository, manifest, "kept layer");
    }

    [Fact]
    public async Task An_untagged_manifest_goes_with_its_layers_once_nothing_needs_it()
    {
        var repository = ImageHost.NewRepository();
        var manifest = await images.PushImageAsync(repository, "v1", "to be forgotten");
        await images.Admin.DeleteAsync($"/v2/{repository}/manifests/v1");
        // The default grace is a day.
        await GcAsync();
        await AssertPullsAsync(repository, manifest, "to be forgotten");
        var collected = await CollectAsync(NoGrace);
        Assert.Equal(1, collected.Count("untagged manifests"));
        Assert.Equal(2, collected.Count("image blobs"));
        Assert.Equal(HttpStatusCode.NotFound, (await images.Anonymous.GetAsync($"/v2/{repository}/manifests/{manifest}")).StatusCode);
        Assert.Null(await Blobs.FindAsync(manifest, CancellationToken.None));
        Assert.Null(await Blobs.FindAsync(Digest.Of("to be forgotten"), CancellationToken.None));
    }

    [Fact]
    public async Task What_an_index_lists_and_what_describes_a_kept_image_stay()
    {
        var repository = ImageHost.NewRepository();
        var listed = await images.ManifestAsync(repository, "listed layer");
        await images.PutManifestAsync(repository, Digest.Of(listed), listed);
        var index = Encoding.UTF8.GetBytes($$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Digest.Of(listed)}}","size":{{listed.Length}}}]}
            """);
        Assert.Equal(HttpStatusCode.Created, (await images.PutManifestAsync(repository, "all", index, MediaTypes.OciIndex)).StatusCode);
        var signature = await images.ManifestAsync(repository, "signature", Subject(index, MediaTypes.OciIndex));
        await images.PutManifestAsync(repository, Digest.Of(signature), signature);
        var astray = await images.ManifestAsync(repository, "astray", Subject("nobody has this"u8.ToArray(), MediaTypes.OciManifest));
        await images.PutManifestAsync(repository, Digest.Of(astray), astray);

        await CollectAsync(NoGrace);
        await AssertPullsAsync(repository, Digest.Of(listed), "listed layer");
        await AssertPullsAsync(repository, Digest.Of(signature), "signature");
        Assert.Equal(HttpStatusCode.NotFound, (await images.Anonymous.GetAsync($"/v2/{repository}/manifests/{Digest.Of(astray)}")).StatusCode);

        await images.Admin.DeleteAsync($"/v2/{repository}/manifests/all");
        Assert.Equal(3, (await CollectAsync(NoGrace)).Count("untagged manifests"));
        Assert.Empty((await images.Anonymous.SendAsync(HttpMethod.Get, $"/v2/{repository}/referrers/{Digest.Of(index)}")).Json.GetProperty("manifests").EnumerateArray());
    }

    [Fact]
    public async Task An_image_that_something_with_a_tag_describes_stays_until_that_goes()
    {
        var repository = ImageHost.NewRepository();
        var image = await images.ManifestAsync(repository, "described");
        await images.PutManifestAsync(repository, Digest.Of(image), image);
        var sbom = await images.ManifestAsync(repository, "bill of materials", Subject(image, MediaTypes.OciManifest));
        await images.PutManifestAsync(repository, "sbom", sbom);
        await CollectAsync(NoGrace);
        await AssertPullsAsync(repository, Digest.Of(image), "described");
        await images.Admin.DeleteAsync($"/v2/{repository}/manifests/sbom");
        Assert.Equal(2, (await CollectAsync(NoGrace)).Count("untagged manifests"));
    }

    [Fact]
    public async Task A_dry_run_tells_what_a_run_then_removes_and_how_much()
    {
        await CollectAsync(NoGrace);
        var repository = ImageHost.NewRepository();
        var listed = await images.ManifestAsync(repository, "listed once");
        await images.PutManifestAsync(repository, Digest.Of(listed), listed);
        var index = Encoding.UTF8.GetBytes($$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Digest.Of(listed)}}","size":{{listed.Length}}}]}
            """);
        await images.PutManifestAsync(repository, Digest.Of(index), index, MediaTypes.OciIndex);
        var collection = Host.Services.GetRequiredService<GarbageCollection>();
        var dry = (await collection.RunAsync(NoGrace, countOnly: true, CancellationToken.None))!;
        await AssertPullsAsync(repository, Digest.Of(listed), "listed once");
        var real = await CollectAsync(NoGrace);
        foreach (var kind in new[] { "untagged manifests", "image blobs" })
            Assert.Equal(real.Single(one => one.Kind.StartsWith(kind, StringComparison.Ordinal)), dry.Single(one => one.Kind.StartsWith(kind, StringComparison.Ordinal)));
        Assert.Equal((2, listed.Length + (long)index.Length), (real.Count("untagged manifests"), real.Single(one => one.Kind.StartsWith("untagged manifests", StringComparison.Ordinal)).Bytes));
        Assert.Equal("listed once".Length + ImageHost.Config.Length, real.Single(one => one.Kind.StartsWith("image blobs", StringComparison.Ordinal)).Bytes);
    }

    [Fact]
    public async Task An_image_that_a_version_pins_stays_without_a_tag()
    {
        var repository = ImageHost.NewRepository();
        var manifest = await images.PushImageAsync(repository, "v1", "pinned layer");
        var reference = $"{Host.Address.Authority}/{repository}:v1";
        var version = await Host.PublishAsync("acme", "pins", "1.0.0", ("component.yaml", Samples.ExistingImage("pins", reference)));
        Assert.Equal(manifest, version["imageDigest"]);
        await images.Admin.DeleteAsync($"/v2/{repository}/manifests/v1");
        await CollectAsync(NoGrace);
        await AssertPullsAsync(repository, manifest, "pinned layer");
    }

    [Fact]
    public async Task The_tag_of_a_build_goes_when_the_build_has_ended()
    {
        var build = (await Host.PublishAsync("acme", "built", "1.0.0", ("step.py", Samples.Script("tagged"))))["build.id"]!;
        // A builder has it; other builds of this registry may be before it in the queue.
        await TestDatabase.ExecuteAsync(Host.DataPath, $"""UPDATE builds SET "State" = 'building', "Fence" = 7 WHERE "Id" = {build}""");
        var tag = ImageRights.TagOf(long.Parse(build), 7);
        var manifest = await images.ManifestAsync("acme/built", "pushed by an attempt");
        Assert.Equal(HttpStatusCode.Created, (await images.PutManifestAsync("acme/built", tag, manifest)).StatusCode);
        Assert.Equal(0, (await CollectAsync(NoGrace)).Count("tags of builds"));
        // As a program of before left it, which removed no tags.
        await TestDatabase.ExecuteAsync(Host.DataPath, $"""UPDATE builds SET "State" = 'cancelled' WHERE "Id" = {build}""");
        Assert.Equal(1, (await CollectAsync(NoGrace)).Count("tags of builds"));
        Assert.Equal(HttpStatusCode.NotFound, (await images.Anonymous.GetAsync($"/v2/acme/built/manifests/{tag}")).StatusCode);
        // An engine that is still pushing when the build has ended.
        await ImageHost.AssertErrorAsync(await images.PutManifestAsync("acme/built", tag, manifest), HttpStatusCode.Forbidden, "DENIED");
    }

    [Fact]
    public async Task A_tag_that_only_looks_like_a_builds_stays()
    {
        var repository = ImageHost.NewRepository();
        await images.PushImageAsync(repository, "build-1-1", "a name that somebody chose");
        await CollectAsync(NoGrace);
        Assert.Equal(HttpStatusCode.OK, (await images.Anonymous.GetAsync($"/v2/{repository}/manifests/build-1-1")).StatusCode);
    }

    [Fact]
    public async Task Files_that_a_killed_process_left_go_when_they_are_old()
    {
        Directory.CreateDirectory(Path.Combine(Host.DataPath, "contexts"));
        string[] left = [Path.Combine(Host.DataPath, "uploads", "put-left"), Path.Combine(Host.DataPath, "contexts", "context-left")];
        foreach (var path in left)
        {
            await File.WriteAllTextAsync(path, "half of something");
            File.SetLastWriteTimeUtc(path, TwoDaysAgo);
        }
        var upload = await images.StartUploadAsync(ImageHost.NewRepository());
        await GcAsync();
        Assert.DoesNotContain(left, File.Exists);
        Assert.Equal(HttpStatusCode.NoContent, (await images.Admin.GetAsync(upload)).StatusCode);
    }

    [Fact]
    public async Task A_second_collection_at_the_same_time_is_refused()
    {
        await using var other = new FileStream(Path.Combine(Host.DataPath, "collect.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var refused = await GcAsync();
        Assert.Equal((1, "A collection is under way already.\n"), (refused.ExitCode, refused.Err));
    }

    [Theory]
    [InlineData("gc", "--grace=soon")]
    [InlineData("gc", "--grace")]
    [InlineData("gc", "--grace=00:00:00")]
    [InlineData("gc", "--grace=00:00:59")]
    [InlineData("gc", "--Storage:CollectGrace=00:00:59")]
    [InlineData("gc", "--graze=1")]
    [InlineData("collect", "--dry-run")]
    public async Task A_wrong_word_or_option_ends_with_2_and_a_sentence(string word, string option)
    {
        var refused = await WordRun.RunAsync(Host.DataPath, word, option);
        Assert.Equal(2, refused.ExitCode);
        Assert.DoesNotContain("   at ", refused.Err, StringComparison.Ordinal);
        Assert.NotEqual("", refused.Err);
    }

    private static DateTime TwoDaysAgo => TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2);

    private Task<ShellResult> GcAsync(params string[] options) => WordRun.RunAsync(Host.DataPath, ["gc", .. options]);

    /// <summary>A collection with a grace that no operator can ask for.</summary>
    private async Task<IReadOnlyList<Collected>> CollectAsync(TimeSpan grace) =>
        (await Host.Services.GetRequiredService<GarbageCollection>().RunAsync(grace, countOnly: false, CancellationToken.None))!;

    private async Task<string> OrphanAsync(string content)
    {
        await Blobs.PutAsync(Digest.Of(content), Encoding.UTF8.GetBytes(content), CancellationToken.None);
        return Digest.Of(content);
    }

    private void Age(string digest) => File.SetLastWriteTimeUtc(Path.Combine(Host.DataPath, "blobs", "sha256", digest[7..9], digest[7..]), TwoDaysAgo);

    private static string Subject(byte[] manifest, string type) =>
        $$""","subject":{"mediaType":"{{type}}","digest":"{{Digest.Of(manifest)}}","size":{{manifest.Length}}}""";

    private async Task AssertPullsAsync(string repository, string manifest, string layer)
    {
        Assert.Equal(manifest, Digest.Of(await images.Anonymous.GetByteArrayAsync($"/v2/{repository}/manifests/{manifest}")));
        Assert.Equal(layer, await images.Anonymous.GetStringAsync($"/v2/{repository}/blobs/{Digest.Of(layer)}"));
        await images.Anonymous.GetByteArrayAsync($"/v2/{repository}/blobs/{Digest.Of(ImageHost.Config)}");
    }
}
