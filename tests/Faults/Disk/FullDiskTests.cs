using System.Diagnostics;
using System.Net;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Disk;

/// <summary>A full disk: a clear answer, nothing half stored, reads go on, and when there is room again so does everything else.</summary>
public sealed class FullDiskTests(FaultsSetup setup)
{
    [Fact]
    public async Task A_full_disk_refuses_writes_with_507_and_serves_reads()
    {
        await using var disk = await SmallDisk.MountAsync(16);
        await using var registry = await RegistryProcess.StartAsync(dataPath: disk.Path);
        var before = await registry.Admin.PublishAsync(new Attempt("kept", "1.0.0", "kept", Source.ExistingImage));
        var layer = new byte[200_000];
        Assert.Equal(HttpStatusCode.Created, (await PushAsync(registry, layer)).Status);
        var files = Files(registry);

        disk.Fill();
        var refused = await registry.Admin.SendAsync(HttpMethod.Put, "/api/v1/components/acme/late/versions/1.0.0",
            new Attempt("late", "1.0.0", "late", Source.ExistingImage).Upload().ToContent());
        Assert.Equal(507, (int)refused.Status);
        Assert.Equal("storage-full", refused["type"]);
        NamesNothing(registry, refused);
        var image = await PushAsync(registry, [.. layer, 1]);
        Assert.Equal(507, (int)image.Status);
        Assert.Contains("INSUFFICIENT_STORAGE", image.Text, StringComparison.Ordinal);
        NamesNothing(registry, image);
        foreach (var path in (string[])["/api/v1/components", before.Path, before.Path + "/component.yaml", $"/v2/acme/own/blobs/{Digest.Of(layer)}", "/health/ready"])
            Assert.Equal(HttpStatusCode.OK, (await registry.Anonymous.SendAsync(HttpMethod.Get, path)).Status);

        disk.Empty();
        Assert.Equal(files, Files(registry));
        var began = Stopwatch.GetTimestamp();
        var after = await registry.Admin.PublishAsync(new Attempt("late", "1.0.0", "late", Source.ExistingImage));
        Assert.Equal(HttpStatusCode.Created, (await PushAsync(registry, [.. layer, 1])).Status);
        await HoldAsync(registry, "disk full", [before, after], began);
    }

    [Fact]
    public async Task Wherever_the_space_ends_in_a_publish_it_is_stored_whole_or_refused()
    {
        await using var disk = await SmallDisk.MountAsync(16);
        await using var registry = await RegistryProcess.StartAsync(dataPath: disk.Path);
        var kept = new List<Attempt> { await registry.Admin.PublishAsync(new Attempt("edge", "0.1.0", "first", Source.ExistingImage)) };
        var refusals = 0;
        var began = Stopwatch.GetTimestamp();
        for (var step = 0; step < 40; step++)
        {
            disk.Fill(leave: step * 4096);
            var attempt = new Attempt("edge", $"1.{step}.0", $"edge-{step}", Source.ExistingImage);
            var answer = await registry.Admin.SendAsync(HttpMethod.Put, attempt.Path, attempt.Upload().ToContent());
            Assert.True(answer.Status == HttpStatusCode.Created || (int)answer.Status == 507, $"{step * 4096} bytes left: {(int)answer.Status} {answer.Text}\n{registry.Output}");
            if (answer.Status == HttpStatusCode.Created)
                kept.Add(attempt with { Bundle = answer["bundleDigest"] });
            else
                refusals++;
            disk.Empty();
            began = Stopwatch.GetTimestamp();
            kept.Add(await registry.Admin.PublishAsync(attempt));
        }
        Assert.NotEqual(0, refusals);
        await HoldAsync(registry, "disk full at each step of a publish", kept, began);
    }

    /// <summary>Bytes that a first start finds.</summary>
    public static TheoryData<int> Rests => Figures.IsLong ? [0, 4096, 5 * 4096, 20 * 4096, 60 * 4096] : [0, 5 * 4096, 60 * 4096];

    [Theory]
    [MemberData(nameof(Rests))]
    public async Task A_start_on_a_full_disk_ends_with_one_clear_line_and_a_later_one_goes_well(int left)
    {
        await using var disk = await SmallDisk.MountAsync(16);
        await using var registry = new RegistryProcess(dataPath: disk.Path);
        disk.Fill(left);
        Assert.Equal(1, await EndAsync(registry));
        var line = Assert.Single(registry.Output.TrimEnd().Split('\n'));
        Assert.StartsWith($"No space is left on the disk of the data folder {disk.Path}", line, StringComparison.Ordinal);
        Assert.Contains("Registry__DataPath", line, StringComparison.Ordinal);

        disk.Empty();
        await registry.StartAsync();
        await registry.Admin.PublishAsync(new Attempt("first", "1.0.0", "first", Source.ExistingImage));
        await registry.StopAsync();
        disk.Fill();
        var words = await registry.RunWordAsync("gc");
        Assert.DoesNotContain("   at ", words.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("context", "")]
    [InlineData("push", "POST /v2/acme/")]
    [InlineData("finish", "/manifests/build-")]
    public async Task A_build_that_meets_a_full_disk_says_so_and_is_ready_once_there_is_room(string phase, string sign)
    {
        await using var disk = await SmallDisk.MountAsync(24);
        await using var line = EngineBehindProxy.Make(await setup.EngineAsync(), dataPath: disk.Path);
        var registry = line.Registry;
        line.Engine.Switch(ProxyMode.Refuse);
        await registry.StartAsync();
        // Larger than the space that is left for the context.
        var published = await registry.Admin.PublishAsync(new Attempt("big", "1.0.0", new string('x', 1_000_000), Source.Dockerfile));
        if (phase == "context")
        {
            disk.Fill(leave: 500_000);
            line.Engine.Switch(ProxyMode.Forward);
            var waits = await registry.UntilAsync(published.Path, version => version["build.reason"]?.Contains("no space left", StringComparison.Ordinal) == true, Patience.Limit);
            Assert.Equal("queued", waits["state"]);
            NamesNothing(registry, waits);
        }
        else
        {
            var seen = line.Pushes.UntilSentAsync(sign, Patience.Limit);
            line.Engine.Switch(ProxyMode.Forward);
            await seen;
            disk.Fill();
            // The engine's push, or the end of the build, meets the full disk; so do the signs of life.
            await registry.UntilSaysAsync("could not show that it lives", Patience.Limit);
        }

        disk.Empty();
        var began = Stopwatch.GetTimestamp();
        var ended = await registry.UntilAsync(published.Path, version => version["state"] is "ready" or "failed", Patience.Limit);
        Assert.True(ended["state"] == "ready", $"{ended.Text}\n{registry.Output}");
        await HoldAsync(registry, $"disk full during a build: {phase}", [published], began, line.Server);
    }

    /// <summary>Starts the program and returns its exit code when it has ended by itself.</summary>
    private static async Task<int> EndAsync(RegistryProcess registry)
    {
        registry.Launch();
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (registry.IsRunning)
            await Task.Delay(20, limit.Token);
        return registry.ExitCode;
    }

    private static async Task<Answer> PushAsync(RegistryProcess registry, byte[] bytes) =>
        await registry.Admin.SendAsync(HttpMethod.Post, $"/v2/acme/own/blobs/uploads/?digest={Digest.Of(bytes)}", new ByteArrayContent(bytes));

    private static int Files(RegistryProcess registry) => ((string[])["blobs", "uploads"])
        .Sum(folder => Directory.EnumerateFiles(Path.Combine(registry.DataPath, folder), "*", SearchOption.AllDirectories).Count());

    /// <summary>What is said to clients has neither paths nor the words of exceptions.</summary>
    private static void NamesNothing(RegistryProcess registry, Answer answer)
    {
        foreach (var word in (string[])[registry.DataPath, "/blobs", "uploads", "Exception", "IOException", " at Claimed", "SQLite Error"])
            Assert.DoesNotContain(word, answer.Text, StringComparison.Ordinal);
    }

    private static async Task HoldAsync(RegistryProcess registry, string scenario, IEnumerable<Attempt> published, long began, ITestEngine? engine = null)
    {
        var recovery = Stopwatch.GetElapsedTime(began);
        var invariants = new Invariants(registry, Store.Sqlite);
        await invariants.CheckAsync(published);
        if (engine is not null)
            await invariants.CheckEngineAsync(engine);
        Figures.Add(scenario, Store.Sqlite, invariants, recovery);
        Assert.True(invariants.Hold, $"{invariants}\n{registry.Output}");
    }
}
