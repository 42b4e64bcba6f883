using System.Text;
using Claimed.Components.Sources;
using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class UploadTests
{
    private const string Code = "x = 1\n";
    private const string Notebook = """{"cells": [{"cell_type": "code", "source": "x = 1"}], "nbformat": 4}""";
    private const string Component = "name: x\nimplementation: {container: {image: a, command: [a]}}";

    [Fact]
    public void A_component_yaml_comes_before_a_notebook_and_a_notebook_before_scripts()
    {
        (string, string)[] files = [("README.md", "# x"), ("LICENSE", ""), ("helper.py", Code), ("main.py", Code), ("x.ipynb", Notebook)];
        Assert.Equal("x.ipynb", Reading.Of(files).Definition!.MainFile);
        Assert.Equal("component.yml", Reading.Of([.. files, ("component.yml", Component)]).Definition!.MainFile);
    }

    [Theory]
    [InlineData("import helper")]
    [InlineData("from helper import f")]
    [InlineData("from . import helper")]
    [InlineData("from .helper import f")]
    [InlineData("import os, helper as h")]
    public void A_script_that_another_one_imports_is_not_the_source(string import) =>
        Assert.Equal("work.py", Reading.Of(("helper.py", Code), ("work.py", import + "\n" + Code), ("lib/__init__.py", ""), ("test_work.py", "import os")).Definition!.MainFile);

    [Fact]
    public void Two_possible_sources_are_named_in_the_error_and_the_field_main_decides()
    {
        SourceFile[] files = [Reading.File("a.py", Code), Reading.File("sub/b.py", Code), Reading.File("c.py", Code)];
        var error = SourceReader.Read(files, new()).Only("main-ambiguous");
        Assert.Contains("a.py", error.Message, StringComparison.Ordinal);
        Assert.Contains("c.py", error.Message, StringComparison.Ordinal);
        Assert.Equal("sub/b.py", SourceReader.Read(files, new(Main: "sub/b.py")).Definition!.MainFile);
        Assert.Equal("sub/b.py", SourceReader.Read(files, new(Main: "b.py")).Definition!.MainFile);
        Assert.Equal(Severity.Error, SourceReader.Read(files, new(Main: "d.py")).Only("main-missing").Severity);
    }

    [Fact]
    public void An_upload_without_source_says_what_to_send()
    {
        Reading.Of().Only("upload-empty");
        Reading.Of(("README.md", "# x"), ("Dockerfile", "FROM scratch")).Only("source-missing");
        Reading.Of(("x.py", "# nothing\n")).Only("source-empty");
    }

    [Theory]
    [InlineData("x.py", Code, Severity.Warning)]
    [InlineData("component.yaml", Component, Severity.Warning)]
    [InlineData("x.ipynb", Notebook, Severity.Error)]
    public void A_byte_order_mark_is_an_error_where_it_breaks_the_program_that_reads_the_file(string path, string text, Severity severity)
    {
        var reading = SourceReader.Read([new(path, (byte[])[0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)])], new());
        Assert.Equal(severity, reading.Only("byte-order-mark").Severity);
        Assert.NotNull(reading.Definition);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_an_error_at_the_first_wrong_character()
    {
        var error = SourceReader.Read([new("x.py", (byte[])[.. "a = 1\nb = 'é"u8, 0xE9, .. "'"u8])], new()).Only("not-utf-8");
        Assert.Equal((2, 7), (error.Position.Line, error.Position.Column));
        SourceReader.Read([new("x.py", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(Code)).ToArray())], new()).Only("not-utf-8");
    }

    [Fact]
    public void A_nul_character_is_an_error_at_its_place() =>
        Assert.Equal((2, 2), (Reading.Of(("x.py", "a\nb\0")).Only("nul-character").Position.Line, Reading.Of(("x.py", "a\nb\0")).Only("nul-character").Position.Column));

    [Fact]
    public void A_kind_of_file_that_nobody_reads_is_refused_by_name() =>
        SourceReader.Read([Reading.File("x.exe", "MZ")], new(Main: "x.exe")).Only("language-not-supported");

    [Fact]
    public void Findings_come_in_the_order_of_the_files_and_their_lines()
    {
        var findings = Reading.Of(("requirements.txt", "a;b;c"), ("x.py", "b = os.environ[x]\n# claimed: nonsense\n")).Findings;
        Assert.Equal(["requirement-refused", "description-missing", "input-name-computed", "front-matter-unknown"], findings.Select(finding => finding.Code));
    }

    [Fact]
    public void More_findings_than_anyone_reads_are_cut_to_the_heaviest()
    {
        var source = string.Concat(Enumerable.Range(0, 1000).Select(i => $"x{i} = os.environ[k{i}]\n")) + "y = (\n";
        var reading = Reading.Script(source);
        Assert.Equal(201, reading.Findings.Count);
        reading.Only("source-syntax");
        reading.Only("more-findings");
    }

    [Fact]
    public void A_component_with_hundreds_of_ports_is_refused() =>
        Reading.Script(string.Concat(Enumerable.Range(0, 300).Select(i => $"x{i} = os.environ['x{i}']\n"))).Only("too-many-ports");

    [Theory]
    [InlineData("# claimed: category=Metric, group=AIX360/LIME tags=a,b\n")]
    [InlineData("# claimed: category: Metric\n#claimed: group: AIX360/LIME\n# Claimed: tags = a, b\n")]
    public void Front_matter_says_category_group_and_tags(string lines)
    {
        var component = Reading.Sound(lines + Code);
        Assert.Equal(("Metric", "AIX360/LIME"), (component.Category, component.Group));
        Assert.Equal(["a", "b"], component.Tags);
    }

    [Fact]
    public void Front_matter_may_name_the_component()
    {
        var component = Reading.Sound("# claimed: name=My Filter\n" + Code);
        Assert.Equal(("my-filter", "My Filter"), (component.Name, component.DisplayName));
    }

    [Fact]
    public void A_declared_port_that_the_source_never_touches_is_a_warning() =>
        Assert.Equal(1, Reading.Script("# claimed: output model: Model from output_model\nx = 1").Only("port-not-used").Position.Line);

    [Fact]
    public void A_component_yaml_at_the_top_wins_over_the_field_main_and_says_so()
    {
        SourceFile[] files = [Reading.File("a.py", Code), Reading.File("component.yaml", Component)];
        var reading = SourceReader.Read(files, new(Main: "a.py"));
        Assert.Equal("component.yaml", reading.Definition!.MainFile);
        Assert.Equal(Severity.Warning, reading.Only("main-ignored").Severity);
        SourceReader.Read(files, new(Main: "./component.yaml")).HasNo("main-ignored");
    }

    [Fact]
    public void The_field_main_wins_over_everything_that_lies_deeper()
    {
        SourceFile[] files = [Reading.File("a.py", Code), Reading.File("b.py", Code), Reading.File("x.ipynb", Notebook), Reading.File("data/component.yaml", Component)];
        Assert.Equal("b.py", SourceReader.Read(files, new(Main: "b.py")).Definition!.MainFile);
        Assert.Equal("data/component.yaml", SourceReader.Read(files, new()).Definition!.MainFile);
    }

    [Fact]
    public void Two_notebooks_need_the_field_main()
    {
        SourceFile[] files = [Reading.File("a.ipynb", Notebook), Reading.File("b.ipynb", Notebook), Reading.File(".ipynb_checkpoints/a.ipynb", Notebook)];
        SourceReader.Read(files, new()).Only("main-ambiguous");
        Assert.Equal("b.ipynb", SourceReader.Read(files, new(Main: "b.ipynb")).Definition!.MainFile);
    }

    [Fact]
    public void A_script_that_another_one_sources_is_not_the_source()
    {
        Assert.Equal("run.sh", Reading.Of(("lib.sh", "x=1"), ("run.sh", ". ./lib.sh\necho ${y:-1}")).Definition!.MainFile);
        Assert.Equal("run.R", Reading.Of(("lib.R", "x <- 1"), ("run.R", "source('lib.R')\n")).Definition!.MainFile);
    }
}
