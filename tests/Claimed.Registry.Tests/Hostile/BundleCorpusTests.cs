using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Text;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Hostile;

/// <summary>Archives that lie about themselves.</summary>
[Trait("Database", "any")]
public sealed class BundleCorpusTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    /// <summary>The archive has half a kilobyte; its reader would reserve what the header claims.</summary>
    [Theory]
    [InlineData('x', "00620000000\0")]
    [InlineData('g', "17777777777\0")]
    [InlineData('L', "77777777777\0")]
    [InlineData('K', "77777777777\0")]
    [InlineData('x', "\u0080\0\0\0\0\0\0\u0001\0\0\0\0")]
    [InlineData('x', "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")]
    public async Task A_tar_header_that_claims_gigabytes_is_refused_before_they_are_reserved(char type, string size)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await RefusedAsync(Zipped(Header("long", type, size)), 422, "bad-archive");
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 64 << 20);
    }

    [Fact]
    public async Task A_pax_header_of_a_hundred_megabytes_is_refused()
    {
        var comment = new string('c', 100 << 20);
        var entry = new PaxTarEntry(TarEntryType.RegularFile, "step.py", [new("comment", comment)]) { DataStream = new MemoryStream("x = 1\n"u8.ToArray()) };
        await RefusedAsync(Archives.TarGz(entry), 422, "bad-archive");
    }

    [Fact]
    public async Task A_size_in_a_pax_header_is_not_believed()
    {
        byte[] record = [.. "13 size=9999\n"u8];
        await RefusedAsync(Zipped([.. Header("pax", 'x', "00000000015\0"), .. Padded(record), .. Header("step.py", '0', "00000000006\0"), .. Padded("x = 1\n"u8.ToArray())]), 422, "bad-archive");
    }

    [Fact]
    public async Task A_sparse_file_is_refused_in_both_of_its_forms()
    {
        byte[] record = [.. "22 GNU.sparse.major=1\n"u8];
        await RefusedAsync(Zipped([.. Header("pax", 'x', "00000000026\0"), .. Padded(record), .. Header("GNUSparseFile.0/step.py", '0', "00000000006\0"), .. Padded("x = 1\n"u8.ToArray())]), 422, "bad-archive");
        await RefusedAsync(Zipped([.. Header("step.py", 'S', "00000000006\0"), .. Padded("x = 1\n"u8.ToArray())]), 422, null);
    }

    [Fact]
    public async Task A_long_name_of_GNU_tar_that_is_too_long_is_refused()
    {
        var name = new string('n', 5000);
        await RefusedAsync(Zipped([.. Header("././@LongLink", 'L', "00000011611\0"), .. Padded(Encoding.ASCII.GetBytes(name + "\0")), .. Header("n", '0', "00000000006\0"), .. Padded("x = 1\n"u8.ToArray())]), 422, null);
    }

    [Theory]
    [InlineData("Step.py")]
    [InlineData("STEP.PY")]
    public async Task Paths_that_differ_in_case_alone_are_refused(string other)
    {
        (string, string)[] files = [("step.py", Samples.Script()), (other, "x = 2\n")];
        await RefusedAsync(Archives.TarGz(files), 422, "bad-path");
        await RefusedAsync(Archives.Zip(files), 422, "bad-path");
    }

    /// <summary>Entries that share their bytes, as in the zip bombs of overlapping files: their sum counts, not the archive's length.</summary>
    [Fact]
    public async Task Overlapping_zip_entries_are_held_to_the_sum_of_what_they_unpack_to()
    {
        var zip = Archives.Zip(("zeros.bin", new string('\0', 30 << 20)));
        var central = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        var end = zip.AsSpan().IndexOf("PK\u0005\u0006"u8);
        var record = zip[central..end];
        var records = new MemoryStream();
        const int entries = 40;
        for (var number = 0; number < entries; number++)
        {
            var next = record.ToArray();
            next[46] = (byte)('A' + number);
            records.Write(next);
        }
        var ending = zip[end..];
        BitConverter.TryWriteBytes(ending.AsSpan(8), (short)entries);
        BitConverter.TryWriteBytes(ending.AsSpan(10), (short)entries);
        BitConverter.TryWriteBytes(ending.AsSpan(12), (int)records.Length);
        byte[] bomb = [.. zip[..central], .. records.ToArray(), .. ending];
        Assert.InRange(bomb.Length, 0, 200_000);
        await RefusedAsync(bomb, null, null);
    }

    [Fact]
    public async Task A_list_of_hundreds_of_thousands_of_zip_entries_is_refused_unread()
    {
        var record = new byte[46 + 1];
        "PK\u0001\u0002"u8.CopyTo(record);
        record[28] = 1;
        record[46] = (byte)'a';
        var list = new MemoryStream();
        list.Write("PK\u0003\u0004"u8);
        for (var number = 0; number < 400_000; number++)
            list.Write(record);
        await RefusedAsync(list.ToArray(), 413, "upload-too-large");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(28)]
    [InlineData(42)]
    public async Task A_zip_with_a_broken_list_is_refused(int offset)
    {
        var zip = Archives.Zip(("step.py", Samples.Script()));
        var central = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        zip.AsSpan(central + offset, 2).Fill(0xff);
        await RefusedAsync(zip, 422, null);
    }

    /// <summary>An archive within an archive is a file like any other: it is never unpacked.</summary>
    [Fact]
    public async Task An_archive_within_an_archive_stays_packed()
    {
        var inner = Archives.TarGz(("zeros.bin", new string('\0', 8 << 20)));
        var answer = await _host.PublishAsync("hostile", "nested", "1.0.0",
            new Multipart().Bundle(Archives.TarGz(Archives.File("step.py", Encoding.UTF8.GetBytes(Samples.Script())), Archives.File("inner.tar.gz", inner))));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
    }

    private async Task RefusedAsync(byte[] archive, int? status, string? type)
    {
        var before = await StoredThings.InAsync(_host);
        var answer = await _host.PublishAsync("hostile", "step", "1.0.0", new Multipart().Bundle(archive));
        Assert.InRange((int)answer.Status, 400, 499);
        Assert.Equal(status ?? (int)answer.Status, (int)answer.Status);
        Assert.Equal(type ?? answer["type"], answer["type"]);
        Assert.True(answer["detail"]!.Length > 20, answer.Text);
        Assert.Equal(before, await StoredThings.InAsync(_host));
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync("/health/live")).Status);
    }

    private static byte[] Header(string name, char type, string size)
    {
        var block = new byte[512];
        Encoding.ASCII.GetBytes(name).CopyTo(block, 0);
        "0000644\0"u8.CopyTo(block.AsSpan(100));
        "0000000\0"u8.CopyTo(block.AsSpan(108));
        "0000000\0"u8.CopyTo(block.AsSpan(116));
        Encoding.Latin1.GetBytes(size).CopyTo(block, 124);
        "00000000000\0"u8.CopyTo(block.AsSpan(136));
        block.AsSpan(148, 8).Fill((byte)' ');
        block[156] = (byte)type;
        "ustar\u000000"u8.CopyTo(block.AsSpan(257));
        Encoding.ASCII.GetBytes(Convert.ToString(block.Sum(value => value), 8).PadLeft(6, '0') + "\0 ").CopyTo(block, 148);
        return block;
    }

    private static byte[] Padded(byte[] content) => [.. content, .. new byte[(512 - (content.Length % 512)) % 512]];

    private static byte[] Zipped(byte[] tar)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write([.. tar, .. new byte[1024]]);
        return memory.ToArray();
    }
}
