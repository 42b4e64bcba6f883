using System.Net;
using System.Net.Http.Headers;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Evidence;

/// <summary>The archive of all that is known of a version.</summary>
[Trait("Database", "any")]
public sealed class ArchiveTests(EvidenceRegistry registry) : IClassFixture<EvidenceRegistry>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-test-").FullName;

    private RegistryHost Host => registry.Host;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_verifies_offline_and_no_longer_when_one_byte_of_anything_is_another()
    {
        await registry.BuildAsync("kept/whole", "1.0.0", LayerSamples.Gzip(LayerSamples.Python("numpy", "1.26.0")));
        await Host.SetChannelAsync("kept/whole", "stable", "1.0.0");
        var root = await UnpackAsync("kept/whole", "1.0.0");
        foreach (var path in (string[])["README", "bundle.tar.gz", "renditions/component.yaml", "renditions/provenance.json", "image/manifest.json", "image/config.json", "bases.json", "version.json", "events.json",
            "statements/contents.json", "statements/provenance.json.sig", "SHA256SUMS"])
            Assert.True(File.Exists(Path.Combine(root, path)), path);
        Assert.Contains("channel.moved", await File.ReadAllTextAsync(Path.Combine(root, "events.json")), StringComparison.Ordinal);
        var verified = (await VerifyAsync(root)).Succeeded();
        Assert.EndsWith("VERIFIED", verified, StringComparison.Ordinal);
        foreach (var line in (string[])["ok: provenance.json is signed by the key ", "ok: contents.json is signed by the key ", "ok: the provenance names bundle.tar.gz", "ok: the provenance names renditions/component.yaml",
            "ok: the provenance is about the image ", "ok: the list of packages is about the image ", "ok: image/manifest.json names image/config.json"])
            Assert.Contains(line, verified, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith("verify.sh", StringComparison.Ordinal)))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file, bytes);
            var failed = await VerifyAsync(root);
            Assert.True(failed.ExitCode != 0 && !failed.Out.Contains("VERIFIED", StringComparison.Ordinal), $"{file}: {failed.Out}");
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file, bytes);
        }
        (await VerifyAsync(root)).Succeeded();
    }

    [Theory]
    [InlineData("bundle.tar.gz", "not what the provenance says")]
    [InlineData("image/manifest.json", "not the image that the provenance is about")]
    [InlineData("statements/provenance.json", "is not what renditions/provenance.json carries")]
    [InlineData("renditions/contents.json", "is not what renditions/contents.json carries")]
    public async Task Who_mends_the_sums_as_well_is_found_by_the_signatures(string path, string why)
    {
        await registry.BuildAsync("kept/forged", "1.0.0");
        var root = await UnpackAsync("kept/forged", "1.0.0");
        var text = await File.ReadAllTextAsync(Path.Combine(root, path), System.Text.Encoding.Latin1);
        await File.WriteAllTextAsync(Path.Combine(root, path), path.EndsWith(".gz", StringComparison.Ordinal) ? text + "x" : text.Replace("a", "b", StringComparison.Ordinal), System.Text.Encoding.Latin1);
        await MendSumsAsync(root);
        var failed = await VerifyAsync(root);
        Assert.NotEqual(0, failed.ExitCode);
        Assert.Contains(why, failed.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_statement_that_another_key_signed_is_refused_by_whoever_gives_the_right_one()
    {
        await registry.BuildAsync("kept/trusted", "1.0.0");
        var root = await UnpackAsync("kept/trusted", "1.0.0");
        await File.WriteAllTextAsync(Path.Combine(_folder, "right.pem"), (await Host.GetAsync("/.well-known/evidence-keys.pem")).Text);
        Assert.DoesNotContain("note: compare the key", (await VerifyAsync(root, Path.Combine(_folder, "right.pem"))).Succeeded(), StringComparison.Ordinal);
        (await Shell.RunAsync("sh", ["-c", "openssl ecparam -name prime256v1 -genkey -noout | openssl pkey -pubout -out other.pem"], folder: _folder)).Succeeded();
        var failed = await VerifyAsync(root, Path.Combine(_folder, "other.pem"));
        Assert.Contains("which is not", failed.Err, StringComparison.Ordinal);
        Assert.NotEqual(0, failed.ExitCode);
    }

    [Fact]
    public async Task The_same_state_gives_the_same_bytes_and_a_change_gives_others()
    {
        await registry.BuildAsync("kept/same", "1.0.0");
        var (first, second) = (await GetAsync("kept/same", "1.0.0"), await GetAsync("kept/same", "1.0.0"));
        Assert.Equal(first.Bytes, second.Bytes);
        Assert.Equal(first.ETag, second.ETag);
        Assert.Equal("application/gzip", first.ContentType);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/v1/components/kept/same/versions/1.0.0/evidence.tar.gz");
        again.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(first.ETag!));
        Assert.Equal(HttpStatusCode.NotModified, (await Host.Anonymous.SendAsync(again)).StatusCode);
        await Host.PatchAsync("kept/same/versions/1.0.0", """{"yanked": true, "reason": "wrong"}""");
        var changed = await GetAsync("kept/same", "1.0.0");
        Assert.NotEqual(first.ETag, changed.ETag);
        Assert.NotEqual(first.Bytes, changed.Bytes);
    }

    [Fact]
    public async Task A_version_that_runs_an_image_of_elsewhere_has_one_without_statements()
    {
        Assert.Equal("ready", (await Host.PublishAsync("kept", "outside", "1.0.0", ("component.yaml", Samples.ExistingImage())))["state"]);
        var root = await UnpackAsync("kept/outside", "1.0.0");
        var told = await VerifyAsync(root);
        Assert.Contains("note: there is no provenance.json", told.Out, StringComparison.Ordinal);
        Assert.Contains("NOT SIGNED: there is no provenance.json contents.json", told.Out, StringComparison.Ordinal);
        Assert.Equal(2, told.ExitCode);
    }

    [Theory]
    [InlineData("renditions/provenance.json")]
    [InlineData("renditions/contents.json")]
    [InlineData("statements/contents.json")]
    [InlineData("statements/provenance.json.sig")]
    public async Task Who_takes_a_statement_away_and_mends_the_sums_has_nothing_verified(string path)
    {
        await registry.BuildAsync("kept/stripped", "1.0.0");
        var root = await UnpackAsync("kept/stripped", "1.0.0");
        await File.WriteAllTextAsync(Path.Combine(_folder, "right.pem"), (await Host.GetAsync("/.well-known/evidence-keys.pem")).Text);
        File.Delete(Path.Combine(root, path));
        await MendSumsAsync(root);
        var (told, trusting) = (await VerifyAsync(root), await VerifyAsync(root, Path.Combine(_folder, "right.pem")));
        Assert.Equal((2, 1), (told.ExitCode, trusting.ExitCode));
        Assert.Contains("NOT SIGNED", told.Out, StringComparison.Ordinal);
        Assert.Contains("FAILED: there is no ", trusting.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("VERIFIED", told.Out + trusting.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_the_index_does_not_name_is_found()
    {
        await registry.BuildAsync("kept/below", "1.0.0");
        var root = await UnpackAsync("kept/below", "1.0.0");
        Directory.CreateDirectory(Path.Combine(root, "image/0123456789ab"));
        await File.WriteAllTextAsync(Path.Combine(root, "image/0123456789ab/manifest.json"), "{}");
        await File.AppendAllTextAsync(Path.Combine(root, "SHA256SUMS"), $"{new string('0', 64)}  image/0123456789ab/manifest.json\n");
        await MendSumsAsync(root);
        var failed = await VerifyAsync(root);
        Assert.NotEqual(0, failed.ExitCode);
        Assert.Contains("image/0123456789ab/manifest.json is no image that image/manifest.json names", failed.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_statement_about_another_image_does_not_go_with_the_others()
    {
        await registry.BuildAsync("kept/one", "1.0.0");
        await registry.BuildAsync("kept/other", "1.0.0");
        var other = await UnpackAsync("kept/other", "1.0.0");
        var root = await UnpackAsync("kept/one", "1.0.0");
        foreach (var path in (string[])["renditions/contents.json", "statements/contents.json", "statements/contents.json.sig"])
            File.Copy(Path.Combine(other, path), Path.Combine(root, path), overwrite: true);
        Directory.Delete(Path.Combine(root, "image"), recursive: true);
        await MendSumsAsync(root);
        Assert.Contains("are about different images", (await VerifyAsync(root)).Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_name_and_a_long_version_make_a_folder_that_any_tar_takes()
    {
        var (name, version) = (new string('n', 50), $"1.0.0-{new string('v', 100)}");
        var published = await Host.PublishAsync("kept", name, version, ("component.yaml", Samples.ExistingImage(name)));
        Assert.True(published["state"] == "ready", published.Text);
        var archive = await GetAsync($"kept/{name}", version);
        Assert.Equal(HttpStatusCode.OK, archive.Status);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "long.tar.gz"), archive.Bytes);
        (await Shell.RunAsync("tar", ["-xzf", "long.tar.gz"], folder: _folder)).Succeeded();
        var root = Assert.Single(Directory.GetDirectories(_folder));
        Assert.Equal(100, Path.GetFileName(root).Length);
        Assert.Equal(2, (await VerifyAsync(root)).ExitCode);
    }

    [Fact]
    public async Task What_is_not_there_or_not_for_the_caller_is_refused()
    {
        await registry.BuildAsync("kept/refused", "1.0.0");
        await Host.CreateNamespaceAsync("secret", isPrivate: true);
        await registry.BuildAsync("secret/step", "1.0.0");
        foreach (var (component, version, status, type) in new[]
        {
            ("kept/none", "1.0.0", 404, "component-not-found"), ("kept/refused", "2.0.0", 404, "version-not-found"), ("kept/refused", "latest", 400, "bad-reference"), ("secret/step", "1.0.0", 404, "component-not-found"),
        })
        {
            var answer = await GetAsync(component, version);
            Assert.Equal((status, type), ((int)answer.Status, answer["type"]));
        }
        Assert.Equal(HttpStatusCode.OK, (await Host.Admin.SendAsync(HttpMethod.Get, "/api/v1/components/secret/step/versions/1.0.0/evidence.tar.gz")).Status);
    }

    private Task<Answer> GetAsync(string component, string version) => Host.ComponentAsync($"{component}/versions/{version}/evidence.tar.gz");

    private async Task<string> UnpackAsync(string component, string version)
    {
        var archive = await GetAsync(component, version);
        Assert.Equal(HttpStatusCode.OK, archive.Status);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "evidence.tar.gz"), archive.Bytes);
        (await Shell.RunAsync("tar", ["-xzf", "evidence.tar.gz"], folder: _folder)).Succeeded();
        return Path.Combine(_folder, $"{component.Split('/')[1]}-{version}");
    }

    private static Task<ShellResult> VerifyAsync(string root, params string[] key) => Shell.RunAsync("sh", ["verify.sh", .. key], folder: root);

    private static async Task MendSumsAsync(string root) =>
        (await Shell.RunAsync("sh", ["-c", "cut -c 67- SHA256SUMS | while read -r file; do sha256sum \"$file\"; done > sums && mv sums SHA256SUMS"], folder: root)).Succeeded();
}
