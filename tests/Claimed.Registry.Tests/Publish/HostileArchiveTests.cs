using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

[Trait("Database", "any")]
public sealed class HostileArchiveTests(HostileArchiveTests.SmallLimits registry) : IClassFixture<HostileArchiveTests.SmallLimits>
{
    public sealed class SmallLimits : SharedRegistry
    {
        protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
        {
            ["Publish:MaxUploadBytes"] = $"{2 << 20}",
            ["Publish:MaxUnpackedBytes"] = $"{8 << 20}",
            ["Publish:MaxFiles"] = "50",
        };
    }

    private readonly RegistryHost _host = registry.Host;

    public static TheoryData<string> BadPaths =>
    [
        "../step.py", "work/../../step.py", "/etc/passwd", "//host/share", "work\\step.py", "..\\step.py", "C:/step.py", "a//b.py", "a/./b.py",
        "a/\u0001b.py", "a\nb.py", "a\u007f.py", "caf\ud83d\ude00.py", new string('a', 300), string.Join('/', Enumerable.Repeat("d", 200)) + "/a.py",
    ];

    [Theory]
    [MemberData(nameof(BadPaths))]
    public async Task A_path_that_leaves_or_confuses_is_refused_in_tar_and_zip(string path)
    {
        (string, string)[] files = [("step.py", Samples.Script()), (path, "x")];
        // A line break in a path is no longer a readable pax header.
        await RefusedAsync(new Multipart().Bundle(Archives.TarGz(files)), 422, path.Contains('\n') ? "bad-archive" : "bad-path");
        await RefusedAsync(new Multipart().Bundle(Archives.Zip(files)), 422, "bad-path");
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    public async Task A_link_in_a_tar_is_refused(TarEntryType type) => await RefusedAsync(new Multipart().Bundle(Archives.TarGz(
        Archives.File("step.py", "x = 1"u8.ToArray()), Archives.Link(type, "other.py", "/etc/passwd"))), 422, "bad-path");

    [Theory]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    [InlineData(TarEntryType.Fifo)]
    public async Task A_device_in_a_tar_is_refused(TarEntryType type) => await RefusedAsync(new Multipart().Bundle(Archives.TarGz(
        Archives.File("step.py", "x = 1"u8.ToArray()), Archives.Special(type, "dev"))), 422, "bad-path");

    [Theory]
    [InlineData(0xA1FF)]
    [InlineData(0x21FF)]
    public async Task A_link_or_device_in_a_zip_is_refused(int mode) =>
        await RefusedAsync(new Multipart().Bundle(Archives.Zip(mode, ("step.py", "/etc/passwd"))), 422, "bad-path");

    [Fact]
    public async Task An_entry_that_comes_twice_is_refused()
    {
        (string, string)[] twice = [("step.py", Samples.Script("one")), ("./step.py", Samples.Script("two"))];
        await RefusedAsync(new Multipart().Bundle(Archives.TarGz(twice)), 422, "bad-path");
        await RefusedAsync(new Multipart().Bundle(Archives.Zip(twice)), 422, "bad-path");
    }

    [Theory]
    [InlineData("caf\u00e9.py", "cafe\u0301.py", "Unicode")]
    [InlineData("lib/\u1ec7.txt", "lib/e\u0302\u0323.txt", "Unicode")]
    [InlineData("\ud55c\uae00.txt", "\u1112\u1161\u11ab\u1100\u1173\u11af.txt", "Unicode")]
    [InlineData("\u212b.txt", "\u00c5.txt", "Unicode")]
    [InlineData("CAF\u00c9.py", "cafe\u0301.py", "Unicode")]
    [InlineData("Readme.txt", "README.txt", "in case alone")]
    [InlineData("\u00c9.txt", "\u00e9.txt", "in case alone")]
    public async Task Two_paths_that_a_file_system_may_take_for_one_are_refused(string one, string other, string word)
    {
        (string, string)[] files = [("step.py", Samples.Script()), (one, "1"), (other, "2")];
        var sources = new Multipart();
        foreach (var (path, text) in files)
            sources.Source(path, text);
        foreach (var upload in (Multipart[])[new Multipart().Bundle(Archives.TarGz(files)), new Multipart().Bundle(Archives.Zip(files)), sources])
        {
            var refused = await _host.PostAsync("/api/v1/components/hostile/validate", upload);
            Assert.Equal((422, "bad-path"), ((int)refused.Status, refused["type"]));
            Assert.Contains(word, refused["detail"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Letters_with_marks_that_differ_are_different_paths()
    {
        (string, string)[] files = [("step.py", Samples.Script()), ("\u00e9.txt", "1"), ("\u00e8.txt", "2"), ("e.txt", "3"), ("\ud55c.txt", "4"), ("\ud55d.txt", "5")];
        Assert.Equal(HttpStatusCode.OK, (await _host.PostAsync("/api/v1/components/hostile/validate", new Multipart().Bundle(Archives.TarGz(files)))).Status);
    }

    [Fact]
    public async Task More_entries_than_the_limit_are_refused()
    {
        var many = Enumerable.Range(0, 60).Select(number => ($"f{number}.txt", "x")).ToArray();
        await RefusedAsync(new Multipart().Bundle(Archives.TarGz(many)), 413, "upload-too-large");
        await RefusedAsync(new Multipart().Bundle(Archives.Zip(many)), 413, "upload-too-large");
    }

    [Fact]
    public async Task A_small_archive_that_unpacks_to_much_is_refused()
    {
        (string, string)[] bomb = [("step.py", Samples.Script()), ("zeros.bin", new string('\0', 16 << 20))];
        foreach (var archive in (byte[][])[Archives.TarGz(bomb), Archives.Zip(bomb)])
        {
            Assert.InRange(archive.Length, 1, 1 << 20);
            await RefusedAsync(new Multipart().Bundle(archive), 413, "upload-too-large");
        }
    }

    [Fact]
    public async Task Many_empty_folders_are_no_way_around_the_limits() => await RefusedAsync(new Multipart().Bundle(Archives.TarGz(
        [.. Enumerable.Range(0, 20_000).Select(number => Archives.Special(TarEntryType.Directory, $"d{number}/"))])), 413, "upload-too-large");

    [Fact]
    public async Task A_zip_that_lies_about_a_size_is_held_to_the_bytes_it_has()
    {
        var zip = Archives.Zip(("zeros.bin", new string('\0', 16 << 20)), ("step.py", Samples.Script()));
        // The uncompressed size of the first entry, in its central directory record.
        var central = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(zip.AsSpan(central + 24), 10);
        await RefusedAsync(new Multipart().Bundle(zip), 422, "bad-archive");
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public async Task An_archive_that_is_cut_off_is_refused(double share)
    {
        var random = Convert.ToBase64String(System.Security.Cryptography.SHA512.HashData("noise"u8)) + Samples.Script();
        foreach (var archive in (byte[][])[Archives.TarGz(("step.py", Samples.Script()), ("noise.txt", random)), Archives.Zip(("step.py", Samples.Script()), ("noise.txt", random))])
            await RefusedAsync(new Multipart().Bundle(archive[..(int)(archive.Length * share)]), 422, null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PK\u0003\u0004")]
    [InlineData("\u001f")]
    [InlineData("Not an archive at all, only text that someone sent.")]
    public async Task What_is_no_archive_is_refused(string text) =>
        await RefusedAsync(new Multipart().Bundle(System.Text.Encoding.Latin1.GetBytes(text)), 422, "bad-archive");

    [Fact]
    public async Task Gzip_around_something_else_is_refused()
    {
        using var memory = new MemoryStream();
        await using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write("x = 1\n"u8);
        await RefusedAsync(new Multipart().Bundle(memory.ToArray()), 422, "bad-archive");
        await RefusedAsync(new Multipart().Bundle([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, .. new byte[100]]), 422, null);
    }

    [Fact]
    public async Task An_archive_without_files_is_refused()
    {
        await RefusedAsync(new Multipart().Bundle(Archives.TarGz(Archives.Special(TarEntryType.Directory, "empty/"))), 422, "no-files");
        await RefusedAsync(new Multipart().Bundle(Archives.Zip()), 422, "no-files");
    }

    [Fact]
    public async Task What_file_managers_leave_behind_is_left_out()
    {
        var clean = await _host.PublishAsync("leftover", "clean", "1.0.0", ("step.py", Samples.Script()));
        var littered = await _host.PublishAsync("leftover", "littered", "1.0.0", new Multipart().Bundle(Archives.Zip(
            ("step.py", Samples.Script()), ("__MACOSX/._step.py", "x"), (".DS_Store", "x"), ("__pycache__/step.pyc", "x"))));
        Assert.Equal(clean["bundleDigest"], littered["bundleDigest"]);
    }

    private async Task RefusedAsync(Multipart upload, int? status, string? type)
    {
        var before = await StoredThings.InAsync(_host);
        var answer = await _host.PublishAsync("hostile", "step", "1.0.0", upload);
        Assert.InRange((int)answer.Status, 400, 499);
        if (status is not null)
            Assert.Equal(status, (int)answer.Status);
        if (type is not null)
            Assert.Equal(type, answer["type"]);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.True(answer["detail"]!.Length > 20, answer.Text);
        Assert.Equal(before, await StoredThings.InAsync(_host));
        Assert.Equal(HttpStatusCode.NotFound, (await _host.ComponentAsync("hostile/step")).Status);
    }
}
