using System.Buffers.Binary;
using System.Security.Cryptography;
using Claimed.Registry.Storage;
using Claimed.TestKit;

namespace Claimed.Benchmarks;

/// <summary>Many large layers at once: what the registry holds of them in memory, with blobs as files and on S3.</summary>
internal static class OciParallelBenchmark
{
    private const int Uploads = 64;
    private const int Mebibytes = 128;

    public static async Task RunAsync(Report report)
    {
        await UploadAsync(report, "64 uploads of 128 MiB at once", []);
        // It copies no parts: all that was uploaded is read and sent again, at the end of every upload.
        await using var s3 = await S3Server.StartAsync("s3rver");
        await UploadAsync(report, "64 uploads of 128 MiB at once, blobs on S3 (s3rver)",
            [.. s3.Settings("parallel/").Select(setting => (setting.Key, setting.Value))]);
    }

    private static async Task UploadAsync(Report report, string what, IReadOnlyList<(string Name, string Value)> settings)
    {
        await using var registry = await RunningRegistry.StartAsync(Workspace.Folder("parallel"), settings);
        var ours = new OciServer(registry.Address, RunningRegistry.Token);
        var part = RandomNumberGenerator.GetBytes(1024 * 1024);
        var layers = Enumerable.Range(0, Uploads).AsParallel().AsOrdered().Select(number => Layer(part, number)).ToList();
        var rate = ours.Rate(Uploads, Uploads, (connection, number) => OciServer.UploadLarge(connection, layers[number].Digest, layers[number].Content));
        report.Add(OciBenchmark.Section, $"{what}: peak of resident memory", registry.PeakMegabytes(), " MB", atMost: 300);
        report.Add(OciBenchmark.Section, what, Mebibytes * rate, " MiB/s");
    }

    /// <summary>No two are alike.</summary>
    private static (string Digest, ReadOnlyMemory<byte>[] Content) Layer(byte[] part, int number)
    {
        var end = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(end, number);
        ReadOnlyMemory<byte>[] content = [.. Enumerable.Repeat(part, Mebibytes), end];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in content)
            hash.AppendData(piece.Span);
        return (Digest.Text(HashAlgorithmName.SHA256, hash.GetHashAndReset()), content);
    }
}
