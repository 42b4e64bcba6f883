using Xunit;

namespace Claimed.Components.Tests.Runners;

public sealed class PythonRunnerTests
{
    private static readonly Definition Plain = new() { Name = "x", DisplayName = "x", Language = SourceLanguage.Python, MainFile = "x.py" };

    private static readonly Definition Notebook = Plain with { Language = SourceLanguage.Notebook, MainFile = "x.ipynb" };

    [Fact]
    public void A_traceback_shows_the_source_and_not_the_runner()
    {
        using var component = new RunnableComponent(Plain, "def f():\n    raise ValueError('boom')\n\nf()\n");
        var result = component.Run();
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            $"Traceback (most recent call last):\n  File \"{component.At("x.py")}\", line 4, in <module>\n    f()\n"
            + $"  File \"{component.At("x.py")}\", line 2, in f\n    raise ValueError('boom')\nValueError: boom\n", result.Error);
    }

    [Fact]
    public void A_script_finds_its_neighbours_and_itself_as_main()
    {
        using var component = new RunnableComponent(Plain, "import sys, neighbour\nprint(__name__, __file__, sys.argv, neighbour.value)\n");
        File.WriteAllText(component.At("neighbour.py"), "value = 3");
        Assert.Equal($"__main__ {component.At("x.py")} ['{component.At("x.py")}'] 3\n", component.Run().Output);
    }

    [Fact]
    public void A_truth_value_is_pythons_word_however_a_client_writes_it()
    {
        var definition = Plain with { Inputs = [new Port { Name = "a", Type = "Boolean" }, new Port { Name = "b", Type = "String" }] };
        using var component = new RunnableComponent(definition, "import os\nprint(os.environ['a'], os.environ['b'])");
        Assert.Equal("True true\n", component.Run("a=true", "b=true").Output);
    }

    [Fact]
    public void The_path_of_the_runner_may_stand_in_front_of_the_arguments()
    {
        using var component = new RunnableComponent(Plain with { Inputs = [new Port { Name = "a", Type = "String" }] }, "import os\nprint(os.environ['a'])");
        Assert.Equal("1\n", component.Run("/opt/claimed/run", "a=1").Output);
    }

    [Fact]
    public void A_message_of_sys_exit_goes_to_standard_error()
    {
        using var component = new RunnableComponent(Plain, "import sys\nsys.exit('no data')");
        Assert.Equal(new ProgramResult(1, "", "no data\n"), component.Run());
    }

    [Fact]
    public void A_signal_ends_a_script_as_it_would_without_the_runner()
    {
        using var component = new RunnableComponent(Plain, "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)");
        Assert.Equal(128 + 15, component.Run().ExitCode);
    }

    [Fact]
    public void A_directory_that_an_output_names_is_copied()
    {
        var definition = Plain with { Outputs = [new Port { Name = "model", Type = "Model", Passing = PortPassing.File }] };
        using var component = new RunnableComponent(definition, "import os\nos.makedirs('m/a')\nopen('m/a/w', 'w').write('1')\nos.environ['model'] = 'm'");
        Assert.Equal("", component.Run("model=out/model").Error);
        Assert.Equal("1", component.Read("out/model/a/w"));
    }

    [Fact]
    public void The_first_failing_cell_ends_a_notebook_without_colours()
    {
        using var component = new RunnableComponent(Notebook, RunnableComponent.Notebook("print('one')", "1/0", "print('three')"));
        var result = component.Run();
        Assert.Equal((1, "one\n"), (result.ExitCode, result.Output));
        Assert.Contains("ZeroDivisionError: division by zero", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Error);
    }

    [Theory]
    [InlineData("import sys\nsys.exit(4)", 4)]
    [InlineData("exit()", 0)]
    [InlineData("this is no python", 1)]
    [InlineData("import os\nos._exit(9)", 9)]
    [InlineData("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)", 143)]
    [InlineData("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time\ntime.sleep(9)", 130)]
    [InlineData("%%bash\nexit 3", 1)]
    public void A_notebook_keeps_its_exit_code(string cell, int code)
    {
        using var component = new RunnableComponent(Notebook, RunnableComponent.Notebook(cell, "print('after')"));
        var result = component.Run();
        Assert.Equal(code, result.ExitCode);
        Assert.DoesNotContain("after", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("To exit", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_notebook_has_magics_await_and_the_shell()
    {
        using var component = new RunnableComponent(Notebook, RunnableComponent.Notebook(
            "x = 1\nx", "!echo from-shell", "%%bash\necho from-bash", "import asyncio\nawait asyncio.sleep(0)\nprint('awaited')", "%time y = 2", "print(y)"));
        var result = component.Run();
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("from-shell\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("from-bash\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("awaited\n", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("2\n", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("!pip install nothing==0")]
    [InlineData("%pip install -q nothing==0")]
    [InlineData("!pip3 install a \\\n  b")]
    [InlineData("! {sys.executable} -m pip install nothing")]
    [InlineData("if True:\n    !python -m pip install nothing")]
    [InlineData("!apt-get update && apt-get install -y nothing")]
    [InlineData("!apt-get install -y nothing && apt-get clean && rm -rf /var/lib/apt/lists/*")]
    [InlineData("%%bash\n# packages\npip install nothing\nsudo apt-get install -y nothing")]
    public void What_the_build_has_installed_is_not_installed_again(string cell)
    {
        using var component = new RunnableComponent(Notebook, RunnableComponent.Notebook(cell, "print('after')"));
        Assert.Equal(new ProgramResult(0, "after\n", ""), component.Run());
    }

    [Fact]
    public void Other_lines_of_a_cell_with_installs_still_run()
    {
        using var component = new RunnableComponent(Notebook, RunnableComponent.Notebook("!pip install nothing\nprint('a')\n!echo pip install", "%%bash\npip install nothing\necho b", "!pip install nothing; echo c"));
        var result = component.Run(new Dictionary<string, string> { ["PIP_NO_INDEX"] = "1" });
        Assert.Contains("a\npip install\nb\n", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("c\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Install_lines_in_the_text_of_a_document_stay()
    {
        using var component = new RunnableComponent(Notebook, RunnableComponent.Notebook("%%bash\npip install nothing\ncat <<-'END' | tr -d '\\t'\n\tpip install text\n\tEND\necho after"));
        Assert.Equal(new ProgramResult(0, "pip install text\nafter\n", ""), component.Run());
    }

    [Fact]
    public void A_home_that_cannot_be_written_is_replaced()
    {
        using var component = new RunnableComponent(Plain, "import os\nprint(os.environ['HOME'], os.environ['USER'])");
        var result = component.Run(new Dictionary<string, string> { ["HOME"] = "/nowhere", ["USER"] = "" });
        Assert.Equal("/tmp claimed\n", result.Output);
    }
}
