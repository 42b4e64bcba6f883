using System.Text;
using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class NotebookReaderTests
{
    /// <summary>As Jupyter saves it, with sources as lists; outputs hold text that looks like reads.</summary>
    private const string ConfusionMatrix = """
        {
         "cells": [
          {
           "cell_type": "markdown",
           "metadata": {},
           "source": ["# Confusion matrix\n", "\n", "Draws a \"picture\" of the errors."]
          },
          {
           "cell_type": "markdown",
           "metadata": {},
           "source": "Second part."
          },
          {
           "cell_type": "code",
           "execution_count": 1,
           "metadata": {},
           "outputs": [{"output_type": "stream", "name": "stdout", "text": ["os.environ.get('ghost')"]}],
           "source": [
            "%%capture\n",
            "!pip install -q scikit-learn==1.4.0 \\\n",
            "    'matplotlib>=3'\n",
            "%pip install pandas\n",
            "!{sys.executable} -m pip install numpy\n",
            "%matplotlib inline\n",
            "files = !ls 'it\n",
            "# claimed: category=Metric"
           ]
          },
          {
           "cell_type": "code",
           "metadata": {},
           "outputs": [],
           "source": "%%bash\napt-get update && apt-get install -y \\\n  libgomp1 graphviz\necho it's done\nexport x=os.environ.get('ghost')"
          },
          {
           "source": [
            "import os\n",
            "# the label é\n",
            "\tlabel = os.environ.get('label',\n",
            "   'target')\n",
            "normalize = bool(os.environ.get('normalize', 'False') == 'True')\n"
           ],
           "cell_type": "code",
           "metadata": {},
           "outputs": []
          },
          {
           "cell_type": "markdown",
           "metadata": {},
           "source": ["Not the description."]
          },
          {
           "cell_type": "code",
           "metadata": {},
           "outputs": [],
           "source": ["# share of right answers\n", "os.environ['accuracy'] = str(0.5)"]
          }
         ],
         "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "conda-env-py"}, "language_info": {"name": "python"}},
         "nbformat": 4,
         "nbformat_minor": 5
        }
        """;

    [Fact]
    public void A_notebook_becomes_a_component_with_all_its_ports()
    {
        var component = Reading.Sound(ConfusionMatrix, "claimed_Confusion_Matrix.ipynb");

        Assert.Equal("confusion-matrix", component.Name);
        Assert.Equal(SourceLanguage.Notebook, component.Language);
        Assert.Equal("# Confusion matrix\n\nDraws a \"picture\" of the errors.\n\nSecond part.", component.Description);
        Assert.Equal("Metric", component.Category);
        Assert.Equal(["log_level", "label", "normalize"], component.Inputs.Select(port => port.Name));
        Assert.Equal(("target", "the label é"), (component.Input("label").Default, component.Input("label").Description));
        Assert.Equal((PortTypes.Boolean, "False"), (component.Input("normalize").Type, component.Input("normalize").Default));
        Assert.Equal("share of right answers", Assert.Single(component.Outputs).Description);
    }

    [Fact]
    public void Install_lines_are_found_after_bang_and_percent_and_in_shell_cells()
    {
        var component = Reading.Sound(ConfusionMatrix, "x.ipynb");

        Assert.Equal(["scikit-learn==1.4.0", "matplotlib>=3", "pandas", "numpy"], Packages(PackageManager.Pip));
        Assert.Equal(["libgomp1", "graphviz"], Packages(PackageManager.Apt));

        string[] Packages(PackageManager manager) =>
            [.. component.Requirements.Where(requirement => requirement.Manager == manager).SelectMany(requirement => requirement.Packages)];
    }

    [Fact]
    public void A_port_knows_its_place_in_the_file_and_in_the_cell()
    {
        var at = Reading.Sound(ConfusionMatrix, "x.ipynb").Input("label").Position;

        var line = ConfusionMatrix.Split('\n')[at.Line - 1];
        Assert.StartsWith("os.environ.get('label'", line[(at.Column - 1)..], StringComparison.Ordinal);
        Assert.Equal((5, 3), (at.Cell, at.CellLine));
    }

    [Fact]
    public void A_place_behind_wide_characters_is_right_in_a_file_of_one_line()
    {
        const string notebook = """{"cells":[{"cell_type":"code","source":"a = '\u00e9😀é\t\"'\nb = os.environ.get(name)"}],"nbformat":4}""";
        var at = Reading.Of(("x.ipynb", notebook)).Only("input-name-computed").Position;
        Assert.StartsWith("os.environ.get(name)", notebook[(at.Column - 1)..], StringComparison.Ordinal);
        Assert.Equal((1, 1, 2), (at.Line, at.Cell, at.CellLine));
    }

    [Fact]
    public void Notebooks_of_format_three_are_read()
    {
        var component = Reading.Sound("""
            {"worksheets": [{"cells": [
              {"cell_type": "heading", "level": 1, "source": "Filter"},
              {"cell_type": "code", "input": ["x = os.environ.get('x', '1')"], "outputs": []}]}],
             "metadata": {"name": ""}, "nbformat": 3}
            """, "filter.ipynb");
        Assert.Equal("Filter", component.Description);
        Assert.Equal("1", component.Input("x").Default);
    }

    [Theory]
    [InlineData("{\n \"cells\": [}", 2, 12)]
    [InlineData("{\n \"cells\": []", 2, 13)]
    [InlineData("", 1, 1)]
    [InlineData("<<<<<<< HEAD\n{}", 1, 1)]
    [InlineData("{}\n{}", 2, 1)]
    public void A_file_that_is_no_json_is_an_error_with_its_place(string text, int line, int column)
    {
        var error = Reading.Of(("x.ipynb", text)).Only("notebook-not-json");
        Assert.Equal((Severity.Error, line, column), (error.Severity, error.Position.Line, error.Position.Column));
    }

    [Theory]
    [InlineData("[]", "notebook-invalid")]
    [InlineData("{\"cells\": {}}", "notebook-invalid")]
    [InlineData("{\"cells\": [1]}", "notebook-invalid")]
    [InlineData("{\"cells\": [{\"cell_type\": \"code\", \"source\": 5}]}", "notebook-invalid")]
    [InlineData("{\"cells\": [{\"cell_type\": \"code\", \"source\": \"a\\ud800\"}]}", "notebook-invalid")]
    [InlineData("{\"cells\": [], \"nbformat\": 4}", "source-empty")]
    [InlineData("{\"cells\": [], \"nbformat\": 2}", "notebook-format-unknown")]
    [InlineData("{\"cells\": [], \"metadata\": {\"kernelspec\": {\"name\": \"ir\", \"language\": \"R\"}}, \"nbformat\": 4}", "notebook-language-not-supported")]
    public void A_notebook_that_cannot_be_read_says_why(string text, string code)
    {
        var reading = Reading.Of(("x.ipynb", text));
        Assert.Equal(Severity.Error, reading.Only(code).Severity);
        Assert.Null(reading.Definition);
    }

    [Fact]
    public void Aliases_of_one_cell_hold_in_the_next_ones()
    {
        var component = Reading.Sound("""
            {"cells": [{"cell_type": "code", "source": "from os import environ as env"},
                       {"cell_type": "code", "source": "x = env['x']"}], "nbformat": 4}
            """, "x.ipynb");
        Assert.False(component.Input("x").Optional);
    }

    [Fact]
    public void Cells_in_other_languages_are_passed_over()
    {
        var component = Reading.Sound("""
            {"cells": [{"cell_type": "code", "source": "%%javascript\nlet x = 'it"},
                       {"cell_type": "code", "source": "%%writefile a.py\nos.environ.get('ghost')"},
                       {"cell_type": "code", "source": "x = 10 % 3\n%time y = os.environ.get('ghost')\nz = os.environ.get('z')"}], "nbformat": 4}
            """, "x.ipynb");
        Assert.Equal(["log_level", "z"], component.Inputs.Select(port => port.Name));
    }

    [Fact]
    public void Megabytes_of_outputs_cost_no_more_than_passing_over_them()
    {
        var output = new string('x', 5_000_000);
        var deep = new string('[', 900) + new string(']', 900);
        var notebook = Encoding.UTF8.GetBytes(
            $$"""{"cells": [{"cell_type": "code", "outputs": ["{{output}}", {{deep}}], "source": "x = os.environ['x']"}], "nbformat": 4}""");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reading = Claimed.Components.Sources.SourceReader.Read([new("x.ipynb", notebook)], new());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Single(reading.Definition!.Inputs, port => port.Name == "x");
    }
}
