using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Claimed.Registry;
using Claimed.Registry.Access;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claimed.Benchmarks;

/// <summary>The image store against Debian's docker-registry, on the same disk, in turns; both flush what they acknowledge.</summary>
internal static partial class OciBenchmark
{
    public const string Section = "oci";
    private const int Turns = 3;
    // A push is long code, and a registry runs for weeks: the runtime has compiled by then what runs often.
    private const int PushWarmUps = 4;
    private const int Small = 64 * 1024;
    private const int Mebibyte = 1024 * 1024;
    private const int Large = 256;
    private const int Tags = 10_000;

    public static async Task RunAsync(Report report)
    {
        await HashAsync(report);
        await BesideAsync(report);
        await TagsAsync(report);
        await OciParallelBenchmark.RunAsync(report);
        await PostgresAsync(report);
    }

    private static async Task BesideAsync(Report report)
    {
        await using var registry = await RunningRegistry.StartAsync(Workspace.Folder("oci"));
        await using var rival = await PlainDockerRegistry.StartAsync(Workspace.Folder("docker-registry"));
        var (ours, theirs) = (new OciServer(registry.Address, RunningRegistry.Token), new OciServer(rival.Address, null));
        foreach (var server in new[] { ours, theirs })
        {
            server.PushConfig();
            using var connection = server.Connect();
            OciServer.Push(connection, OciServer.NewManifest(), "latest");
        }
        await PullAsync(report, ours, theirs);

        PushBeside(report, "manifest PUT, 8 connections", ours, theirs, 1.5);

        Beside(report, "blobs of 64 KiB, 1 connection", ours, theirs, server =>
        {
            var blobs = Enumerable.Range(0, 150).Select(_ => RandomNumberGenerator.GetBytes(Small)).Select(bytes => (Bytes: bytes, Digest: Digest.Of(bytes))).ToList();
            return server.Rate(1, blobs.Count, (connection, number) => OciServer.Upload(connection, blobs[number].Bytes, blobs[number].Digest));
        }, 2.5, " per second");

        var layer = RandomNumberGenerator.GetBytes(Large * Mebibyte);
        Beside(report, "upload of 256 MiB", ours, theirs, server =>
        {
            // Another blob each time: what is there already might be noticed.
            RandomNumberGenerator.Fill(layer.AsSpan(0, 16));
            var digest = Digest.Of(layer);
            return Large * server.Rate(1, 1, (connection, _) => OciServer.UploadLarge(connection, digest, layer));
        }, 1.6, " MiB/s");

        var last = Digest.Of(layer);
        foreach (var server in new[] { ours, theirs })
            server.Rate(1, 1, (connection, _) => OciServer.UploadLarge(connection, last, layer));
        await DownloadAsync(report, ours, theirs, last);
        report.Add(Section, "peak of resident memory over all of these", registry.PeakMegabytes(), " MB", atMost: 250);
    }

    private static async Task PullAsync(Report report, OciServer ours, OciServer theirs)
    {
        var path = $"/v2/{OciServer.Repository}/manifests/latest";
        // As clients do; docker-registry hides OCI manifests from whoever does not ask for them.
        string[] accept = ["-H", $"Accept: {MediaTypes.OciManifest}"];
        string[] token = [.. accept, "-H", $"Authorization: Bearer {RunningRegistry.Token}"];
        var (plain, signed, slow, speeds, their) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var turn = -1; turn < Turns; turn++)
        {
            var other = await Wrk.LatencyAsync(new Uri(theirs.Address, path), accept);
            var own = await Wrk.LatencyAsync(new Uri(ours.Address, path), accept);
            var withToken = await Wrk.LatencyAsync(new Uri(ours.Address, path), token);
            // The first turn is for the runtime, which compiles what runs often.
            if (turn < 0)
                continue;
            plain.Add(own.PerSecond / other.PerSecond);
            signed.Add(withToken.PerSecond / other.PerSecond);
            slow.Add(own.Slowest / other.Slowest);
            speeds.Add(own.PerSecond);
            their.Add(other.PerSecond);
        }
        report.Add(Section, "manifest GET by tag, 64 connections, against docker-registry", plain.Median(), "×", atLeast: 15);
        report.Add(Section, "the same with a token", signed.Median(), "×", atLeast: 15);
        report.Add(Section, "its slowest hundredth (p99), against docker-registry", slow.Median(), "×", atMost: 1);
        report.Add(Section, "manifest GET by tag", speeds.Median(), " per second");
        report.Add(Section, "manifest GET by tag, docker-registry", their.Median(), " per second");
    }

    private static async Task DownloadAsync(Report report, OciServer ours, OciServer theirs, string digest)
    {
        var (ratios, speeds) = (new List<double>(), new List<double>());
        for (var turn = -1; turn < Turns; turn++)
        {
            var other = await Wrk.TransferAsync(new Uri(theirs.Address, $"/v2/{OciServer.Repository}/blobs/{digest}"), 8);
            var own = await Wrk.TransferAsync(new Uri(ours.Address, $"/v2/{OciServer.Repository}/blobs/{digest}"), 8);
            if (turn < 0)
                continue;
            ratios.Add(own / other);
            speeds.Add(own);
        }
        report.Add(Section, "download of 256 MiB, 8 connections, against docker-registry", ratios.Median(), "×", atLeast: 1);
        report.Add(Section, "download of 256 MiB, 8 connections", speeds.Median(), " MiB/s");
    }

    /// <summary>Manifests that are new, each with a tag.</summary>
    private static void PushBeside(Report report, string what, OciServer ours, OciServer theirs, double atLeast) =>
        Beside(report, what, ours, theirs, server => server.Rate(8, 600, (connection, number) =>
            OciServer.Push(connection, OciServer.NewManifest(), string.Create(CultureInfo.InvariantCulture, $"t{number}"))), atLeast, " per second", PushWarmUps);

    private static void Beside(Report report, string what, OciServer ours, OciServer theirs, Func<OciServer, double> rate, double atLeast, string unit, int warmUps = 1)
    {
        var (ratios, speeds, their) = (new List<double>(), new List<double>(), new List<double>());
        for (var turn = -warmUps; turn < Turns; turn++)
        {
            var (other, own) = (rate(theirs), rate(ours));
            if (turn < 0)
                continue;
            ratios.Add(own / other);
            speeds.Add(own);
            their.Add(other);
        }
        report.Add(Section, $"{what}, against docker-registry", ratios.Median(), "×", atLeast);
        report.Add(Section, what, speeds.Median(), unit);
        report.Add(Section, $"{what}, docker-registry", their.Median(), unit);
    }

    /// <summary>Many tags in one repository: the last thousand are pushed and listed as fast as the first.</summary>
    private static async Task TagsAsync(Report report)
    {
        await using var registry = await RunningRegistry.StartAsync(Workspace.Folder("tags"));
        var ours = new OciServer(registry.Address, RunningRegistry.Token);
        ours.PushConfig();
        var manifest = OciServer.NewManifest();
        double PushTags(string prefix, int from, int count) => ours.Rate(8, count, (connection, number) =>
            OciServer.Push(connection, manifest, string.Create(CultureInfo.InvariantCulture, $"{prefix}{from + number:00000}")));
        PushTags("warm", 0, 2000);
        var tenth = Tags / 10;
        var rates = Enumerable.Range(0, 10).Select(part => PushTags("v", part * tenth, tenth)).ToList();
        report.Add(Section, "10,000 tags in one repository: pushing the last tenth, against the first", rates[^1] / rates[0], "×", atLeast: 0.9);
        report.Add(Section, "10,000 tags in one repository: pushes", rates.Median(), " per second");
        double List(int from) => ours.Rate(1, tenth / 2, (connection, number) => connection.Send("GET",
            string.Create(CultureInfo.InvariantCulture, $"/v2/{OciServer.Repository}/tags/list?n=50&last=v{from + number * 2:00000}"), 200));
        List(0);
        var ratios = Enumerable.Range(0, 3 * Turns).Select(_ => List(Tags - 2 * tenth) / List(0)).ToList();
        report.Add(Section, "10,000 tags in one repository: listing near the end, against the beginning", ratios.Median(), "×", atLeast: 0.9);
    }

    private static async Task PostgresAsync(Report report)
    {
        await using var server = await PostgresServer.StartAsync();
        var folder = Workspace.Folder("oci-postgres");
        (string Name, string Value)[] database = [("Database:Provider", "Postgres"), ("Database:ConnectionString", await server.CreateDatabaseAsync())];
        await using (var app = RegistryApp.Build([.. database.Select(one => $"--{one.Name}={one.Value}"), $"--Registry:DataPath={folder}"]))
            app.Services.GetRequiredService<KeyFiles>().MakeMissing();
        await using var registry = await RunningRegistry.StartAsync(folder, database);
        await using var rival = await PlainDockerRegistry.StartAsync(Workspace.Folder("docker-registry"));
        var (ours, theirs) = (new OciServer(registry.Address, RunningRegistry.Token), new OciServer(rival.Address, null));
        ours.PushConfig();
        theirs.PushConfig();
        PushBeside(report, "PostgreSQL: manifest PUT, 8 connections", ours, theirs, 1);
    }

    /// <summary>As uploads are hashed, against what the processor can do by its own program for that.</summary>
    private static async Task HashAsync(Report report)
    {
        var piece = RandomNumberGenerator.GetBytes(256 * 1024);
        var ratios = new List<double>();
        for (var turn = 0; turn < 3; turn++)
        {
            var said = (await Shell.RunAsync("openssl", ["speed", "-elapsed", "-seconds", "1", "-bytes", "262144", "-evp", "sha256"])).Succeeded();
            var theirs = 1000 * double.Parse(Kilobytes.Match(said).Groups[1].Value, CultureInfo.InvariantCulture);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var began = Stopwatch.GetTimestamp();
            var count = 0L;
            for (; Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(1); count += piece.Length)
                hash.AppendData(piece);
            ratios.Add(count / Stopwatch.GetElapsedTime(began).TotalSeconds / theirs);
        }
        report.Add(Section, "SHA-256 of an upload, against openssl speed", ratios.Median(), "×", atLeast: 0.9);
    }

    [GeneratedRegex(@"^sha256\s+([0-9.]+)k", RegexOptions.Multiline)]
    private static partial Regex Kilobytes { get; }
}
