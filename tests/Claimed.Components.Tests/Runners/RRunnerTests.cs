using Xunit;

namespace Claimed.Components.Tests.Runners;

public sealed class RRunnerTests
{
    private static readonly Definition Count = new()
    {
        Name = "count",
        DisplayName = "count",
        Language = SourceLanguage.R,
        MainFile = "work/count.ipynb",
        Inputs = [new Port { Name = "rows", Type = PortTypes.Integer, Default = "5", Optional = true }],
        Outputs = [new Port { Name = "count", Type = PortTypes.String }],
    };

    [Fact]
    public void A_notebook_in_r_runs_cell_after_cell()
    {
        using var component = new RunnableComponent(Count, RunnableComponent.Notebook(
            "rows <- as.integer(Sys.getenv('rows', '5'))", "twice <- function(x) {\n  2 * x\n}", "twice(rows)\nSys.setenv(count = twice(rows))"));
        var result = component.Run("rows=21", "count=out/count");
        Assert.Equal(new ProgramResult(0, "[1] 42\n", ""), result);
        Assert.Equal("42", component.Read("out/count"));
    }

    [Fact]
    public void The_exit_code_of_a_notebook_in_r_is_kept()
    {
        using var component = new RunnableComponent(Count, RunnableComponent.Notebook("quit(status = 7)", "cat('ghost')"));
        var result = component.Run("count=out/count");
        Assert.Equal((7, ""), (result.ExitCode, result.Output));
    }

    [Fact]
    public void Packages_that_the_image_has_are_not_installed_again()
    {
        using var component = new RunnableComponent(Count with { MainFile = "count.R" }, "install.packages(c('stats', 'utils'), repos = 'http://127.0.0.1:1')\ncat('went on\\n')\nSys.setenv(count = '1')");
        Assert.Equal(new ProgramResult(0, "went on\n", ""), component.Run("count=out/count"));
    }
}
