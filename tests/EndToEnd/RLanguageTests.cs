using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>
/// R from its upload to its outputs, in containers without a network and of any user. The base image takes more than a minute to make where it
/// is not in the cache, so that only a long run (<c>LONG=1</c>) has these tests.
/// </summary>
public sealed class RLanguageTests(RegistryWithEngine registry)
{
    private const string Base = "claimed/base-r:1";

    private const string Script = """
        # Counts the rows of a table.

        # the table
        data <- Sys.getenv("data_csv", "data.csv")
        # only rows with at least this age
        age <- as.integer(Sys.getenv("age", "0"))
        rows <- read.csv(data)
        rows <- rows[rows$age >= age, ]
        cat("user", Sys.getenv("USER"), "rows", nrow(rows), "\n")
        write.csv(rows, file.path(tempdir(), "rows.csv"))
        # how many there are
        Sys.setenv(count = nrow(rows))
        """;

    private const string Notebook = """
        {"cells": [
          {"cell_type": "markdown", "source": "# Mean\nThe mean of a column."},
          {"cell_type": "code", "source": "column <- Sys.getenv(\"column\")  # its name\nrows <- read.csv(Sys.getenv('data_csv', 'data.csv'))"},
          {"cell_type": "code", "source": ["mean(rows[[column]])\n", "# the mean\n", "Sys.setenv(mean = mean(rows[[column]]))"]}],
         "metadata": {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, "nbformat": 4}
        """;

#if LONG
    [Theory]
    [InlineData("count.R", Script, new[] { "age=18", "count=/data/out/result" }, "user claimed rows 4", "4")]
    [InlineData("mean.ipynb", Notebook, new[] { "column=score", "mean=/data/out/result" }, "[1] 8", "8")]
#endif
    public async Task A_source_in_r_is_built_and_runs_as_any_user_without_a_network(string path, string text, string[] arguments, string output, string result)
    {
        (await Shell.RunAsync("bash", [RepositoryFolder.Of("deploy/base-images.sh"), "--load", registry.Engine.Endpoint, $"{Base}=r-base-core,ca-certificates"], limit: TimeSpan.FromMinutes(15))).Succeeded();
        var name = "acme/r-" + Path.GetFileNameWithoutExtension(path);
        var version = await registry.Host.PublishAsync(name, "1.0.0", path, text, new Dictionary<string, string> { ["baseImage"] = Base });
        version.AssertReady();
        (await registry.Engine.DockerAsync("pull", (string)version["image"]!)).Succeeded();
        using var work = new Workspace().With("people.csv");

        var run = await registry.Engine.DockerAsync(["run", "--rm", "--network", "none", "--user", "12345:0", "-v", $"{work.Folder}:/data", (string)version["image"]!, "data_csv=/data/people.csv", .. arguments]);

        Assert.True(run.ExitCode == 0, run.Out + run.Err);
        Assert.Contains(output, run.Out, StringComparison.Ordinal);
        Assert.Equal("", run.Err);
        Assert.StartsWith(result, work.Read("out/result"), StringComparison.Ordinal);
    }
}
