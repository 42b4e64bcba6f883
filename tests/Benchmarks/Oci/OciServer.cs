using System.Diagnostics;
using System.Globalization;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;

namespace Claimed.Benchmarks;

/// <summary>A registry of images under load, ours or another: both get the very same requests.</summary>
/// <param name="Token">For requests that write; null where everyone may.</param>
internal sealed record OciServer(Uri Address, string? Token)
{
    public const string Repository = "bench/tool";

    private static readonly byte[] Config = """{"architecture":"amd64","os":"linux"}"""u8.ToArray();
    private static int _number;

    public PlainConnection Connect() => new(Address, Token);

    /// <summary>A place for uploads, then everything in one request, as clients send small blobs.</summary>
    public static void Upload(PlainConnection connection, ReadOnlyMemory<byte> blob, string digest)
    {
        var place = Place(connection);
        connection.Send("PUT", $"{place}{(place.Contains('?', StringComparison.Ordinal) ? '&' : '?')}digest={digest}", 201, null, blob);
    }

    /// <summary>As docker sends a layer: its content, then the digest without content.</summary>
    public static void UploadLarge(PlainConnection connection, string digest, params ReadOnlySpan<ReadOnlyMemory<byte>> blob)
    {
        var place = new Uri(new Uri("http://any"), PlainConnection.Header(connection.Send("PATCH", Place(connection), 202, null, blob), "Location")).PathAndQuery;
        connection.Send("PUT", $"{place}{(place.Contains('?', StringComparison.Ordinal) ? '&' : '?')}digest={digest}", 201);
    }

    private static string Place(PlainConnection connection) =>
        new Uri(new Uri("http://any"), PlainConnection.Header(connection.Send("POST", $"/v2/{Repository}/blobs/uploads/", 202), "Location")).PathAndQuery;

    /// <summary>Pushes what all manifests need.</summary>
    public void PushConfig()
    {
        using var connection = Connect();
        Upload(connection, Config, Digest.Of(Config));
    }

    /// <summary>A manifest of about a kilobyte that no other is like.</summary>
    public static byte[] NewManifest() => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $$"""
        {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
         "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Digest.Of(Config)}}","size":{{Config.Length}}},
         "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{Digest.Of(Config)}}","size":{{Config.Length}}}],
         "annotations":{"org.opencontainers.image.revision":"{{Interlocked.Increment(ref _number)}}","text":"{{new string('a', 500)}}"} }
        """));

    public static void Push(PlainConnection connection, byte[] manifest, string tag) =>
        connection.Send("PUT", $"/v2/{Repository}/manifests/{tag}", 201, MediaTypes.OciManifest, manifest);

    /// <summary>How many per second, with so many connections at once.</summary>
    public double Rate(int connections, int count, Action<PlainConnection, int> act)
    {
        var next = -1;
        var began = 0L;
        using var ready = new Barrier(connections, _ => began = Stopwatch.GetTimestamp());
        Exception? failed = null;
        var threads = Enumerable.Range(0, connections).Select(_ => new Thread(() =>
        {
            try
            {
                using var connection = Connect();
                ready.SignalAndWait();
                while (Interlocked.Increment(ref next) is var number && number < count)
                    act(connection, number);
            }
            catch (Exception fault)
            {
                failed = fault;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return failed is null ? count / Stopwatch.GetElapsedTime(began).TotalSeconds : throw new InvalidOperationException("The load failed.", failed);
    }
}
