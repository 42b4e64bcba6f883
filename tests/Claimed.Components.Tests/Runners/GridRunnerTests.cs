using System.Diagnostics;
using Xunit;

namespace Claimed.Components.Tests.Runners;

/// <summary>The wrapper that shares out files among containers, here as processes on one folder.</summary>
public sealed class GridRunnerTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("claimed-grid-").FullName;

    private static Definition Wrapped(SourceLanguage language = SourceLanguage.Shell, string file = "step.sh") => GridWrap.Apply(
        new Definition
        {
            Name = "step",
            DisplayName = "Step",
            Language = language,
            MainFile = file,
            Inputs = [new Port { Name = "file", Type = "String" }, new Port { Name = "log", Type = "String" }],
        }, "file", [])!;

    // Notes each run, and whoever finds the file in the hands of one who lives.
    private const string Watched = """
        #!/bin/sh
        name=$(basename "$file")
        held=$log/held-$name
        if ! mkdir "$held" 2>/dev/null && kill -0 "$(cat "$held/by")" 2>/dev/null; then
            echo "$name" >>"$log/violations"
        fi
        echo $$ >"$held/by"
        echo "$name" >>"$log/runs"
        if [ "$name" = 050 ] && mkdir "$log/first" 2>/dev/null; then
            cut -d ' ' -f 5 "/proc/$$/stat" >"$log/group.new"
            mv "$log/group.new" "$log/group"
            sleep 600
        fi
        rm -r "$held"
        """;

    private const string Simple = """
        #!/bin/sh
        echo "$file" >>"$log/runs"
        case $file in
        *bad*) [ -e "$log/mended" ] || exit 3 ;;
        esac
        """;

    [Fact]
    public async Task Four_workers_share_out_two_hundred_files_and_redo_only_what_a_killed_one_had()
    {
        using var component = new RunnableComponent(Wrapped(), Watched);
        var names = Enumerable.Range(1, 200).Select(number => $"{number:000}").ToList();
        foreach (var name in names)
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_data, "in")).FullName, name), "");
        var workers = Enumerable.Range(0, 4).Select(_ => component.Start(Arguments($"gw_file_path_pattern={_data}/in/*", "gw_lock_timeout=4"))).ToList();
        try
        {
            var group = Path.Combine(_data, "group");
            await UntilAsync(() => File.Exists(group));
            var victim = int.Parse(File.ReadAllText(group));
            Assert.Contains(victim, workers.Select(worker => worker.Id));
            Assert.Equal(0, ExternalProgram.Run("kill", ["-KILL", "--", $"-{victim}"]).ExitCode);
            await Task.WhenAll(workers.Select(worker => worker.WaitForExitAsync(TestContext.Current.CancellationToken)));
            Assert.All(workers, worker => Assert.Equal(worker.Id == victim ? 137 : 0, worker.ExitCode));
        }
        finally
        {
            workers.ForEach(worker => worker.Kill(entireProcessTree: true));
        }
        Assert.False(File.Exists(Path.Combine(_data, "violations")), "Two who live had one file.");
        Assert.Equal(names.Select(name => name == "050" ? "050 2" : $"{name} 1"), Runs().GroupBy(name => name).OrderBy(runs => runs.Key, StringComparer.Ordinal).Select(runs => $"{runs.Key} {runs.Count()}"));
        Assert.Equal(names.Select(name => name + ".processed"), Marks());
    }

    [Fact]
    public void Files_that_failed_are_left_out_until_they_are_wanted_again()
    {
        using var component = new RunnableComponent(Wrapped(), Simple);
        var list = Path.Combine(_data, "list.txt");
        File.WriteAllText(list, "a, bad\nc\n");
        var first = component.Run(Arguments($"gw_batch_file={list}"));
        Assert.Equal(1, first.ExitCode);
        Assert.Contains("claimed: failed: bad: exit code 3", first.Error, StringComparison.Ordinal);
        Assert.Contains("2 of 3 files are processed, 1 failed", first.Error, StringComparison.Ordinal);
        Assert.Equal(["a.processed", "bad.err", "c.processed"], Marks());

        Assert.Equal(1, component.Run(Arguments($"gw_batch_file={list}")).ExitCode);
        Assert.Equal(["a", "bad", "c"], Runs());
        Assert.Equal(1, component.Run(Arguments($"gw_batch_file={list}", "gw_ignore_error_files=True")).ExitCode);
        Assert.Equal(["a", "bad", "c", "bad"], Runs());
        File.WriteAllText(Path.Combine(_data, "mended"), "");
        Assert.Equal(0, component.Run(Arguments($"gw_batch_file={list}", "gw_ignore_error_files=True")).ExitCode);
        Assert.Equal(["a", "bad", "c", "bad", "bad"], Runs());
        Assert.Equal(["a.processed", "bad.processed", "c.processed"], Marks());
    }

    [Fact]
    public async Task A_worker_that_is_told_to_stop_gives_its_file_back()
    {
        using var component = new RunnableComponent(Wrapped(), "#!/bin/sh\necho \"$file\" >>\"$log/runs\"\n[ -e \"$log/mended\" ] || exec sleep 600\n");
        var list = Path.Combine(_data, "list.txt");
        File.WriteAllText(list, "a");
        using var worker = component.Start(Arguments($"gw_batch_file={list}"));
        await UntilAsync(() => File.Exists(Path.Combine(_data, "runs")));
        Assert.Equal(0, ExternalProgram.Run("kill", ["-TERM", $"{worker.Id}"]).ExitCode);
        await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(143, worker.ExitCode);
        Assert.Empty(Marks());
        File.WriteAllText(Path.Combine(_data, "mended"), "");
        Assert.Equal(0, component.Run(Arguments($"gw_batch_file={list}")).ExitCode);
        Assert.Equal(["a.processed"], Marks());
    }

    [Theory]
    [InlineData("list.csv", "size,filename\n1,\"a, \"\"b\"\".tif\"\n2,c.tif\n2,c.tif\n", "a, \"b\".tif|c.tif")]
    [InlineData("list.csv", "files\r\na\r\nb\r\n", "a|b")]
    [InlineData("list.json", "{\"a \\\"b\\\"\": [\"x\", {\"y\": 1}],\n \"c/d\": {\"e\": \"f\"}, \"é\": 1}", "a \"b\"|c/d|é")]
    [InlineData("list.txt", "a,  b c\n\nd,", "a|b c|d")]
    public void A_list_may_be_written_in_three_ways(string name, string text, string files)
    {
        using var component = new RunnableComponent(Wrapped(), Simple);
        var list = Path.Combine(_data, name);
        File.WriteAllText(list, text);
        var result = component.Run(Arguments($"gw_batch_file={list}"));
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(files.Split('|'), Runs());
    }

    [Fact]
    public void Patterns_find_files_and_a_group_is_one_run()
    {
        using var component = new RunnableComponent(Wrapped(), Simple);
        foreach (var path in (string[])["one/1.txt", "one/2.txt", "two/1.txt", "two/1.csv"])
        {
            Directory.CreateDirectory(Path.Combine(_data, Path.GetDirectoryName(path)!));
            File.WriteAllText(Path.Combine(_data, path), "");
        }
        Assert.Equal(0, component.Run(Arguments($"gw_file_path_pattern={_data}/*/*.txt, {_data}/*/*.csv")).ExitCode);
        Assert.Equal(["one/1.txt", "one/2.txt", "two/1.txt", "two/1.csv"], Runs().Select(path => Path.GetRelativePath(_data, path)));
        File.Delete(Path.Combine(_data, "runs"));
        Assert.Equal(0, component.Run(Arguments($"gw_file_path_pattern={_data}/*/*.txt", "gw_group_by=(one|two)")).ExitCode);
        Assert.Equal(["one", "two"], Runs());
    }

    [Theory]
    [InlineData("gw_coordinator_path=s3://bucket/x", "not in an object store")]
    [InlineData("gw_coordinator_path=", "missing input: gw_coordinator_path")]
    [InlineData("log=", "missing input: log")]
    [InlineData("file=a", "'file' is not declared by this component; declared are: log, gw_batch_file")]
    [InlineData("log\nother=a", "the name of an argument has several lines")]
    [InlineData("gw_lock_timeout=soon", "gw_lock_timeout is 'soon'")]
    [InlineData("gw_lock_timeout=08", "gw_lock_timeout is '08'")]
    [InlineData("gw_ignore_error_files=maybe", "neither True nor False")]
    [InlineData("gw_batch_file=", "missing input: gw_batch_file or gw_file_path_pattern")]
    [InlineData("gw_batch_file={{$.inputs.parameters['x']}}", "missing input: gw_batch_file or gw_file_path_pattern")]
    [InlineData("gw_batch_file=/nowhere.txt", "names no file")]
    [InlineData("gw_group_by=[0-9]", "matches nothing in a")]
    public void What_cannot_be_begun_is_said_before_any_run(string argument, string message)
    {
        using var component = new RunnableComponent(Wrapped(), Simple);
        var list = Path.Combine(_data, "list.txt");
        File.WriteAllText(list, "a");
        var result = component.Run(argument.StartsWith("gw_batch_file", StringComparison.Ordinal) ? Arguments(argument) : Arguments($"gw_batch_file={list}", argument));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_data, "runs")));
    }

    [Fact]
    public void A_worker_begins_after_as_many_seconds_as_it_says_and_no_more_than_it_may()
    {
        using var component = new RunnableComponent(Wrapped(), Simple);
        File.WriteAllText(Path.Combine(_data, "list.txt"), "a");
        var watch = Stopwatch.StartNew();
        var result = component.Run(Arguments($"gw_batch_file={_data}/list.txt", "gw_max_time_wait_staggering=2"));
        var said = int.Parse(result.Error.Split("claimed: begins in ")[1].Split(' ')[0]);
        Assert.InRange(said, 0, 2);
        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(said));
        Assert.Equal(["a"], Runs());
    }

    [Fact]
    public void A_path_does_not_lead_out_of_the_folder()
    {
        using var component = new RunnableComponent(Wrapped(), Simple);
        File.WriteAllText(Path.Combine(_data, "list.txt"), "../../a");
        Assert.Contains("leads out", component.Run(Arguments($"gw_batch_file={_data}/list.txt")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_python_source_gets_its_file_and_its_settings_from_the_environment_too()
    {
        using var component = new RunnableComponent(Wrapped(SourceLanguage.Python, "step.py"),
            "import os\nwith open(os.environ['log'] + '/runs', 'a') as file:\n    file.write(os.environ['file'] + '\\n')\n");
        File.WriteAllText(Path.Combine(_data, "list.txt"), "a b");
        var result = component.Run(new Dictionary<string, string>
        {
            ["log"] = _data,
            ["gw_batch_file"] = $"{_data}/list.txt",
            ["gw_coordinator_path"] = $"{_data}/marks",
            ["gw_max_time_wait_staggering"] = "0",
        });
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["a b"], Runs());
        Assert.Equal(["a b.processed"], Marks());
    }

    private string[] Arguments(params string[] more) =>
    [
        .. ((string[])[$"log={_data}", $"gw_coordinator_path={_data}/marks", "gw_max_time_wait_staggering=0"])
            .Where(usual => !more.Any(argument => argument.Split('=')[0] == usual.Split('=')[0])),
        .. more,
    ];

    private string[] Runs() => File.ReadAllLines(Path.Combine(_data, "runs"));

    /// <summary>Marks and locks that the workers left; the files that one keeps its time in begin with a point.</summary>
    private IEnumerable<string> Marks() => Directory.EnumerateFiles(Path.Combine(_data, "marks"), "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
        .Select(path => Path.GetFileName(path)).Where(name => name[0] != '.').Order(StringComparer.Ordinal);

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var watch = Stopwatch.StartNew(); !holds();)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "It did not come to that in a minute.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);
}
