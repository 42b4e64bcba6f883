using System.Diagnostics;
using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>The path of a build on each engine: made, pushed and pulled; failed; ended from outside.</summary>
[Trait("Database", "any")]
public sealed class EngineTests(RegistryWithEngine registry)
{
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_component_is_built_pushed_and_pulled(string name)
    {
        var site = await registry.OnAsync(name);
        var version = await site.Host.PublishStepsAsync("engines/greets", $"RUN echo hello {name} >/greeting\nENV NAME={name}\nCMD [\"cat\", \"/greeting\"]");
        version.AssertReady();

        Assert.StartsWith(name, (string?)(await site.Host.EndedAsync((long)version["build"]!["id"]!))["engine"], StringComparison.Ordinal);
        var image = $"{site.ImageHost}/engines/greets@{version["imageDigest"]}";
        (await registry.Engine.DockerAsync("pull", image)).Succeeded();
        Assert.Equal($"hello {name}", (await registry.Engine.DockerAsync("run", "--rm", "--network", "none", image)).Succeeded());
        Assert.Contains("RUN echo hello", await site.Host.LogOfAsync(version), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_step_that_fails_fails_the_version_at_once_and_says_which_and_how(string name)
    {
        var site = await registry.OnAsync(name);
        var version = await site.Host.PublishStepsAsync("engines/fails", "RUN true\nRUN echo before the end && exit 3");

        Assert.Equal("failed", (string?)version["state"]);
        Assert.Contains("RUN echo before the end && exit 3", (string?)version["reason"], StringComparison.Ordinal);
        Assert.Contains("exit code 3", (string?)version["reason"], StringComparison.Ordinal);
        Assert.Contains("before the end\n", await site.Host.LogOfAsync(version), StringComparison.Ordinal);
        Assert.Equal(1, (int)(await site.Host.EndedAsync((long)version["build"]!["id"]!))["attempt"]!);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_step_that_fails_in_a_later_stage_is_named_with_its_line(string name)
    {
        var site = await registry.OnAsync(name);
        var version = await site.Host.PublishStepsAsync("engines/fails-later", $"RUN true\nFROM {BaseImages.Busybox}\nRUN true\nRUN exit 3");

        Assert.Equal("failed", (string?)version["state"]);
        Assert.Contains("RUN exit 3 — ", (string?)version["reason"], StringComparison.Ordinal);
        Assert.Contains("exit code 3 (Dockerfile, line 5)", (string?)version["reason"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task What_a_base_brings_along_takes_nothing_out_of_another_image(string name)
    {
        var site = await registry.OnAsync(name);
        using var work = new Workspace();
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "Dockerfile"), $"FROM {BaseImages.Busybox}\nONBUILD COPY --from={BaseImages.Busybox} /bin /stolen\n");
        (await site.Engine.DockerAsync("build", "--quiet", "--tag", "team/taking:1", work.Folder)).Succeeded();
        var version = await site.Host.PublishStepsAsync("engines/takes", "FROM team/taking:1\nENV A=1");

        Assert.Equal("failed", (string?)version["state"]);
        Assert.Contains($"ONBUILD COPY --from={BaseImages.Busybox} /bin /stolen", (string?)version["reason"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_base_image_that_is_nowhere_fails_the_version_and_a_registry_that_is_away_is_asked_again(string name)
    {
        var site = await registry.OnAsync(name);
        var nowhere = await site.Host.PublishStepsAsync("engines/nowhere", $"FROM {site.Host.Address.Authority}/engines/nothing:1");
        Assert.Equal("failed", (string?)nowhere["state"]);
        Assert.Equal(1, (int)(await site.Host.EndedAsync((long)nowhere["build"]!["id"]!))["attempt"]!);

        var answer = await site.Host.PublishAsync("engines", "away", "1.0.0",
            ("component.yaml", "name: Step\nimplementation:\n  container:\n    image: ''\n    command: [sh]\n"), ("Dockerfile", $"FROM 127.0.0.1:{FreePorts.Next()}/some/base:1\n"));
        var waits = await site.Host.UntilAsync($"api/v1/builds/{answer["build.id"]}", build => build["state"] == "queued" && build["attempt"] == "1");
        Assert.Contains("connection refused", waits.Text, StringComparison.Ordinal);
        (await site.Host.Admin.PostAsync($"api/v1/builds/{answer["build.id"]}/cancel", null)).EnsureSuccessStatusCode();
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_cancelled_build_has_its_step_ended_within_five_seconds(string name)
    {
        var site = await registry.OnAsync(name);
        var command = Steps.LongSleep();
        var id = await site.Host.PublishUntilItRunsAsync("engines/cancelled", $"RUN {command}", command);

        var began = Stopwatch.GetTimestamp();
        using var cancelled = await site.Host.Admin.PostAsync($"api/v1/builds/{id}/cancel", null);
        Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        await Steps.UntilAsync(() => !Steps.Run(command));

        Assert.True(Stopwatch.GetElapsedTime(began) < _soon, $"The step ran on for {Stopwatch.GetElapsedTime(began)}.");
        Assert.Equal("cancelled", (string?)(await site.Host.EndedAsync(id))["state"]);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_build_that_takes_too_long_has_its_step_ended_too(string name)
    {
        var site = await registry.OnAsync(name);
        await using var host = await site.StartAsync(("Builds:Timeout", "00:00:04"));
        var command = Steps.LongSleep();
        var id = await host.PublishUntilItRunsAsync("engines/late", $"RUN {command}", command);

        var ended = await host.EndedAsync(id);

        Assert.Contains("longer than 4 seconds", (string?)ended["reason"], StringComparison.Ordinal);
        Assert.True(await Steps.UntilAsync(() => !Steps.Run(command)) < _soon);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_builder_that_stops_ends_the_step_and_hands_the_build_back(string name)
    {
        var site = await registry.OnAsync(name);
        var data = Directory.CreateTempSubdirectory("claimed-drain-");
        try
        {
            var settings = new Dictionary<string, string>(site.Engine.Settings);
            var process = new RegistryProcess(settings, data.FullName);
            await using var disposed = process;
            await process.StartAsync();
            var command = Steps.LongSleep();
            var answer = await process.Admin.SendAsync(HttpMethod.Put, "/api/v1/components/engines/drained/versions/1.0.0", new Multipart()
                .Source("component.yaml", "name: Step\nimplementation:\n  container:\n    image: ''\n    command: [sh]\n").Source("Dockerfile", $"FROM {BaseImages.Busybox}\nRUN {command}\n").ToContent());
            Assert.Equal(HttpStatusCode.Created, answer.Status);
            await Steps.UntilAsync(() => Steps.Run(command));

            var began = Stopwatch.GetTimestamp();
            await process.StopAsync();

            Assert.False(Steps.Run(command));
            Assert.True(Stopwatch.GetElapsedTime(began) < _soon, $"It took {Stopwatch.GetElapsedTime(began)} to stop.");
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }
}
