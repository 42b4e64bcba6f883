using System.Formats.Tar;
using System.Text;
using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Storage;
using Xunit;

namespace Claimed.Registry.Tests.Builds.Engine;

/// <summary>The kinds of archives in which engines save an image.</summary>
[Trait("Database", "any")]
public sealed class ImageArchiveTests
{
    private static readonly byte[] _one = Encoding.UTF8.GetBytes("layer one"), _two = Encoding.UTF8.GetBytes("layer two");
    private static readonly string _config = $$$"""{"rootfs":{"type":"layers","diff_ids":["{{{Digest.Of(_one)}}}","{{{Digest.Of(_two)}}}"]}}""";

    [Fact]
    public async Task Docker_s_own_layout_with_a_layer_that_is_a_link() => await ReadsAsync(
        ("aaa/layer.tar", _one), ("bbb/layer.tar", "->../ccc/layer.tar"), ("ccc/layer.tar", _two), ("config.json", _config),
        ("manifest.json", """[{"Config":"config.json","RepoTags":["a:1"],"Layers":["aaa/layer.tar","bbb/layer.tar"]}]"""));

    [Fact]
    public async Task Podman_s_archive() => await ReadsAsync(
        ($"{Digest.Of(_one)[7..]}.tar", _one), ($"{Digest.Of(_two)[7..]}.tar", _two), ("c0ffee.json", _config), ("x/layer.tar", $"->../{Digest.Of(_one)[7..]}.tar"),
        ("manifest.json", $$"""[{"Config":"c0ffee.json","RepoTags":["a:1"],"Layers":["{{Digest.Of(_one)[7..]}}.tar","{{Digest.Of(_two)[7..]}}.tar"]}]"""), ("repositories", "{}"));

    [Fact]
    public async Task The_OCI_layout_of_newer_engines_with_and_without_the_list_of_older_ones()
    {
        (string, object)[] blobs = [("blobs/sha256/one", _one), ("blobs/sha256/two", _two), ("blobs/sha256/config", _config), ("oci-layout", """{"imageLayoutVersion":"1.0.0"}""")];
        await ReadsAsync([.. blobs, ("manifest.json", """[{"Config":"blobs/sha256/config","RepoTags":["a:1"],"Layers":["blobs/sha256/one","blobs/sha256/two"]}]""")]);
        await ReadsAsync([.. blobs, ("blobs/sha256/index", """{"manifests":[{"digest":"sha256:manifest"}]}"""),
            ("blobs/sha256/manifest", """{"config":{"digest":"sha256:config"},"layers":[{"digest":"sha256:one"},{"digest":"sha256:two"}]}"""),
            ("index.json", """{"manifests":[{"digest":"sha256:index"}]}""")]);
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""[{"Config":"config.json","Layers":["gone.tar"]}]""")]
    [InlineData("""[{"Config":"gone.json","Layers":[]}]""")]
    public async Task What_is_not_one_whole_image_is_refused(string manifest) =>
        await Assert.ThrowsAsync<InvalidDataException>(async () => await (await OpenAsync(("config.json", _config), ("manifest.json", manifest))).DisposeAsync());

    private static async Task ReadsAsync(params (string, object)[] entries)
    {
        await using var archive = await OpenAsync(entries);
        Assert.Equal(_config, Encoding.UTF8.GetString(archive.Config.Span));
        Assert.Equal([Digest.Of(_one), Digest.Of(_two)], archive.DiffIds);
        foreach (var (index, content) in ((byte[][])[_one, _two]).Index())
        {
            using var read = new MemoryStream();
            await using var layer = archive.OpenLayer(index);
            await layer.CopyToAsync(read);
            Assert.Equal(content, read.ToArray());
        }
    }

    private static async Task<ImageArchive> OpenAsync(params (string Name, object Content)[] entries)
    {
        var tar = new MemoryStream();
        await using (var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                if (content is string link && link.StartsWith("->", StringComparison.Ordinal))
                    await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = link[2..] });
                else
                    await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content as byte[] ?? Encoding.UTF8.GetBytes((string)content)) });
            }
        }
        tar.Position = 0;
        var file = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.Delete, 4096, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        return await ImageArchive.ReadAsync(tar, file, () => { }, CancellationToken.None);
    }
}
