using System.Net;
using System.Text;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Words;

public sealed class ScrubTests : IAsyncLifetime
{
    // What was read before stays readable from memory; here every read goes to the disk.
    private readonly ImageHost _images = new() { Settings = WordRun.NothingInMemory };

    private RegistryHost Host => _images.Registry;

    public ValueTask InitializeAsync() => _images.InitializeAsync();

    public ValueTask DisposeAsync() => _images.DisposeAsync();

    [Trait("Database", "any")]
    [Fact]
    public async Task A_clean_store_ends_with_0()
    {
        await Host.PublishReadyAsync("acme", "greet", "1.0.0");
        await _images.PushImageAsync("acme/tool", "v1");
        var result = await ScrubAsync();
        Assert.Contains("0 damaged, 0 missing", result.Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_and_missing_blobs_are_named_with_what_they_belong_to()
    {
        var version = await Host.PublishReadyAsync("acme", "greet", "1.0.0");
        var form = await FormDigestAsync();
        await DamageAsync(form);
        var layer = Digest.Of("layer");
        await _images.PushImageAsync("acme/tool", "v1");
        File.Delete(PathOf(layer));
        var result = await ScrubAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"damaged    {form} acme/greet 1.0.0 component.yaml", result.Out, StringComparison.Ordinal);
        Assert.Contains($"missing    {layer} acme/tool blob", result.Out, StringComparison.Ordinal);
        Assert.Contains("1 damaged, 1 missing", result.Out, StringComparison.Ordinal);
        Assert.True(File.Exists(PathOf(form)));
        Assert.NotNull(version["bundleDigest"]);
    }

    [Trait("Database", "any")]
    [Theory]
    [InlineData("1.0.0", true)]
    [InlineData("1.0.0", false)]
    [InlineData(null, true)]
    [InlineData(null, false)]
    public async Task Known_files_bring_back_every_lost_form_whether_a_version_is_named_or_not(string? version, bool quarantine)
    {
        await Host.PublishAsync("acme", "greet", "1.0.0", new Multipart().Source("component.yaml", Samples.ExistingImage()).Field("category", "Talk"));
        var forms = new Dictionary<string, byte[]>();
        foreach (var form in (string[])["component.yaml", "elyra.yaml", "operator.py", "original.yaml"])
            forms[form] = (await Host.ComponentAsync($"acme/greet/versions/1.0.0/{form}")).Bytes;
        foreach (var bytes in forms.Values)
            await DamageAsync(Digest.Of(bytes));
        if (quarantine)
            Assert.Equal(1, (await ScrubAsync("--quarantine")).ExitCode);
        // Said without the category: what comes back are the bytes of then.
        Assert.Equal(HttpStatusCode.OK, (await Host.PublishAsync("acme", "greet", version, ("component.yaml", Samples.ExistingImage()))).Status);
        foreach (var (form, bytes) in forms)
            Assert.Equal(bytes, (await Host.ComponentAsync($"acme/greet/versions/1.0.0/{form}")).Bytes);
        Assert.Equal(0, (await ScrubAsync()).ExitCode);
    }

    [Fact]
    public async Task A_lost_form_answers_503_and_never_500_and_publishing_again_brings_it_back()
    {
        await Host.PublishReadyAsync("acme", "greet", "1.0.0");
        var whole = await Host.ComponentAsync("acme/greet/versions/1.0.0/component.yaml");
        await DamageAsync(await FormDigestAsync());
        await AssertLostAsync();
        Assert.Equal(1, (await ScrubAsync("--quarantine")).ExitCode);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(Host.DataPath, "quarantine")));
        await AssertLostAsync();
        Assert.Equal(1, (await ScrubAsync()).ExitCode);

        Assert.Equal(HttpStatusCode.OK, (await Host.PublishAsync("acme", "greet", "1.0.0", ("component.yaml", Samples.ExistingImage()))).Status);
        Assert.Equal(whole.Bytes, (await Host.ComponentAsync("acme/greet/versions/1.0.0/component.yaml")).Bytes);
        Assert.Equal(0, (await ScrubAsync()).ExitCode);
    }

    [Trait("Database", "any")]
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_damaged_bundle_is_mended_by_publishing_the_same_files(bool quarantine)
    {
        await Host.PublishAsync("acme", "step", "1.0.0", ("step.py", Samples.Script()));
        var bundle = (await Host.ComponentAsync("acme/step/versions/1.0.0/bundle")).Bytes;
        await DamageAsync(Digest.Of(bundle));
        if (quarantine)
            Assert.Contains("acme/step 1.0.0 bundle", (await ScrubAsync("--quarantine")).Out, StringComparison.Ordinal);
        Assert.Equal("blob-missing", (await Host.ComponentAsync("acme/step/versions/1.0.0/bundle"))["type"]);
        Assert.Equal(HttpStatusCode.OK, (await Host.PublishAsync("acme", "step", "1.0.0", ("step.py", Samples.Script()))).Status);
        Assert.Equal(bundle, (await Host.ComponentAsync("acme/step/versions/1.0.0/bundle")).Bytes);
    }

    [Fact]
    public async Task A_quarantined_layer_or_manifest_is_unknown_and_can_be_pushed_again()
    {
        var manifest = await _images.PushImageAsync("acme/tool", "v1", "precious");
        var layer = Digest.Of("precious");
        await DamageAsync(layer);
        await DamageAsync(manifest);
        Assert.Contains("2 damaged", (await ScrubAsync("--quarantine")).Out, StringComparison.Ordinal);
        using (var head = new HttpRequestMessage(HttpMethod.Head, $"/v2/acme/tool/blobs/{layer}"))
            Assert.Equal(HttpStatusCode.NotFound, (await _images.Admin.SendAsync(head)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _images.Anonymous.GetAsync("/v2/acme/tool/manifests/v1")).StatusCode);
        Assert.Equal(manifest, await _images.PushImageAsync("acme/tool", "v1", "precious"));
        Assert.Equal("precious", await _images.Anonymous.GetStringAsync($"/v2/acme/tool/blobs/{layer}"));
        Assert.Equal(0, (await ScrubAsync()).ExitCode);
    }

    [Trait("Database", "any")]
    [Fact]
    public async Task A_damaged_layer_is_replaced_by_pushing_it_again_even_without_scrub()
    {
        await _images.PushImageAsync("acme/tool", "v1", "precious");
        await DamageAsync(Digest.Of("precious"));
        await _images.PushBlobAsync("acme/tool", Encoding.UTF8.GetBytes("precious"));
        Assert.Equal("precious", await _images.Anonymous.GetStringAsync($"/v2/acme/tool/blobs/{Digest.Of("precious")}"));
    }

    private Task<ShellResult> ScrubAsync(params string[] options) => WordRun.RunAsync(Host.DataPath, ["scrub", .. options]);

    private async Task AssertLostAsync()
    {
        var lost = await Host.ComponentAsync("acme/greet/versions/1.0.0/component.yaml");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "blob-missing"), (lost.Status, lost["type"]));
        Assert.DoesNotContain(Host.DataPath, lost.Text, StringComparison.Ordinal);
    }

    private async Task<string> FormDigestAsync() => Digest.Of((await Host.ComponentAsync("acme/greet/versions/1.0.0/component.yaml")).Bytes);

    private string PathOf(string digest) => Path.Combine(Host.DataPath, "blobs", "sha256", digest[7..9], digest[7..]);

    /// <summary>One bit, as disks do; the length stays.</summary>
    private async Task DamageAsync(string digest)
    {
        var bytes = await File.ReadAllBytesAsync(PathOf(digest));
        bytes[bytes.Length / 2] ^= 4;
        await File.WriteAllBytesAsync(PathOf(digest), bytes);
    }
}
