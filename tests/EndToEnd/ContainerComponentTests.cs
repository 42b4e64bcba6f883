using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>KFP components: with a Dockerfile that is built, and with an image that exists.</summary>
public sealed class ContainerComponentTests(RegistryWithEngine registry)
{
    private const string Upper = """
        name: Upper case
        description: Writes a text in capitals.
        inputs:
        - {name: Text, type: String, default: 'hello'}
        outputs:
        - {name: Result, type: String}
        implementation:
          container:
            image: ''
            command: [sh, /upper.sh, {inputValue: Text}, {outputPath: Result}]

        """;

    private const string Script = """
        mkdir -p "$(dirname "$2")"
        printf '%s' "$1" | tr a-z A-Z > "$2"
        """;

    [Fact]
    public async Task A_bundle_with_component_yaml_and_Dockerfile_is_built_from_that_Dockerfile()
    {
        var version = await registry.Host.PublishBundleAsync("acme/upper", "1.0.0", TarGz(
            ("component.yaml", Upper), ("Dockerfile", $"FROM {BaseImages.Busybox}\nCOPY upper.sh /upper.sh\n"), ("upper.sh", Script)));
        version.AssertReady();
        using var work = new Workspace();

        var run = await registry.Engine.DockerAsync("run", "--rm", "--network", "none", "-v", $"{work.Folder}:/data", (string)version["image"]!,
            "sh", "/upper.sh", "Grüezi mitenand", "/data/out");

        Assert.True(run.ExitCode == 0, run.Err);
        Assert.Equal("GRüEZI MITENAND", work.Read("out"));
        Assert.Equal(Upper, await registry.Host.Anonymous.GetStringAsync("api/v1/components/acme/upper/versions/1.0.0/original.yaml"));
        var yaml = await registry.Host.Anonymous.GetStringAsync("api/v1/components/acme/upper/versions/latest/component.yaml");
        Assert.Contains($"{registry.ImageHost}/acme/upper@{version["imageDigest"]}", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_whose_image_exists_is_pinned_to_its_digest_without_a_build()
    {
        var digest = await registry.PushBusyboxAsync("acme/tools:latest-good");
        var version = await registry.Host.PublishAsync("acme/prebuilt", "2.0.0", "component.yaml",
            Upper.Replace("image: ''", $"image: {registry.ImageHost}/acme/tools:latest-good", StringComparison.Ordinal));

        version.AssertReady();
        Assert.Null(version["build"]);
        Assert.Equal(digest, (string?)version["imageDigest"]);
        var yaml = await registry.Host.Anonymous.GetStringAsync("api/v1/components/acme/prebuilt/versions/~2/component.yaml");
        Assert.Contains($"{registry.ImageHost}/acme/tools@{digest}", yaml, StringComparison.Ordinal);
    }

    private static byte[] TarGz(params ReadOnlySpan<(string Path, string Text)> files)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            foreach (var (path, text) in files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
        }
        return memory.ToArray();
    }
}
