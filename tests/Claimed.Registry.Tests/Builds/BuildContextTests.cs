using System.Text;
using Claimed.Components;
using Claimed.Components.Sources;
using Claimed.Registry.Builds;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

[Trait("Database", "any")]
public sealed class BuildContextTests
{
    private static readonly BuildOptions Site = new() { BaseImages = { ["python"] = "site/python:1", ["r"] = "site/r:1" } };

    [Theory]
    [InlineData(null, null, "site/python:1")]
    [InlineData(null, "team/base:2", "team/base:2")]
    [InlineData("asked/for:3", "team/base:2", "asked/for:3")]
    public void The_field_wins_over_the_source_and_the_source_over_the_site(string? field, string? source, string expected)
    {
        var definition = Read("x.py", source is null ? "x = 1" : $"# claimed: base={source}\nx = 1", out var files);
        Assert.StartsWith($"FROM {expected}\n", BuildContext.For(definition, files, field, Site, new Dictionary<string, string>()).Dockerfile, StringComparison.Ordinal);
    }

    [Fact]
    public void A_notebook_in_r_is_built_on_the_base_for_r_with_its_code_as_a_script()
    {
        var definition = Read("x.ipynb", """
            {"cells": [{"cell_type": "code", "source": "x <- 1"}, {"cell_type": "markdown", "source": "t"}, {"cell_type": "code", "source": ["y <- 2\n", "z"]}],
             "metadata": {"kernelspec": {"language": "R"}}, "nbformat": 4}
            """, out var files);
        var context = BuildContext.For(definition, files, null, Site, new Dictionary<string, string>());
        Assert.StartsWith("FROM site/r:1\n", context.Dockerfile, StringComparison.Ordinal);
        Assert.Equal("x <- 1\n\ny <- 2\nz\n\n", Encoding.UTF8.GetString(context.Files.Single(file => file.Path == "claimed/notebook.R").Content.Span));
        Assert.Contains(context.Files, file => file.Path == "source/x.ipynb");
    }

    private static Definition Read(string path, string text, out IReadOnlyList<SourceFile> files)
    {
        files = [new SourceFile(path, Encoding.UTF8.GetBytes(text))];
        return SourceReader.Read(files, new SourceOptions()).Definition!;
    }
}
