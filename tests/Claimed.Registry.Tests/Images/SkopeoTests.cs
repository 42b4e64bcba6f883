using System.Net;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>The real skopeo, which shares its registry code with podman and buildah.</summary>
[Trait("Database", "any")]
public sealed class SkopeoTests(ImageHost host) : IClassFixture<ImageHost>, IDisposable
{
    private readonly string _repository = ImageHost.NewRepository();
    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-skopeo-").FullName;

    private string Image => $"docker://{host.Registry.Address.Authority}/{_repository}";

    private string AuthFile => Path.Combine(_folder, "auth.json");

    [Fact]
    public async Task Skopeo_logs_in_pushes_reads_copies_and_deletes()
    {
        var layout = await LayoutAsync();
        Assert.NotEqual(0, (await LogInAsync("wrong-password-that-is-long")).ExitCode);
        Assert.Equal(0, (await LogInAsync(RegistryHost.AdminToken)).ExitCode);

        await RunAsync("copy", "--preserve-digests", "--authfile", AuthFile, "--dest-tls-verify=false", layout, $"{Image}:one");
        await RunAsync("copy", "--preserve-digests", "--authfile", AuthFile, "--src-tls-verify=false", "--dest-tls-verify=false", $"{Image}:one", $"{Image}/deeper:two");
        Assert.Contains("\"Architecture\": \"amd64\"", await RunAsync("inspect", "--tls-verify=false", $"{Image}/deeper:two"), StringComparison.Ordinal);
        Assert.Contains("\"one\"", await RunAsync("list-tags", "--tls-verify=false", Image), StringComparison.Ordinal);

        var pulled = Path.Combine(_folder, "pulled");
        await RunAsync("copy", "--preserve-digests", "--src-tls-verify=false", $"{Image}:one", $"oci:{pulled}:one");
        Assert.Equal("a layer", await File.ReadAllTextAsync(Path.Combine(pulled, "blobs", "sha256", Digest.Of("a layer")[7..])));

        await RunAsync("delete", "--authfile", AuthFile, "--tls-verify=false", $"{Image}:one");
        Assert.Equal(HttpStatusCode.NotFound, (await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/one")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Anonymous.GetAsync($"/v2/{_repository}/deeper/manifests/two")).StatusCode);
    }

    [Fact]
    public async Task Skopeo_without_a_login_pulls_and_cannot_push()
    {
        var layout = await LayoutAsync();
        var push = await Shell.RunAsync("skopeo", ["copy", "--authfile", AuthFile, "--dest-tls-verify=false", layout, $"{Image}:one"]);
        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("unauthorized", push.Err, StringComparison.OrdinalIgnoreCase);
        await host.PushImageAsync(_repository, "one", "a layer");
        await RunAsync("inspect", "--tls-verify=false", "--raw", $"{Image}:one");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<ShellResult> LogInAsync(string password) => Shell.RunAsync("skopeo",
        ["login", "--authfile", AuthFile, "--tls-verify=false", "-u", "anyone", "-p", password, host.Registry.Address.Authority]);

    private static async Task<string> RunAsync(params string[] arguments) => (await Shell.RunAsync("skopeo", arguments)).Succeeded();

    /// <summary>An image as a folder in the OCI layout, as a build tool leaves it.</summary>
    private async Task<string> LayoutAsync()
    {
        var folder = Path.Combine(_folder, "layout");
        var blobs = Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256")).FullName;
        var layer = "a layer"u8.ToArray();
        var manifest = ImageHost.ImageOf(layer);
        foreach (var blob in new[] { layer, ImageHost.Config, manifest })
            await File.WriteAllBytesAsync(Path.Combine(blobs, Digest.Of(blob)[7..]), blob);
        await File.WriteAllTextAsync(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        await File.WriteAllTextAsync(Path.Combine(folder, "index.json"),
            $$$"""{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{{Digest.Of(manifest)}}}","size":{{{manifest.Length}}},"annotations":{"org.opencontainers.image.ref.name":"one"}}]}""");
        return $"oci:{folder}:one";
    }
}
