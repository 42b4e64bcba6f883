using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Claimed.Components.Failures;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;
using Claimed.Components.Tests.Sources;
using Xunit;

namespace Claimed.Components.Tests.Failures;

/// <summary>What Docker 20.10 and Podman 4.3 really said when builds failed (<c>Said/capture.py</c> makes them anew), and what publishers are told of it.</summary>
public sealed partial class FailureReaderTests
{
    private static readonly string Folder = Path.Combine(Reading.Repository, "tests", "Claimed.Components.Tests", "Failures", "Said");

    private static readonly string[] Engines = ["docker-20.10", "podman-4.3"];

    public static TheoryData<string, string, string, int, string> Said
    {
        get
        {
            var data = new TheoryData<string, string, string, int, string>();
            foreach (var engine in Engines)
            {
                foreach (var (name, cause, line, words) in new[]
                {
                    ("unknown-package", "unknown-package", 5, "nosuchpackage==1.0"), ("unknown-version", "unknown-version", 5, "small==9.9"),
                    ("newer-python", "other-python", 5, ">=3.99"), ("no-network", "no-network", 5, "server"), ("untrusted", "certificate-not-trusted", 5, "certificate"),
                    ("no-compiler", "no-compiler", 5, "gcc"), ("no-python", "no-command", 3, "python"), ("no-pip", "no-pip", 3, "pip"), ("apt-unknown", "unknown-package", 3, "nosuchtool"),
                    ("apt-no-network", "no-network", 3, "server"), ("out-of-memory", "out-of-memory", 2, "memory"), ("disk-full", "disk-full", 2, "disk"),
                    ("permission", "permission-denied", 3, "user"), ("no-command", "no-command", 2, "make"), ("exit-3", "command-failed", 2, "exit code 3"),
                    ("copy-missing", "file-not-found", 2, "nowhere.txt"), ("no-instruction", "dockerfile-invalid", 2, "RUNN"),
                    ("base-not-found", "image-not-found", 1, "base image"), ("base-unreachable", "image-unreachable", 1, "registry"),
                })
                    data.Add(engine, name, cause, line, words);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Said))]
    public void Each_engine_and_cause_gives_the_cause_the_line_and_the_words(string engine, string name, string cause, int line, string words)
    {
        var failure = FailureReader.Read(Load(engine, name));
        Assert.Equal((cause, "Dockerfile", line), (failure.Cause, failure.File, failure.Line));
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Hint);
        Assert.InRange(failure.Reason.Length, 1, 500);
    }

    [Fact]
    public void Every_capture_is_looked_at() => Assert.Equal(
        Engines.SelectMany(engine => Directory.EnumerateFiles(Path.Combine(Folder, engine)).Select(file => (engine, Path.GetFileNameWithoutExtension(file)))).Order(),
        Said.Select(row => (row.Data.Item1, row.Data.Item2)).Order());

    [Fact]
    public void Step_command_exit_code_and_last_lines_are_told()
    {
        foreach (var engine in Engines)
        {
            var failure = FailureReader.Read(Load(engine, "exit-3"));
            Assert.Equal(("2/2", "RUN echo before  && exit 3", 3), (failure.Step, failure.Command, failure.ExitCode));
            Assert.Contains("before", failure.Tail, StringComparison.Ordinal);
            Assert.DoesNotContain("FROM", failure.Tail, StringComparison.Ordinal);
            Assert.DoesNotContain("container", failure.Tail, StringComparison.Ordinal);
            Assert.Equal("Step 2/2 : RUN echo before  && exit 3 — Its command ended with exit code 3 (Dockerfile, line 2).", failure.Reason);
        }
    }

    [Fact]
    public void Of_what_has_no_known_cause_the_engine_says_what_it_was()
    {
        const string title = "Step 4/5 : LABEL a=b";
        var failure = FailureReader.Read(new FailedBuild(title, $"{title} — layers from manifest don't match image configuration", "", null, false) { OwnDockerfile = "FROM scratch\nLABEL a=b\n" });
        Assert.Equal("Step 4/5 : LABEL a=b — The engine could not do it: layers from manifest don't match image configuration (Dockerfile, line 2).", failure.Reason);
    }

    [Theory]
    // Behind each FROM stand two instructions that nobody published.
    [InlineData("Step 4/9 : RUN make", 2)]
    [InlineData("Step 5/9 : RUN make", 3)]
    [InlineData("Step 9/9 : RUN make", 5)]
    [InlineData("[1/2] STEP 5/5: RUN make", 3)]
    [InlineData("[2/2] STEP 4/4: RUN make", 5)]
    public void Of_equal_instructions_the_one_that_failed_is_named(string title, int line)
    {
        var build = new FailedBuild(title, "The command '/bin/sh -c make' returned a non-zero code: 2", "", 2, false) { OwnDockerfile = "FROM a AS b\nRUN make\nRUN make\nFROM b\nRUN make\n", Added = 2 };
        Assert.Equal(line, FailureReader.Read(build).Line);
        Assert.Equal("RUN make", FailureReader.Read(build).Command);
    }

    [Theory]
    [InlineData("docker-20.10")]
    [InlineData("podman-4.3")]
    public void Of_many_packages_the_line_that_asked_for_the_one_that_failed_is_named(string engine)
    {
        var files = Files(("tool.py", "'A tool.'\n# pip install small\n\n# pip install nosuchpackage==1.0 other\nprint(1)\n"));
        var failure = FailureReader.Read(OfSource(engine, "unknown-package", files));
        Assert.Equal(("tool.py", 4, "tool.py, line 4"), (failure.File, failure.Line, failure.Place));

        failure = FailureReader.Read(OfSource(engine, "no-compiler", Files(("tool.py", "'A tool.'\n# pip install small\n# pip install fast\nprint(1)\n"))));
        Assert.Equal(("no-compiler", 3), (failure.Cause, failure.Line));
    }

    [Theory]
    [InlineData("docker-20.10")]
    [InlineData("podman-4.3")]
    public void In_a_notebook_the_cell_and_its_line_are_named(string engine)
    {
        var notebook = """
            {"cells": [
              {"cell_type": "markdown", "metadata": {}, "source": ["# Count\n", "Counts."]},
              {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": ["!pip install small"]},
              {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": ["import os\n", "!pip install nosuchpackage==1.0\n"]}
             ], "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}, "nbformat": 4, "nbformat_minor": 5}
            """;
        var failure = FailureReader.Read(OfSource(engine, "unknown-package", Files(("count.ipynb", notebook))));
        Assert.Equal(("count.ipynb", 3, 2, "count.ipynb, cell 3, line 2"), (failure.File, failure.Cell, failure.CellLine, failure.Place));
    }

    [Fact]
    public void In_a_list_of_requirements_the_line_is_found()
    {
        var files = Files(("tool.py", "'A tool.'\nprint(1)\n"), ("requirements.txt", "# what it needs\nsmall\nNoSuchPackage == 1.0\nother\n"));
        var failure = FailureReader.Read(OfSource("docker-20.10", "unknown-package", files));
        Assert.Equal(("requirements.txt", 3), (failure.File, failure.Line));
    }

    [Fact]
    public void When_nobody_says_which_package_it_was_no_line_is_guessed()
    {
        var files = Files(("tool.py", "'A tool.'\n# pip install small\n# pip install fast\nprint(1)\n"));
        var failure = FailureReader.Read(OfSource("docker-20.10", "exit-3", files) with { Tail = "nothing of use\n" });
        Assert.Equal(("tool.py", null), (failure.File, failure.Line));
    }

    [Fact]
    public void A_step_of_the_registry_itself_names_no_file()
    {
        var said = OfSource("docker-20.10", "disk-full", Files(("tool.py", "'A tool.'\n# pip install small\nprint(1)\n"))) with { Title = "Step 8/13 : COPY claimed/ /opt/claimed/" };
        Assert.Null(FailureReader.Read(said).Place);
    }

    [Theory]
    [InlineData("ERROR: No matching distribution found for inner==2.0 (from small==1.0)\n", "unknown-package", 2)]
    [InlineData("ERROR: Cannot install fast==1.0 and small==2.0 because these package versions have conflicting dependencies.\n\nThe conflict is caused by:\n    fast 1.0 depends on x<1\n    small 2.0 depends on x>2\n", "conflicting-requirements", 3)]
    [InlineData("Warning message:\npackage ‘fast’ is not available for this version of R\n", "unknown-package", 3)]
    [InlineData("Warning: unable to access index for repository https://index.invalid/src/contrib:\n", "no-network", 0)]
    [InlineData("Collecting fast\n  error: can't find Rust compiler\n", "no-compiler", 3)]
    [InlineData("ERROR: 403 Client Error: Forbidden for url: https://index.invalid/simple/small/\n", "access-refused", 2)]
    [InlineData("numpy.core._exceptions._ArrayMemoryError\nMemoryError\n", "out-of-memory", 0)]
    public void Words_of_other_programs_are_known_too(string tail, string cause, int line)
    {
        var files = Files(("tool.py", "'A tool.'\n# pip install small\n# pip install fast\nprint(1)\n"));
        var failure = FailureReader.Read(OfSource("docker-20.10", "exit-3", files) with { Tail = tail, ExitCode = 1 });
        Assert.Equal((cause, line), (failure.Cause, failure.Line ?? 0));
    }

    [Theory]
    [InlineData("Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\nModuleNotFoundError: No module named 'sklearn'\n", 3, "The module sklearn cannot be imported: the declared package is not there")]
    [InlineData("ModuleNotFoundError: No module named 'sklearn.svm'\n", 3, "The module sklearn.svm cannot be imported: the declared package is not there")]
    [InlineData("ModuleNotFoundError: No module named 'inner'\n", 0, "The module inner cannot be imported: the declared package is not there")]
    [InlineData("Error in library(pandas) : there is no package called ‘pandas’\n", 2, "The module pandas cannot be imported: the declared package is not there")]
    [InlineData("KeyError: 'x'\nDuring handling of the above exception, another exception occurred:\n\nImportError: libGL.so.1: cannot open shared object file: No such file or directory\n", 0,
        "A declared module does not load (ImportError: libGL.so.1: cannot open shared object file: No such file or directory)")]
    public void A_module_that_cannot_be_imported_is_named_with_the_line_that_declares_it(string tail, int line, string message)
    {
        var files = Files(("tool.py", "'A tool.'\n# claimed: imports=pandas\n# claimed: imports=sklearn.svm\n"));
        var generated = DockerfileRendition.Write(SourceReader.Read(files, new SourceOptions()).Definition!, new DockerfileOptions("python:1", new Dictionary<string, string>(), new Dictionary<string, string>()));
        var said = new FailedBuild("Step 9/10 : " + generated.Installed[^1].Instruction, "The command returned a non-zero code: 1", tail, 1, false) { Installed = generated.Installed, Files = files };

        var failure = FailureReader.Read(said);
        Assert.Equal(("import-failed", "tool.py", line, message + "."), (failure.Cause, failure.File, failure.Line ?? 0, failure.Message));
        Assert.Contains("Builds__Requirements__", failure.Hint, StringComparison.Ordinal);
        Assert.NotEqual("import-failed", FailureReader.Read(said with { Title = "Step 3/10 : RUN make" }).Cause);
    }

    [Theory]
    [InlineData("Dockerfile, line 2: the base image claimed/none:1 cannot be had: manifest unknown.", "image-not-found", "the base image claimed/none:1 cannot be had: manifest unknown.")]
    [InlineData("Dockerfile, line 2: the image a:1 is for linux/arm64, not for linux/amd64.", "other-platform", "the image a:1 is for linux/arm64, not for linux/amd64.")]
    [InlineData("Dockerfile, line 2: The image a:1 is not allowed here. Use one of b.", "build-refused", "The image a:1 is not allowed here. Use one of b.")]
    public void What_is_refused_before_a_step_begins_keeps_its_words_and_its_line(string error, string cause, string message)
    {
        var refused = new FailedBuild(null, error, "Fetching the base image\n", null, false) { OwnDockerfile = "# A tool.\nFROM a:1\n" };
        var failure = FailureReader.Read(refused);
        Assert.Equal((cause, message, "Dockerfile, line 2"), (failure.Cause, failure.Message, failure.Place));
        Assert.Null(FailureReader.Read(refused with { OwnDockerfile = null }).Place);
    }

    [Fact]
    public void What_the_registry_says_of_an_image_or_of_memory_is_kept()
    {
        const string large = "The image has 30 GB, and 20 GB are allowed (Builds__MaxImageBytes). Its largest steps: 9 GB RUN make.";
        Assert.Equal(("build-refused", large), (FailureReader.Read(new FailedBuild(null, large, "", null, false)).Cause, FailureReader.Read(new FailedBuild(null, large, "", null, false)).Reason));
        var killed = FailureReader.Read(new FailedBuild("Step 2/3 : RUN make", "Step 2/3 : RUN make — the kernel ended it, because it needed more than 2 GB.", "", 137, true) { OwnDockerfile = "FROM a:1\nRUN make\n" });
        Assert.Equal("Step 2/3 : RUN make — the kernel ended it, because it needed more than 2 GB (Dockerfile, line 2).", killed.Reason);
    }

    [Fact]
    public void Long_outputs_and_commands_stay_short()
    {
        var long_ = new FailedBuild("Step 2/2 : RUN " + new string('x', 5000), "The command returned a non-zero code: 1", string.Concat(Enumerable.Repeat(new string('y', 900) + "😀\n", 100)), 1, false) { OwnDockerfile = "FROM a\n" };
        var failure = FailureReader.Read(long_);
        Assert.InRange(failure.Tail.Length, 1, 4000);
        Assert.InRange(failure.Reason.Length, 1, 500);
        Assert.False(char.IsLowSurrogate(failure.Tail[0]));
    }

    [Theory]
    [InlineData("Step 99999999999/1 : RUN make")]
    [InlineData("STEP 99999999999/1: RUN make")]
    public void A_step_of_an_impossible_number_is_none(string title)
    {
        var failure = FailureReader.Read(new FailedBuild(title, "The command returned a non-zero code: 1", "", 1, false) { OwnDockerfile = "FROM a\nRUN make\n" });
        Assert.Null(failure.Step);
    }

    [Theory]
    [InlineData("Step 2/2 : COPY a b", 'a')]
    [InlineData("Step 2/2 : RUN make", '‘')]
    public void Of_a_very_long_error_the_end_is_looked_at_and_in_a_moment(string title, char letter)
    {
        var began = TimeProvider.System.GetTimestamp();
        var failure = FailureReader.Read(new FailedBuild(title, "No space left on device\n" + new string(letter, 1 << 20), "", null, false) { OwnDockerfile = "FROM a\nRUN make\n" });
        Assert.Equal("command-failed", failure.Cause);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 10);
    }

    private static List<SourceFile> Files(params (string Path, string Text)[] files) => [.. files.Select(file => new SourceFile(file.Path, Encoding.UTF8.GetBytes(file.Text)))];

    /// <summary>The same words of the engine, for a Dockerfile that the registry wrote.</summary>
    private static FailedBuild OfSource(string engine, string name, List<SourceFile> files)
    {
        var definition = SourceReader.Read(files, new SourceOptions()).Definition!;
        var generated = DockerfileRendition.Write(definition, new DockerfileOptions("claimed/base-python:1", new Dictionary<string, string>(), new Dictionary<string, string>()));
        var instruction = generated.Text.Split('\n').Single(line => line.Contains("\"install\"", StringComparison.Ordinal));
        var said = Load(engine, name);
        return said with { Title = $"{(engine.StartsWith("docker", StringComparison.Ordinal) ? "Step 7/16 :" : "STEP 7/16:")} {instruction}", OwnDockerfile = null, Installed = generated.Installed, Files = files };
    }

    /// <summary>A capture as the builder follows it.</summary>
    private static FailedBuild Load(string engine, string name)
    {
        var parts = File.ReadAllText(Path.Combine(Folder, engine, name + ".txt")).Split("---\n", 2);
        var (title, error) = ((string?)null, "");
        var tail = new StringBuilder();
        foreach (var line in parts[1].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var message = JsonElement.Parse(line);
            if (message.TryGetProperty("error", out var told))
                error = told.GetString()!.Trim();
            else if (message.TryGetProperty("stream", out var text) && text.GetString()!.StartsWith("Step ", StringComparison.OrdinalIgnoreCase))
                (title, _) = (text.GetString()!.TrimEnd(), tail.Clear());
            else if (message.TryGetProperty("message", out told))
                error = told.GetString()!.Trim();
            else
                tail.Append(text.ValueKind == JsonValueKind.String ? text.GetString() : "");
        }
        var code = ExitCode.Match(error) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan) : (int?)null;
        return new FailedBuild(title, error, tail.ToString(), code, false) { OwnDockerfile = parts[0] };
    }

    [GeneratedRegex(@"(?:non-zero code:|exit status) (\d+)\z")]
    private static partial Regex ExitCode { get; }
}
