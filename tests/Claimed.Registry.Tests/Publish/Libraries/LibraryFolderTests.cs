using Claimed.Registry.Publish.Libraries;
using Claimed.Registry.Tests.Words;
using Xunit;

namespace Claimed.Registry.Tests.Publish.Libraries;

/// <summary>What counts as a component in a folder that anyone may have made.</summary>
public sealed class LibraryFolderTests : IDisposable
{
    private readonly LibraryOnDisk _disk = new();

    public void Dispose() => _disk.Dispose();

    /// <summary>Each as <c>path (name, category, main): files</c>.</summary>
    private string[] Found(params IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
            _disk.Write(path.Split('<')[0], path.Split('<') is [_, var text] ? text : path.EndsWith(".ipynb", StringComparison.Ordinal) ? LibraryOnDisk.Notebook : "");
        return [.. LibraryFolder.Find(_disk.Library).Select(entry => $"{entry.Path} ({entry.Name}, {entry.Category}, {entry.Main}): {string.Join(' ', entry.Files.Select(file => file.Path))}")];
    }

    [Fact]
    public void A_folder_with_a_source_of_its_name_is_one_component_with_all_that_lies_in_it() => Assert.Equal(
        ["input/Read_It (read-it, input, ): helper.py read-it.py data/a.csv", "input/shell (shell, input, shell.sh): build.sh shell.sh", "train/fit (fit, train, fit.py): fit.py examples/demo.ipynb"],
        Found("input/Read_It/read-it.py<import helper\n", "input/Read_It/helper.py", "input/Read_It/data/a.csv", "input/Read_It/tests/test_it.py", "input/Read_It/__pycache__/x.pyc", "input/Read_It/.cache/x",
            "input/shell/shell.sh", "input/shell/build.sh", "train/fit/fit.py", "train/fit/examples/demo.ipynb", "README.md", "starter.txt"));

    [Fact]
    public void A_component_yaml_makes_its_folder_one_component() => Assert.Equal(
        ["deploy/serve (serve, deploy, ): .dockerignore Dockerfile component.yaml run.py src/other.py"],
        Found("deploy/serve/component.yaml", "deploy/serve/Dockerfile", "deploy/serve/run.py", "deploy/serve/src/other.py", "deploy/serve/.dockerignore"));

    [Fact]
    public void Among_others_each_source_is_a_component_with_its_requirements() => Assert.Equal(
        ["filter/filter.ipynb (, filter, ): filter.ipynb requirements.txt", "filter/other.ipynb (, filter, ): other.ipynb requirements.txt", "top.py (, , ): top.py", "util/a.py (, util, ): a.py", "util/b.R (, util, ): b.R",
            "util/said.sh (, util, ): said.sh"],
        Found("filter/filter.ipynb", "filter/filter.yaml", "filter/filter.cwl", "filter/other.ipynb", "filter/requirements.txt", "util/a.py", "util/b.R", "util/__init__.py", "util/setup.py", "util/test_a.py",
            "util/build.sh", "util/said.sh<#!/bin/sh\n# claimed: category=Tools\n", ".github/deploy.py", "tests/x.py", "top.py"));

    [Fact]
    public void The_only_source_of_a_folder_brings_what_lies_beside_it() => Assert.Equal(
        ["anomaly/deep/inner (, inner, ): app.py", "anomaly/deep/score.ipynb (, deep, ): score.ipynb", "anomaly/other.py (, anomaly, ): other.py", "geo (, geo, ): data.csv gdal.ipynb maps/a.png", "sql (, sql, app.py): Dockerfile app.py build.sh"],
        Found("geo/gdal.ipynb", "geo/data.csv", "geo/maps/a.png", "sql/app.py", "sql/build.sh", "sql/Dockerfile", "anomaly/deep/score.ipynb", "anomaly/deep/build.sh", "anomaly/deep/inner/app.py", "anomaly/other.py"));

    [Fact]
    public void One_source_beside_a_readme_has_the_name_of_the_folder() => Assert.Equal(
        ["filter (filter, , ): README.md filter-rows.ipynb", "metric/fair (fair, metric, ): README.md german-credit.py report.py", "some/a.py (, some, ): a.py", "some/b.py (, some, ): b.py"],
        Found("metric/fair/german-credit.py<import report\n", "metric/fair/report.py", "metric/fair/README.md", "some/a.py", "some/b.py", "some/README.md", "filter/README.md", "filter/filter-rows.ipynb"));

    [Fact]
    public void The_folder_itself_may_be_the_component() => Assert.Equal([" (, , ): data.csv only.py"], Found("only.py", "data.csv"));

    [Theory]
    [InlineData("https://git.example.org/team/library.git", "https://git.example.org/team/library.git")]
    [InlineData("https://ada:secret@git.example.org:8443/team/library?token=secret#secret", "https://git.example.org:8443/team/library")]
    [InlineData("https://ghp_secret@git.example.org/a", "https://git.example.org/a")]
    [InlineData("ssh://git@git.example.org/a.git", "ssh://git@git.example.org/a.git")]
    [InlineData("ssh://git:secret@git.example.org/a.git", "ssh://git.example.org/a.git")]
    [InlineData("git@git.example.org:team/library.git", "git@git.example.org:team/library.git")]
    [InlineData("ada@git.example.org:team/library.git", "git.example.org:team/library.git")]
    [InlineData("file:///srv/library", null)]
    [InlineData("/srv/library", null)]
    [InlineData("../library", null)]
    [InlineData("C:\\library", null)]
    [InlineData("C:/library", null)]
    [InlineData("ext::sh -c id", null)]
    [InlineData("https://git.example.org/a b", null)]
    [InlineData("https://git.example.org/a\n", null)]
    [InlineData("", null)]
    public void Only_an_address_that_others_can_use_is_told_and_no_secret_of_it(string remote, string? told) => Assert.Equal(told, GitCheckout.Public(remote));
}
