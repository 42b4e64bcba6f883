using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Claimed.Components.Sources;
using Claimed.Registry.Http;
using Claimed.Registry.Publish;
using Claimed.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Fuzz;

/// <summary>Uploads: multipart bodies, archives and fields end in files within the limits, or in a refusal that says why.</summary>
public sealed class UploadFuzz : IAsyncLifetime
{
    private const int MaxFiles = 100;
    private const long MaxUnpacked = 4 << 20;
    private const long MaxBuffered = 2 * MaxUnpacked;

    private static readonly string[] MultipartWords =
    [
        "--part-of-a-test\r\n", "--part-of-a-test--\r\n", "\r\n\r\n", "Content-Disposition: form-data; name=\"source\"; filename=\"b.py\"\r\n", "name=\"message\"", "filename*=UTF-8''a%2Fb.py", "filename=\"../x\"",
        "name=\"bundle\"", "Content-Type: a/b\r\n", "Content-Transfer-Encoding: base64\r\n", "name*=utf-8''%00", "=?utf-8?B?Li4v?=", "\"", "\\\"", ";", "--", "\r\n ", "name=source; name=bundle",
    ];

    private RegistryHost _host = null!;
    private UploadMemory _memory = null!;
    private UploadReader _reader = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistryHost.StartAsync(new Dictionary<string, string>
        {
            ["Publish:MaxFiles"] = $"{MaxFiles}",
            ["Publish:MaxUnpackedBytes"] = $"{MaxUnpacked}",
            ["Publish:MaxBufferedBytes"] = $"{MaxBuffered}",
        });
        _memory = _host.Services.GetRequiredService<UploadMemory>();
        _reader = _host.Services.GetRequiredService<UploadReader>();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public void Multipart_bodies() => Fuzzing.Run(
        new Target("Multipart", [Good(), new Multipart().Bundle(Tar()).Field("category", "C").ToBytes()], [.. MultipartWords.Select(Encoding.UTF8.GetBytes)]), Read);

    [Fact]
    public void Compressed_tars() => Fuzzing.Run(new Target("tar.gz", [Tar()], [[0x1f, 0x8b, 8], [0, 0, 0xff, 0xff]]) { Allowance = 64 << 20 }, Bundle);

    /// <summary>The tar itself is changed, and then compressed: its checksums are made right, so that the reader looks further.</summary>
    [Fact]
    public void Tars() => Fuzzing.Run(new Target("tar", [Unzipped(Tar()), Unzipped(LongNames())],
        [.. ((string[])["ustar\0", "ustar  \0", "00000000144\0", "77777777777\0", "\u0080", "././@LongLink", "30 mtime=1.5\n", "12 size=999\n", "26 path=../../etc/passwd\n", "19 linkpath=/etc/x\n", "22 GNU.sparse.major=1\n", "x", "g", "L", "K", "2", "5", "S"]).Select(Encoding.Latin1.GetBytes)])
    { Allowance = 64 << 20 }, input => Bundle(Zipped(WithChecksums(input))));

    [Fact]
    public void Zips() => Fuzzing.Run(new Target("zip", [Archives.Zip(("step.py", Samples.Script()), ("lib/a.py", "x = 1\n")), Archives.Zip(0xA1FF, ("l", "/etc"))],
        [[.. "PK\u0001\u0002"u8], [.. "PK\u0003\u0004"u8], [.. "PK\u0005\u0006"u8], [.. "PK\u0006\u0006"u8], [.. "PK\u0006\u0007"u8], [.. "PK\u0007\u0008"u8], [0xff, 0xff], [0xff, 0xff, 0xff, 0xff], [8, 0], [9, 0], [12, 0], [.. "../"u8], [1, 0]])
    { Allowance = 64 << 20 }, Bundle);

    /// <summary>Lines <c>name=value</c>.</summary>
    [Fact]
    public void Fields() => Fuzzing.Run(
        new Target("Fields", ["category=Metric\ntags=a,b\nmessage=m\nchannel=beta\nimage=a/b:1\nmain=a.py", "displayName=é\noutputs=keep\nbaseImage=python:3\nplatform=linux/amd64\nrepository=https://h/r"],
            "category=", "group=", "tags=", "displayName=", "channel=", "main=", "baseImage=", "image=", "platform=", "wrap=", "outputs=keep", "breaking=allow", "expires=", "repository=", "revision=", "path=", "message=", "@sha256:", "\n", ",", ":", "/"),
        input =>
        {
            var text = Encoding.UTF8.GetString(input);
            var fields = text.Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]);
            try
            {
                var read = PublishFields.From(fields);
                foreach (var value in (string?[])[read.Category, read.Group, read.DisplayName, read.Channel, read.Main, read.BaseImage, read.Image, read.Platform, read.Message, .. read.Tags ?? []])
                    StorableText.Check("field", value);
                return string.Join(' ', read.Shaping.Keys);
            }
            catch (RefusedException refused)
            {
                return Way(refused);
            }
        });

    private static byte[] Good() => new Multipart().Source("step.py", "import os\nos.environ['a']\n").Source("lib/a.py", "x = 1\n").Field("message", "m").ToBytes();

    private static byte[] Tar() => Archives.TarGz(("step.py", Samples.Script()), ("lib/a.py", "x = 1\n"));

    private static byte[] LongNames()
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Gnu))
        {
            tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, new string('n', 150) + ".py") { DataStream = new MemoryStream("x = 1\n"u8.ToArray()) });
            tar.WriteEntry(new GnuTarEntry(TarEntryType.Directory, "folder/"));
        }

        return memory.ToArray();
    }

    private string Bundle(byte[] archive) => Read(new Multipart().Bundle(archive).ToBytes());

    private string Read(byte[] body)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = $"multipart/form-data; boundary={Multipart.Boundary}";
        context.Request.Body = new MemoryStream(body);
        try
        {
            using var upload = _reader.ReadAsync(context.Request, CancellationToken.None).GetAwaiter().GetResult();
            Check(upload.Files);
            return $"{upload.Files.Count} files {upload.Fields.Message?.Length > 0}";
        }
        catch (RefusedException refused)
        {
            return Way(refused);
        }
        finally
        {
            // Everything was given back: memory, and the files that held a zip.
            using (var all = _memory.Begin())
                all.Take(MaxBuffered);
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(_host.DataPath, "uploads")));
        }
    }

    private static void Check(IReadOnlyList<SourceFile> files)
    {
        Assert.InRange(files.Count, 1, MaxFiles);
        Assert.InRange(files.Sum(file => (long)file.Content.Length), 0, MaxUnpacked);
        foreach (var file in files)
        {
            StorableText.Check("path", file.Path);
            Assert.DoesNotContain(file.Path.Split('/'), segment => segment is "" or "." or "..");
            Assert.DoesNotContain('\\', file.Path);
        }
    }

    private static string Way(RefusedException refused)
    {
        Assert.InRange(refused.Refusal.Status, 400, 499);
        StorableText.Check("detail", refused.Refusal.Detail);
        return $"{refused.Refusal.Type} {refused.Refusal.Detail[..Math.Min(24, refused.Refusal.Detail.Length)]}";
    }

    private static byte[] Zipped(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return memory.ToArray();
    }

    private static byte[] Unzipped(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        gzip.CopyTo(memory);
        return memory.ToArray();
    }

    /// <summary>Blocks that look like headers get the checksum that they need to be believed.</summary>
    private static byte[] WithChecksums(byte[] tar)
    {
        var bytes = tar.ToArray();
        for (var at = 0; at + 512 <= bytes.Length; at += 512)
        {
            var block = bytes.AsSpan(at, 512);
            if (!block.Slice(257, 5).SequenceEqual("ustar"u8))
                continue;
            block.Slice(148, 8).Fill((byte)' ');
            var sum = 0;
            foreach (var value in block)
                sum += value;
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(block.Slice(148, 8));
        }

        return bytes;
    }
}
