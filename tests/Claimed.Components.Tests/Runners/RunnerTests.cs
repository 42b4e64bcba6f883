using Claimed.Components.Runners;
using Xunit;

namespace Claimed.Components.Tests.Runners;

/// <summary>What holds for the runner of every language. Each language has one source that says the same things.</summary>
public sealed class RunnerTests
{
    private static readonly Definition Interface = new()
    {
        Name = "count-rows",
        DisplayName = "Count rows",
        Language = SourceLanguage.Python,
        MainFile = "lib/count_rows.py",
        Inputs =
        [
            new Port { Name = "city", Type = "String" },
            new Port { Name = "limit", Type = "Integer", Default = "10" },
            new Port { Name = "token", Type = "String", Optional = true, Secret = true },
            new Port { Name = "data", Type = "Dataset", Passing = PortPassing.File, Optional = true, Variable = "data_csv" },
            new Port { Name = "exit_code", Type = "Integer", Default = "0" },
            new Port { Name = "rate", Type = "Float", Optional = true },
        ],
        Outputs =
        [
            new Port { Name = "rows", Type = "Integer" },
            new Port { Name = "table", Type = "Dataset", Passing = PortPassing.File, Variable = "output_table" },
            new Port { Name = "model", Type = "Model", Passing = PortPassing.File },
        ],
    };

    private const string Python = """
        import os, sys
        print("city", os.environ["city"], "limit", os.getenv("limit", "10"), "token", os.getenv("token", "none"), "data", os.getenv("data_csv", "none"))
        print("rows", os.getenv("rows", "unset"))
        os.environ["rows"] = "5" if os.environ["city"] != "quotes" else 'a "b"\n\\c'
        with open(os.environ["output_table"], "w") as file:
            file.write("x,y")
        with open("model.bin", "w") as file:
            file.write("weights")
        os.environ["model"] = "model.bin"
        sys.exit(int(os.getenv("exit_code", "0")))
        """;

    private const string R = """
        rm(list = ls())
        cat("city", Sys.getenv("city"), "limit", Sys.getenv("limit", "10"), "token", Sys.getenv("token", "none"), "data", Sys.getenv("data_csv", "none"))
        cat("\nrows", Sys.getenv("rows", "unset"), "\n")
        Sys.setenv(rows = if (Sys.getenv("city") != "quotes") "5" else "a \"b\"\n\\c")
        cat("x,y", file = Sys.getenv("output_table"))
        cat("weights", file = "model.bin")
        Sys.setenv(model = "model.bin")
        quit(status = as.integer(Sys.getenv("exit_code", "0")))
        """;

    private const string Shell = """
        #!/bin/sh
        set -eu
        echo "city $city limit ${limit:-10} token ${token:-none} data ${data_csv:-none}"
        echo "rows ${rows:-unset}"
        if [ "$city" != quotes ]; then rows=5; else rows='a "b"
        \c'; fi
        printf 'x,y' > "$output_table"
        printf 'weights' > model.bin
        model=model.bin
        exit "${exit_code:-0}"
        """;

    public static TheoryData<SourceLanguage> Languages =>
        [SourceLanguage.Python, SourceLanguage.Notebook, SourceLanguage.R, SourceLanguage.Shell];

    [Theory]
    [MemberData(nameof(Languages))]
    public void Inputs_come_from_arguments_and_outputs_reach_their_paths(SourceLanguage language)
    {
        using var component = Component(language);
        var result = component.Run("city=Łódź = 1", "limit=3", "token=", "data=/in/data.csv", "rows=out/rows/data", "table=out/table/data", "model=out/model/data");
        Assert.Equal("", result.Error);
        Assert.Equal("city Łódź = 1 limit 3 token none data /in/data.csv\nrows unset", Trimmed(result.Output));
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("5", component.Read("out/rows/data"));
        Assert.Equal("x,y", component.Read("out/table/data"));
        Assert.Equal("weights", component.Read("out/model/data"));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Inputs_and_outputs_come_from_the_environment(SourceLanguage language)
    {
        using var component = Component(language);
        var result = component.Run(new Dictionary<string, string>
        {
            ["city"] = "Bern",
            ["token"] = "s3cret",
            ["data_csv"] = "/in/a.csv",
            ["rows"] = "out/rows",
            ["output_table"] = "out/table",
            ["model"] = "out/model",
        });
        Assert.Equal("", result.Error);
        Assert.Equal("city Bern limit 10 token s3cret data /in/a.csv\nrows unset", Trimmed(result.Output));
        Assert.Equal("5", component.Read("out/rows"));
        Assert.Equal("x,y", component.Read("out/table"));
        Assert.Equal("weights", component.Read("out/model"));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void An_unresolved_placeholder_counts_as_not_given_and_the_environment_stays(SourceLanguage language)
    {
        using var component = Component(language);
        var result = component.Run(
            new Dictionary<string, string> { ["token"] = "from-secret", ["limit"] = "", ["data_csv"] = "{{$.inputs.artifacts['data'].path}}" },
            "city=Bern", "limit={{$.inputs.parameters['limit']}}", "token={{$.inputs.parameters['token']}}", "data={{$.inputs.artifacts['data'].path}}", "exit_code=");
        Assert.Equal("", result.Error.Replace("claimed: the component ended without the output 'rows'\n", "", StringComparison.Ordinal));
        Assert.Equal("city Bern limit 10 token from-secret data none\nrows unset", Trimmed(result.Output));
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void A_missing_required_input_is_named(SourceLanguage language)
    {
        using var component = Component(language);
        var result = component.Run("limit=3", "city=");
        Assert.Equal(2, result.ExitCode);
        Assert.Equal("claimed: missing input: city (String); pass each as name=value or as an environment variable\n", result.Error);
        Assert.Equal("", result.Output);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void What_is_no_number_is_named_before_the_source_begins(SourceLanguage language)
    {
        using var component = Component(language);
        var result = component.Run(new Dictionary<string, string> { ["limit"] = "tcp://10.0.0.1:80" }, "city=Bern", "rate=1,5");
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Equal("claimed: 'limit' takes a number of type Integer, which 'tcp://10.0.0.1:80' is not; 'rate' takes a number of type Float, which '1,5' is not\n", result.Error);
        foreach (var odd in (string[])["limit=3.5", "limit=inf", "limit=1\n2", "limit=--3", "limit=x", "rate=1\n2", "rate=.", "rate=e5", "rate=1 2"])
            Assert.Equal((odd, 2), (odd, component.Run("city=Bern", odd).ExitCode));
        foreach (var number in (string[])["limit=-3", "limit=+3", "limit=007", "limit=3.0", "limit=123456789012345678901234567890", "limit= 3", "rate=-.5", "rate=5.", "rate=1e-3", "rate=3", "rate=inf", "rate=NaN"])
            Assert.Equal((number, 0), (number, component.Run("city=Bern", number).ExitCode));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void An_undeclared_argument_is_refused_with_the_declared_ones(SourceLanguage language)
    {
        using var component = Component(language);
        var result = component.Run("city=Bern", "colour=red");
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            "claimed: 'colour' is not declared by this component; declared are: city, limit, token, data, exit_code, rate, rows, table, model\n", result.Error);
        Assert.Equal("claimed: the argument '--help' is not of the form name=value\n", component.Run("--help").Error);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void The_exit_code_is_kept_and_a_failed_run_writes_no_values(SourceLanguage language)
    {
        using var component = Component(language);
        var result = component.Run("city=Bern", "exit_code=7", "rows=out/rows");
        Assert.Equal(7, result.ExitCode);
        Assert.Equal("", result.Error);
        Assert.False(File.Exists(component.At("out/rows")));
        Assert.True(Directory.Exists(component.At("out")));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Without_paths_values_are_not_written_and_files_go_to_the_outputs_folder(SourceLanguage language)
    {
        using var component = Component(language);
        var result = component.Run("city=Bern");
        Assert.Equal("", result.Error);
        Assert.Equal("x,y", component.Read("outputs/table"));
        Assert.Equal("weights", component.Read("outputs/model"));
        Assert.False(File.Exists(component.At("outputs/rows")));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Values_also_go_to_a_result_file_as_json(SourceLanguage language)
    {
        using var component = Component(language);
        Assert.Equal("", component.Run("city=quotes", "claimed.result=" + component.At("result.json"), "rows=rows.txt").Error);
        Assert.Equal("a \"b\"\n\\c", System.Text.Json.JsonSerializer.Deserialize<string>(component.Read("result.json")));
        Assert.Equal("a \"b\"\n\\c", component.Read("rows.txt"));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void A_file_that_the_source_wrote_itself_is_left_alone(SourceLanguage language)
    {
        using var component = Component(language, language switch
        {
            SourceLanguage.R => "writeLines('mine', 'out/rows'); Sys.setenv(rows = '5')",
            SourceLanguage.Shell => "#!/usr/bin/env bash\necho mine > out/rows\nrows=5\n",
            _ => "import os\nopen('out/rows', 'w').write('mine\\n')\nos.environ['rows'] = '5'",
        });
        component.Run("city=Bern", "rows=out/rows");
        Assert.Equal("mine\n", component.Read("out/rows"));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void A_source_that_ends_by_itself_writes_its_outputs_and_a_missing_one_is_said(SourceLanguage language)
    {
        using var component = Component(language, language switch
        {
            SourceLanguage.R => "Sys.setenv(rows = '5')",
            SourceLanguage.Shell => "rows=5",
            _ => "import os\nos.environ['rows'] = '5'",
        });
        var result = component.Run("city=Bern", "rows=out/rows", "table=out/table");
        Assert.Equal("5", component.Read("out/rows"));
        Assert.Equal("claimed: the component ended without the output 'table'\nclaimed: the component ended without the output 'model'\n", result.Error);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void A_source_of_no_ports_runs(SourceLanguage language)
    {
        var definition = Of(language) with { Inputs = [], Outputs = [] };
        using var component = new RunnableComponent(definition, SourceOf(language, language switch { SourceLanguage.R => "cat('hello\n')", SourceLanguage.Shell => "echo hello", _ => "print('hello')" }));
        Assert.Equal(new ProgramResult(0, "hello\n", ""), component.Run());
    }

    private static readonly string[] OddValues =
        ["a\nb", "\n", "ends with\n\n", "-n", "--help", "=a=b=", "a \"b\" 'c' `id` $(id) $HOME \\n \\", "é😀 名", "*", "~", " a ", "\t", "%s %d", "#", new string('x', 100_000)];

    [Theory]
    [MemberData(nameof(Languages))]
    public void A_value_reaches_the_source_and_its_output_as_it_is(SourceLanguage language)
    {
        var numbers = Enumerable.Range(0, OddValues.Length).ToList();
        var definition = Of(language) with
        {
            Inputs = numbers.ConvertAll(number => new Port { Name = $"v{number}", Type = "String" }),
            Outputs = numbers.ConvertAll(number => new Port { Name = $"r{number}", Type = "String" }),
        };
        using var component = new RunnableComponent(definition, SourceOf(language, language switch
        {
            SourceLanguage.R => "for (i in 0:14) do.call(Sys.setenv, setNames(list(Sys.getenv(paste0('v', i))), paste0('r', i)))",
            SourceLanguage.Shell => "i=0; while [ $i -lt 15 ]; do eval \"r$i=\\$v$i\"; i=$((i + 1)); done",
            _ => "import os\nfor i in range(15):\n    os.environ[f'r{i}'] = os.environ[f'v{i}']",
        }));

        var paths = numbers.Select(number => $"r{number}=out/r{number}").ToArray();
        Assert.Equal(new ProgramResult(0, "", ""), component.Run([.. OddValues.Select((value, number) => $"v{number}={value}"), .. paths]));
        Assert.Equal(OddValues, numbers.Select(number => component.Read($"out/r{number}")));
        Directory.Delete(component.At("out"), recursive: true);
        Assert.Equal(new ProgramResult(0, "", ""), component.Run(OddValues.Select((value, number) => ($"v{number}", value)).ToDictionary(pair => pair.Item1, pair => pair.value), paths));
        Assert.Equal(OddValues, numbers.Select(number => component.Read($"out/r{number}")));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void A_signal_ends_the_source_at_once_and_writes_no_values(SourceLanguage language)
    {
        using var component = Component(language, language switch
        {
            SourceLanguage.R => "Sys.setenv(rows = '5'); cat('1', file = 'started'); Sys.sleep(60)",
            SourceLanguage.Shell => "#!/bin/bash\nrows=5\necho 1 > started\nsleep 60\n",
            _ => "import os, time\nos.environ['rows'] = '5'\nopen('started', 'w').close()\ntime.sleep(60)",
        });
        using var process = component.Start("city=a", "rows=out/rows");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(component.At("started")), TimeSpan.FromSeconds(30)));
        ExternalProgram.Run("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(20)));
        Assert.Equal(128 + 15, process.ExitCode);
        Assert.False(File.Exists(component.At("out/rows")));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Without_input_and_in_a_directory_that_nobody_can_write_a_source_runs(SourceLanguage language)
    {
        using var component = Component(language, Copying(language));
        var arguments = (string[])["-c", "cd /proc && exec \"$0\" \"$@\" <&-", component.Runner, "city=a", $"rows={component.At("new/folder/rows")}", $"table={component.At("t")}", $"model={component.At("m")}"];
        var result = ExternalProgram.Run("sh", arguments, environment: component.Environment);
        Assert.Equal((0, ""), (result.ExitCode, result.Output));
        Assert.Equal("a", component.Read("new/folder/rows"));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void What_a_source_wants_done_at_its_end_is_done_behind_the_outputs(SourceLanguage language)
    {
        using var component = Component(language, language switch
        {
            SourceLanguage.R => "Sys.setenv(rows = '5'); .Last <- function() cat('last\\n'); quit(save = 'no', status = 0)",
            SourceLanguage.Shell => "rows=5\ntrap 'echo last' EXIT\nexit 0",
            _ => "import atexit, os, sys\nos.environ['rows'] = '5'\natexit.register(print, 'last')\nsys.exit()",
        });
        Assert.Equal((0, "last\n"), (component.Run("city=a", "rows=out/rows") is var result ? result.ExitCode : 1, result.Output));
        Assert.Equal("5", component.Read("out/rows"));
    }

    private static string Copying(SourceLanguage language) => language switch
    {
        SourceLanguage.R => "Sys.setenv(rows = Sys.getenv('city'))",
        SourceLanguage.Shell => "rows=$city",
        _ => "import os\nos.environ['rows'] = os.environ['city']",
    };

    [Fact]
    public void A_name_that_is_no_variable_gets_no_runner()
    {
        foreach (var (language, name) in new[] { (SourceLanguage.Shell, "x; rm -rf /"), (SourceLanguage.Python, "a=b"), (SourceLanguage.R, "a\tb"), (SourceLanguage.Python, "claimed.result") })
        {
            var definition = Of(language) with { Inputs = [new Port { Name = name, Type = "String" }] };
            Assert.Throws<ArgumentException>(() => RunnerFiles.For(definition));
        }
    }

    [Fact]
    public void A_variable_may_have_a_name_that_no_shell_knows()
    {
        using var component = new RunnableComponent(Interface with { Inputs = [new Port { Name = "api-key", Type = "String" }], Outputs = [] }, "import os\nprint(os.environ['api-key'])");
        Assert.Equal("7\n", component.Run("api-key=7").Output);
    }

    private static RunnableComponent Component(SourceLanguage language, string? source = null) => new(Of(language), SourceOf(language, source ?? language switch
    {
        SourceLanguage.R => R,
        SourceLanguage.Shell => Shell,
        _ => Python,
    }));

    private static string SourceOf(SourceLanguage language, string source) => language == SourceLanguage.Notebook ? RunnableComponent.Notebook(source) : source;

    private static Definition Of(SourceLanguage language) => Interface with
    {
        Language = language,
        MainFile = "lib/count_rows" + language switch { SourceLanguage.Notebook => ".ipynb", SourceLanguage.R => ".R", SourceLanguage.Shell => ".sh", _ => ".py" },
    };

    private static string Trimmed(string output) => string.Join('\n', output.Split('\n').Select(line => line.TrimEnd())).TrimEnd();
}
