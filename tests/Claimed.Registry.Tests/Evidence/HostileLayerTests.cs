using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Claimed.Registry.Evidence.Packages;
using Xunit;

namespace Claimed.Registry.Tests.Evidence;

/// <summary>Layers that nobody's engine wrote: each is read within its bounds, or named as not read, and none fails a build.</summary>
[Trait("Database", "any")]
public sealed class HostileLayerTests(HostileLayerTests.Bounded bounded) : IClassFixture<HostileLayerTests.Bounded>
{
    private const int MostBytes = 8 * 1024 * 1024;

    /// <summary>A registry that unpacks little.</summary>
    public sealed class Bounded : IAsyncLifetime
    {
        public EvidenceRegistry Registry { get; } = new() { Settings = new Dictionary<string, string> { ["Evidence:MaxLayerBytes"] = $"{MostBytes}" } };

        public ValueTask InitializeAsync() => Registry.InitializeAsync();

        public ValueTask DisposeAsync() => Registry.DisposeAsync();
    }

    public static TheoryData<string, string> Layers => new()
    {
        { "bomb", "it unpacks to more than 8388608 bytes" },
        { "zstd-bomb", "it unpacks to more than 8388608 bytes" },
        { "huge-claim", "it ends in the middle of an entry" },
        { "extension", "a header has an extension of more than 1 MiB" },
        { "negative", "a header has an impossible size" },
        { "checksum", "it is no tar archive: the checksum of a header is wrong" },
        { "cut-gzip", "it ends in the middle of an entry" },
        { "broken-gzip", "" },
        { "broken-zstd", "" },
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public async Task A_layer_that_cannot_be_read_is_named_and_the_others_are_read(string kind, string why)
    {
        await bounded.Registry.BuildAsync($"hostile/{kind}", "1.0.0", LayerSamples.Gzip(LayerSamples.Python("before", "1.0")), Of(kind), LayerSamples.Gzip(LayerSamples.Python("after", "1.0")));
        Assert.Equal(["pkg:pypi/after@1.0", "pkg:pypi/before@1.0"], await bounded.Registry.PackagesAsync($"hostile/{kind}", "1.0.0"));
        Assert.Contains($"is not read: {why}", Assert.Single(await bounded.Registry.NotesAsync($"hostile/{kind}", "1.0.0")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_lead_elsewhere_or_have_no_end_name_no_packages()
    {
        var deep = string.Join('/', Enumerable.Repeat("d", 3000));
        await bounded.Registry.BuildAsync("hostile/names", "1.0.0", LayerSamples.Tar([
            LayerSamples.File("../var/lib/dpkg/status", Encoding.UTF8.GetBytes(LayerSamples.Debian)),
            LayerSamples.File("a/../../var/lib/dpkg/status", Encoding.UTF8.GetBytes(LayerSamples.Debian)),
            LayerSamples.File($"{deep}/x-1.dist-info/METADATA", "Name: deep\nVersion: 1\n"u8.ToArray()),
            LayerSamples.Link(TarEntryType.SymbolicLink, "var/lib/dpkg/status", "/etc/passwd"),
            LayerSamples.File("/usr/lib/python3/good-1.dist-info/METADATA", "Name: good\nVersion: 1\n"u8.ToArray()),
        ]));
        Assert.Equal(["pkg:pypi/good@1"], await bounded.Registry.PackagesAsync("hostile/names", "1.0.0"));
    }

    [Fact]
    public async Task Records_that_are_no_records_and_texts_that_are_no_texts_end_as_plain_JSON()
    {
        await bounded.Registry.BuildAsync("hostile/texts", "1.0.0", LayerSamples.Tar([
            LayerSamples.File("var/lib/dpkg/status", [.. "Package: \u0001\"}],\\\u202e<script>\nStatus: install ok installed\nVersion: "u8, 0xff, 0xfe, .. "1\nArchitecture: x&y=z\n\nPackage:\nVersion: 1\n\n:::\n\n"u8]),
            LayerSamples.File("lib/x-1.dist-info/METADATA", new byte[1024 * 1024]),
            LayerSamples.File("lib/y-1.dist-info/METADATA", Encoding.UTF8.GetBytes($"Name: {new string('n', 100_000)}\nVersion: 1\n")),
        ]));
        var packages = await bounded.Registry.PackagesAsync("hostile/texts", "1.0.0");
        Assert.Equal(2, packages.Count);
        Assert.StartsWith("pkg:deb/debian/%22%7D%5D%2C%5C%E2%80%AE%3Cscript%3E@%EF%BF%BD%EF%BF%BD1?arch=x%26y%3Dz", packages[0], StringComparison.Ordinal);
        Assert.Equal($"pkg:pypi/{new string('n', 512)}@1", packages[1]);
    }

    /// <summary>Every byte of a database is made another, one after the other, and every length is cut.</summary>
    [Fact]
    public void A_broken_database_of_rpm_is_refused_or_read_and_nothing_else()
    {
        var whole = ContentsTests.RpmDatabaseOf([("bash", "5", "1", null), ("long", new string('1', 9000), "1", 1)]);
        Assert.Equal(2, RpmDatabase.Read(whole).Count());
        for (var place = 0; place < whole.Length; place++)
        {
            foreach (var change in (byte[])[0xff, 0x01, 0x80])
            {
                var broken = whole.ToArray();
                broken[place] ^= change;
                AssertReadable(broken);
            }
            if (place % 97 == 0)
                AssertReadable(whole[..place]);
        }
    }

    [Fact]
    public void A_page_that_names_one_row_many_times_is_refused()
    {
        var whole = ContentsTests.RpmDatabaseOf([("bash", "5", "1", null), ("vim", "9", "1", null), ("sed", "4", "1", null)]);
        var page = LeafOf(whole, rows: 3);
        whole.AsSpan(page + 8, 2).CopyTo(whole.AsSpan(page + 10));
        Assert.Equal("a page names a row twice", Assert.Throws<InvalidDataException>(() => RpmDatabase.Read(whole).Count()).Message);
    }

    [Fact]
    public void Rows_that_lie_over_each_other_are_refused()
    {
        // Nine tabs are a row, wherever they begin.
        var whole = ContentsTests.RpmDatabaseOf([("bash", new string('\t', 2000), "1", null)]);
        var page = LeafOf(whole, rows: 1);
        var tabs = whole.AsSpan(page, 4096).IndexOf(Enumerable.Repeat((byte)9, 1000).ToArray());
        for (var row = 0; row < 800; row++)
            BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(page + 8 + (2 * row)), (ushort)(tabs + row));
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(page + 3), 800);
        Assert.Equal("the rows of a page lie over each other", Assert.Throws<InvalidDataException>(() => RpmDatabase.Read(whole).Count()).Message);
    }

    [Fact]
    public void A_database_is_read_no_longer_than_somebody_waits()
    {
        var whole = ContentsTests.RpmDatabaseOf([("bash", "5", "1", null)]);
        Assert.Throws<OperationCanceledException>(() => RpmDatabase.Read(whole, new CancellationToken(canceled: true)).Count());
    }

    [Theory]
    [InlineData("lib/apk/db/installed", "P:one\nV:1\n\n")]
    [InlineData("var/lib/dpkg/status", "Package: one\nVersion: 1\n\n")]
    public void A_text_with_many_records_is_read_as_far_as_there_is_room(string path, string record)
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(record, 1000)));
        foreach (var (packages, bytes) in new[] { (10, 1_000_000L), (100_000, 1100L) })
        {
            var allowance = new PackageAllowance(new PackageBounds(packages, bytes));
            Assert.Equal(10, PackageFiles.Read(path, text, allowance, CancellationToken.None).Packages.Count);
            Assert.True(allowance.IsSpent);
        }
    }

    private static int LeafOf(byte[] database, int rows)
    {
        var page = 4096;
        while (database[page] != 13 || BinaryPrimitives.ReadUInt16BigEndian(database.AsSpan(page + 3)) != rows || database.AsSpan(page, 4096).IndexOf("bash"u8) < 0)
            page += 4096;
        return page;
    }

    private static void AssertReadable(byte[] database)
    {
        try
        {
            Assert.InRange(RpmDatabase.Read(database).Count(), 0, 10);
        }
        catch (InvalidDataException)
        {
            // That is the answer for what is no database.
        }
    }

    private static byte[] Of(string kind)
    {
        var plain = LayerSamples.Tar((TarEntry)new UstarTarEntry(TarEntryType.RegularFile, "lib/x-1.dist-info/LICENSE") { DataStream = new MemoryStream("text"u8.ToArray()) });
        // 512 MiB of nothing.
        var bomb = Changed(plain, 124, "04000000000\0"u8.ToArray())[..512];
        switch (kind)
        {
            case "bomb":
                return Packed(bomb, target => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true));
            case "zstd-bomb":
                return Packed(bomb, target => new ZstdSharp.CompressionStream(target, leaveOpen: true));
            case "huge-claim":
                return Changed(plain, 124, "77777777777\0"u8.ToArray());
            case "extension":
                return Changed(plain, 124, "77777777777\0"u8.ToArray(), (156, (byte)'x'));
            case "negative":
                return Changed(plain, 124, [0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
            case "checksum":
                plain[0] ^= 1;
                return plain;
            case "cut-gzip":
                return LayerSamples.Gzip(("noise", string.Concat(Enumerable.Range(0, 20_000).Select(number => number * 7919 % 10_007))))[..2000];
            default:
                var packed = kind == "broken-gzip" ? LayerSamples.Gzip(LayerSamples.Python("inside", "1.0")) : LayerSamples.Zstd(LayerSamples.Python("inside", "1.0"));
                for (var place = 20; place < packed.Length - 8; place++)
                    packed[place] = 0x55;
                return packed;
        }
    }

    private static byte[] Packed(byte[] header, Func<Stream, Stream> packer)
    {
        using var memory = new MemoryStream();
        using (var packing = packer(memory))
        {
            packing.Write(header);
            packing.Write(new byte[512 * 1024 * 1024]);
        }
        return memory.ToArray();
    }

    /// <summary>The first header with another field, and its checksum right.</summary>
    private static byte[] Changed(byte[] tar, int place, byte[] value, params (int Place, byte Value)[] others)
    {
        var changed = new byte[1024];
        tar.AsSpan(0, Math.Min(tar.Length, 1024)).CopyTo(changed);
        value.CopyTo(changed, place);
        foreach (var other in others)
            changed[other.Place] = other.Value;
        changed.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes($"{Convert.ToString(changed.AsSpan(0, 512).ToArray().Sum(one => one), 8).PadLeft(6, '0')}\0 ").CopyTo(changed, 148);
        return changed;
    }
}
