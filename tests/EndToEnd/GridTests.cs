using System.Diagnostics;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>A wrapped source in several containers that share a folder and nothing else.</summary>
[Trait("Database", "any")]
public sealed class GridTests(RegistryWithEngine registry)
{
    // Notes each run, and whoever finds the file in the hands of another; the first to have file 010 never ends.
    private const string Step = """
        #!/bin/sh
        # Touches a file.
        # the file to touch
        file=${file:?}
        # where to note it
        log=${log:?}
        name=$(basename "$file")
        held=$log/held-$name
        mkdir "$held" 2>/dev/null || echo "$name $(cat "$held/by")" >>"$log/met"
        hostname >"$held/by"
        echo "$name" >>"$log/runs"
        if [ "$name" = 010 ] && mkdir "$log/first" 2>/dev/null; then
            hostname >"$log/host.new"
            mv "$log/host.new" "$log/host"
            sleep 600
        fi
        touch "$file.done"
        rm -r "$held"
        """;

    [Fact]
    public async Task Four_containers_share_out_two_hundred_files_and_redo_only_what_a_killed_one_had()
    {
        var version = await registry.Host.PublishAsync("acme/touch-files", "1.0.0", "touch_files.sh", Step, new Dictionary<string, string> { ["wrap"] = "grid:file" });
        version.AssertReady();
        using var work = new Workspace();
        var names = Enumerable.Range(1, 200).Select(number => $"{number:000}").ToList();
        foreach (var folder in (string[])["in", "marks"])
        {
            Directory.CreateDirectory(work[folder]);
            (await Shell.RunAsync("chmod", ["777", work[folder]])).Succeeded();
        }
        names.ForEach(name => File.WriteAllText(work[$"in/{name}"], ""));
        var containers = new List<string>();
        try
        {
            for (var number = 0; number < 4; number++)
            {
                containers.Add((await registry.Engine.DockerAsync("run", "-d", "--user", "12345:0", "--network", "none", "-v", $"{work.Folder}:/data", (string)version["image"]!,
                    "log=/data", "gw_file_path_pattern=/data/in/[0-9][0-9][0-9]", "gw_coordinator_path=/data/marks", "gw_lock_timeout=10", "gw_max_time_wait_staggering=1")).Succeeded());
            }
            for (var watch = Stopwatch.StartNew(); !File.Exists(work["host"]); await Task.Delay(50, TestContext.Current.CancellationToken))
                Assert.True(watch.Elapsed < TimeSpan.FromMinutes(5), await LogsAsync(containers));
            var victim = containers.Single(id => id.StartsWith(work.Read("host").Trim(), StringComparison.Ordinal));
            (await registry.Engine.DockerAsync("kill", victim)).Succeeded();
            foreach (var container in containers)
                Assert.True((await registry.Engine.DockerAsync("wait", container)).Succeeded() == (container == victim ? "137" : "0"), await LogsAsync(containers));

            Assert.Equal([$"010 {victim[..12]}"], File.ReadAllLines(work["met"]));
            Assert.Equal(names.Select(name => name == "010" ? "010 2" : $"{name} 1"),
                File.ReadAllLines(work["runs"]).GroupBy(name => name).OrderBy(runs => runs.Key, StringComparer.Ordinal).Select(runs => $"{runs.Key} {runs.Count()}"));
            Assert.Equal(names.Select(name => name + ".processed"), Directory.EnumerateFiles(work["marks/data/in"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        }
        finally
        {
            await registry.Engine.DockerAsync(["rm", "-f", .. containers]);
        }
    }

    private async Task<string> LogsAsync(IEnumerable<string> containers)
    {
        var all = new List<string>();
        foreach (var container in containers)
        {
            var logs = await registry.Engine.DockerAsync("logs", container);
            all.Add(logs.Out + logs.Err);
        }
        return string.Join("\n--\n", all);
    }
}
