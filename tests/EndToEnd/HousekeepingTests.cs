using System.Net;
using Claimed.Registry.Builds;
using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Images;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>What builds leave at the engine goes, and nothing else does.</summary>
[Trait("Database", "any")]
public sealed class HousekeepingTests(RegistryWithEngine registry)
{
    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task After_a_kill_nothing_of_ours_is_left_and_everything_foreign_is(string name)
    {
        var site = await registry.OnAsync(name);
        var foreign = await MakeForeignAsync(site.Engine);
        var process = new RegistryProcess(new Dictionary<string, string>(site.Engine.Settings) { ["Builds:CareInterval"] = "00:00:01" });
        await using var disposed = process;
        await process.StartAsync();
        var command = Steps.LongSleep();
        var published = await PublishAsync(process, "killed", $"RUN echo first >/first\nRUN {command}\n");
        await Steps.UntilAsync(() => Steps.Run(command));
        var mark = new StepMark(Options.Create(new ImageOptions { PublicHost = $"127.0.0.1:{process.Port}" })).Value;
        Assert.NotEmpty(await OursAsync(site.Engine, mark));
        process.Kill();

        await process.StartAsync();
        // The build is begun again; what it has to end with is a cancellation.
        await Steps.UntilAsync(() => Steps.Run(command));
        await process.Admin.SendAsync(HttpMethod.Post, $"/api/v1/builds/{published}/cancel");
        await Steps.UntilAsync(() => !Steps.Run(command));

        await UntilAsync(async () => (await OursAsync(site.Engine, mark)).Length == 0, async () => string.Join('\n', await OursAsync(site.Engine, mark)));
        foreach (var id in foreign.Images)
            (await site.Engine.DockerAsync("inspect", "--type", "image", id)).Succeeded();
        Assert.Contains(foreign.Container[..12], (await site.Engine.DockerAsync("ps", "--all", "--quiet")).Succeeded(), StringComparison.Ordinal);
        (await site.Engine.DockerAsync("rm", foreign.Container)).Succeeded();
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task The_steps_of_a_failed_build_go_when_no_build_runs_and_an_image_that_a_person_uses_stays(string name)
    {
        var site = await registry.OnAsync(name);
        await using var host = await site.StartAsync(("Builds:CareInterval", "00:00:01"));
        var mark = host.Services.GetRequiredService<StepMark>().Value;
        var version = await host.PublishStepsAsync("tidy/good", "RUN echo good >/good\nCMD [\"sleep\", \"1000\"]");
        version.AssertReady();
        // Built here, so it has our labels; but it was pulled, and runs.
        var image = $"localhost:{host.Address.Port}/tidy/good:1.0.0";
        if (name == "docker")
            (await site.Engine.DockerAsync("pull", image)).Succeeded();
        var container = name == "docker" ? (await site.Engine.DockerAsync("run", "--detach", "--network", "none", image)).Succeeded().Trim() : null;

        Assert.Equal("failed", (string?)(await host.PublishStepsAsync("tidy/bad", "RUN echo one >/one\nRUN exit 9"))["state"]);

        await UntilAsync(async () => (await OursAsync(site.Engine, mark)).All(line => line.Contains("tidy/good", StringComparison.Ordinal)), async () => string.Join('\n', await OursAsync(site.Engine, mark)));
        if (container is null)
            return;
        Assert.Contains(container[..12], (await site.Engine.DockerAsync("ps", "--quiet")).Succeeded(), StringComparison.Ordinal);
        (await site.Engine.DockerAsync("rm", "--force", container)).Succeeded();
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task Sets_of_dependencies_that_take_too_much_go_and_their_base_image_stays(string name)
    {
        var site = await registry.OnAsync(name);
        var mark = new StepMark(Options.Create(new ImageOptions { PublicHost = "cache.example.org" }));
        foreach (var (bytes, isKept) in ((long, bool)[])[(1L << 30, true), (1000, false)])
        {
            using var engine = new DockerImageBuilder(Options.Create(new BuildOptions { Endpoint = site.Engine.Endpoint, NetworkMode = "none", CacheBytes = bytes }),
                mark, TimeProvider.System, NullLogger<DockerImageBuilder>.Instance);
            await engine.CheckAsync(CancellationToken.None);
            var dependencies = $"FROM {BaseImages.Busybox}\nRUN head -c 100000 /dev/urandom >/installed\n";
            var job = new BuildJob("127.0.0.1:1/tidy/sets:build-1-1", null, dependencies);
            using var work = new Workspace();
            var context = new BuildContext("", [BuildContext.DockerfileOf(mark.Put(dependencies))]);
            await engine.BuildAsync(job, token => context.OpenAsync(work.Folder, token), _ => { }, CancellationToken.None);
            await engine.RemoveAsync(job, CancellationToken.None);

            await engine.TidyAsync(_ => Task.FromResult(new BuildsUnderWay(new HashSet<(long, long)>())), CancellationToken.None);

            var left = await OursAsync(site.Engine, mark.Value);
            Assert.True(left.Any(line => line.Contains("claimed-registry/dependencies", StringComparison.Ordinal)) == isKept, string.Join('\n', left));
            Assert.True(isKept || left.Length == 0, string.Join('\n', left));
        }
        (await site.Engine.DockerAsync("inspect", "--type", "image", BaseImages.Busybox)).Succeeded();
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task What_a_builder_that_was_killed_named_for_another_registry_goes_and_other_names_stay(string name)
    {
        var site = await registry.OnAsync(name);
        var mark = new StepMark(Options.Create(new ImageOptions { PublicHost = "pushes.example.org" }));
        using var engine = new DockerImageBuilder(Options.Create(new BuildOptions { Endpoint = site.Engine.Endpoint, NetworkMode = "none" }), mark, TimeProvider.System, NullLogger<DockerImageBuilder>.Instance);
        await engine.CheckAsync(CancellationToken.None);
        using var work = new Workspace();
        var context = mark.Put(new BuildContext("", [BuildContext.DockerfileOf($"FROM {BaseImages.Busybox}\nRUN echo pushed >/pushed\n")]), null, 7);
        // As far as a builder comes that is killed in the middle of a push.
        var job = new BuildJob("127.0.0.1:1/ml/tidy/pushed:build-7-1", null);
        await engine.BuildAsync(job, token => context.OpenAsync(work.Folder, token), _ => { }, CancellationToken.None);
        foreach (var other in new[] { "127.0.0.1:1/ml/tidy/pushed:1.0.0", "127.0.0.1:1/team/copy:1.0.0" })
            await engine.NameAsync(job.Reference, other, CancellationToken.None);

        await engine.TidyAsync(_ => Task.FromResult(new BuildsUnderWay(new HashSet<(long, long)> { (7, 1) })), CancellationToken.None);
        Assert.Equal(["ml/tidy/pushed:1.0.0", "ml/tidy/pushed:build-7-1", "team/copy:1.0.0"], await NamesAsync());
        await engine.TidyAsync(_ => Task.FromResult(new BuildsUnderWay(new HashSet<(long, long)> { (7, 2) })), CancellationToken.None);
        Assert.Equal(["team/copy:1.0.0"], await NamesAsync());
        (await site.Engine.DockerAsync("rmi", "127.0.0.1:1/team/copy:1.0.0")).Succeeded();

        async Task<string[]> NamesAsync() => [.. (await site.Engine.DockerAsync("images", "--format", "{{.Repository}}:{{.Tag}}")).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(image => image.StartsWith("127.0.0.1:1/", StringComparison.Ordinal)).Select(image => image["127.0.0.1:1/".Length..]).Order(StringComparer.Ordinal)];
    }

    /// <summary>An image with a name, one without, one that a foreign build left, and a container that has ended.</summary>
    private static async Task<(string[] Images, string Container)> MakeForeignAsync(ITestEngine engine)
    {
        using var work = new Workspace();
        await File.WriteAllTextAsync(work["Dockerfile"], $"FROM {BaseImages.Busybox}\nRUN echo foreign >/foreign\nLABEL whose=other\n");
        (await engine.DockerAsync("build", "--network", "none", "--tag", "foreign/one:1", work.Folder)).Succeeded();
        var dangling = (await engine.DockerAsync("images", "--quiet", "--no-trunc", "foreign/one:1")).Succeeded().Trim();
        await File.WriteAllTextAsync(work["Dockerfile"], $"FROM {BaseImages.Busybox}\nRUN echo foreign too >/foreign\n");
        (await engine.DockerAsync("build", "--network", "none", "--tag", "foreign/one:1", work.Folder)).Succeeded();
        var named = (await engine.DockerAsync("images", "--quiet", "--no-trunc", "foreign/one:1")).Succeeded().Trim();
        Assert.NotEqual(dangling, named);
        return ([dangling, named], (await engine.DockerAsync("create", "--network", "none", "foreign/one:1", "true")).Succeeded().Trim());
    }

    /// <summary>Every image and container with the mark of one registry.</summary>
    private static async Task<string[]> OursAsync(ITestEngine engine, string mark)
    {
        var images = await engine.DockerAsync("images", "--all", "--filter", $"label=claimed.registry.steps={mark}", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}");
        var containers = await engine.DockerAsync("ps", "--all", "--filter", $"label=claimed.registry.steps={mark}", "--format", "container {{.ID}} {{.Image}}");
        // Podman fails to list while an image is being removed.
        if (images.ExitCode != 0 || containers.ExitCode != 0)
            return ["(the engine did not list)"];
        return [.. (images.Out + "\n" + containers.Out).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static async Task<string> PublishAsync(RegistryProcess process, string name, string steps)
    {
        var answer = await process.Admin.SendAsync(HttpMethod.Put, $"/api/v1/components/tidy/{name}/versions/1.0.0", new Multipart()
            .Source("component.yaml", "name: Step\nimplementation:\n  container:\n    image: ''\n    command: [sh]\n").Source("Dockerfile", $"FROM {BaseImages.Busybox}\n{steps}").ToContent());
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer["build.id"]!;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, Func<Task<string>> tell)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        for (var looks = 0; !await holds(); looks++)
        {
            Assert.True(looks < 160, await tell());
            await timer.WaitForNextTickAsync();
        }
    }
}
