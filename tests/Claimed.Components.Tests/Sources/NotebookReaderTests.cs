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
    [InlineData("{\"cells\": [], \"metadata\": {\"kernelspec\": {\"name\": \"julia-1.10\", \"language\": \"julia\"}}, \"nbformat\": 4}", "notebook-language-not-supported")]
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
                       {"cell_type": "code", "source": "/print 'it\nx = 10 % 3\n%time y = os.environ.get('y')\n%timeit os.environ.get('ghost')\nz = os.environ.get('z')"}], "nbformat": 4}
            """, "x.ipynb");
        Assert.Equal(["log_level", "y", "z"], component.Inputs.Select(port => port.Name));
    }

    [Fact]
    public void A_variable_that_the_notebook_sets_for_itself_is_no_port()
    {
        var component = Reading.Sound("""
            {"cells": [{"cell_type": "code", "source": "%env a=1\n%set_env b 2\n%env c\nx = os.environ['a'] + os.environ['b'] + os.environ['c']"}], "nbformat": 4}
            """, "x.ipynb");
        Assert.Equal(["log_level", "c"], component.Inputs.Select(port => port.Name));
        Assert.Empty(component.Outputs);
    }

    [Fact]
    public void The_text_of_a_document_in_a_shell_cell_installs_nothing() => Assert.Equal(["real"], Reading.Sound("""
        {"cells": [{"cell_type": "code", "source": "%%bash\ncat <<E > f.txt\npip install ghost\nE\npip install real"}], "nbformat": 4}
        """, "x.ipynb").Requirements.SelectMany(requirement => requirement.Packages));

    [Fact]
    public void Of_a_key_that_stands_twice_the_last_one_counts_as_for_who_runs_it()
    {
        var component = Reading.Sound("""
            {"cells": [{"cell_type": "code", "source": "x = os.environ['ghost']"}],
             "cells": [{"cell_type": "code", "source": "x = os.environ['ghost']", "source": ["x = 1\n", "y = os.environ['y']"], "input": "x = os.environ['ghost']"}], "nbformat": 4}
            """, "x.ipynb");
        var at = component.Input("y").Position;
        Assert.Equal((2, 2, 1, 2), (component.Inputs.Count, at.Line, at.Cell, at.CellLine));
    }

    [Fact]
    public void Without_markdown_the_docstring_of_the_first_cell_describes_the_notebook() => Assert.Equal("About it.", Reading.Sound("""
        {"cells": [{"cell_type": "code", "source": "\"\"\"About it.\"\"\"\nx = 1"}, {"cell_type": "code", "source": "'ghost'"}], "nbformat": 4}
        """, "x.ipynb").Description);

    [Theory]
    [InlineData("{\"kernelspec\": {\"name\": \"ir\", \"display_name\": \"R\"}}", SourceLanguage.R)]
    [InlineData("{\"kernelspec\": {\"name\": \"conda-env-r\", \"language\": \"R\"}}", SourceLanguage.R)]
    [InlineData("{\"kernelspec\": {\"name\": \"ir\"}, \"language_info\": {\"name\": \"python\"}}", SourceLanguage.Notebook)]
    [InlineData("{\"kernelspec\": null}", SourceLanguage.Notebook)]
    [InlineData("null", SourceLanguage.Notebook)]
    public void The_language_is_that_of_the_kernel(string metadata, SourceLanguage language) => Assert.Equal(language,
        Reading.Sound("{\"cells\": [{\"cell_type\": \"code\", \"source\": \"x = 1\"}], \"metadata\": " + metadata + ", \"nbformat\": 4}", "x.ipynb").Language);

    private const string InR = """
        {
         "cells": [
          {"cell_type": "markdown", "source": ["# Summary\n", "Counts rows."]},
          {"cell_type": "code", "outputs": [], "source": ["# claimed: category=Metric\n", "install.packages(\"readr\")\n", "library(readr)"]},
          {"cell_type": "code", "outputs": [{"text": "Sys.getenv('ghost')"}], "source": [
           "# how many\n",
           "rows <- as.integer(Sys.getenv(\"rows\", \"5\"))\n"]},
          {"cell_type": "code", "outputs": [], "source": "x <- Sys.getenv(name)\n# the number\nSys.setenv(count = rows)"}
         ],
         "metadata": {"kernelspec": {"display_name": "R", "language": "R", "name": "ir"}, "language_info": {"name": "R"}},
         "nbformat": 4
        }
        """;

    [Fact]
    public void A_notebook_in_r_is_read_as_a_script_in_r_is()
    {
        var reading = Reading.Of(("row_count.ipynb", InR));
        var component = reading.Definition!;
        Assert.Equal((SourceLanguage.R, "row_count.ipynb", "# Summary\nCounts rows.", "Metric"), (component.Language, component.MainFile, component.Description, component.Category));
        var rows = Assert.Single(component.Inputs);
        Assert.Equal(("rows", PortTypes.Integer, "5", "how many"), (rows.Name, rows.Type, rows.Default, rows.Description));
        Assert.Equal((3, 2), (rows.Position.Cell, rows.Position.CellLine));
        Assert.Equal(("count", "the number"), (Assert.Single(component.Outputs).Name, component.Outputs[0].Description));
        Assert.Equal((PackageManager.Cran, "readr"), (component.Requirements[0].Manager, component.Requirements[0].Packages[0]));
        Assert.Equal((4, 1), (reading.Only("input-name-computed").Position.Cell, reading.Only("input-name-computed").Position.CellLine));
    }

    [Fact]
    public void A_notebook_in_r_is_not_run_by_an_image_that_exists() => Assert.Equal(Severity.Error,
        Claimed.Components.Sources.SourceReader.Read([Reading.File("x.ipynb", InR)], new(ExistingImage: "a/b:1")).Only("notebook-language-not-supported").Severity);

    [Fact]
    public void The_metadata_of_a_notebook_says_what_front_matter_says()
    {
        var component = Reading.Sound("""
            {"cells": [{"cell_type": "code", "source": ["x = os.environ.get('data_csv', 'a.csv')\n", "y = os.environ.get('output_model')\n", "n = os.environ.get('n', '3')"]}],
             "metadata": {"claimed": {"category": "Metric", "group": "Fairness", "tags": ["a", "b"], "base": "team/base:1", "license": "MIT", "cpu": 2,
                "resources": {"memory": "2Gi", "gpu": "1"}, "inputs": {"data_csv": "Dataset", "n": "Integer"},
                "outputs": [{"name": "model", "type": "Model", "from": "output_model", "description": "the fit"}]}}, "nbformat": 4}
            """, "x.ipynb");
        Assert.Equal(("Metric", "Fairness", "team/base:1", "MIT"), (component.Category, component.Group, component.BaseImage, component.License));
        Assert.Equal(new Resources("2", "2Gi", "1"), component.Resources);
        Assert.Equal(["a", "b"], component.Tags);
        Assert.Equal((PortPassing.File, "Dataset"), (component.Input("data_csv").Passing, component.Input("data_csv").Type));
        Assert.Equal((PortTypes.Integer, "3"), (component.Input("n").Type, component.Input("n").Default));
        Assert.Equal(("Model", "output_model", "the fit"), (component.Output("model").Type, component.Output("model").Variable, component.Output("model").Description));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"colour\": \"red\"}")]
    [InlineData("{\"category\": [1]}")]
    [InlineData("{\"category\": \"a\\ud800\"}")]
    [InlineData("{\"inputs\": 1}")]
    [InlineData("{\"inputs\": {\"a b\": \"Dataset\"}}")]
    [InlineData("{\"outputs\": [{\"name\": \"x\"}]}")]
    public void Metadata_that_is_not_understood_is_a_warning_at_its_line(string claimed)
    {
        var warning = Reading.Of(("x.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"x = 1\"}],\n\"metadata\": {\"claimed\": " + claimed + "}, \"nbformat\": 4}")).Only("notebook-metadata-unknown");
        Assert.Equal((Severity.Warning, 2), (warning.Severity, warning.Position.Line));
    }

    [Fact]
    public void The_oldest_notebooks_describe_their_ports_apart_from_the_code()
    {
        var reading = Reading.Of(("x.ipynb", """
            {"cells": [{"cell_type": "code", "source": ["# @dependency codait_utils.ipynb\n", "# @dependency metadata\n", "# @param image_column name on the metadata containing\n", "# the file name of the image\n",
                          "# @param epochs number of epochs\n", "# @returns model zip file\n", "# (a folder in the next version)"]},
                       {"cell_type": "code", "source": ["image_column = os.environ.get('image_column', 'a')\n", "epochs = int(os.environ.get('epochs', '1'))\n", "os.environ['result'] = 'x'"]}], "nbformat": 4}
            """));
        var component = reading.Definition!;
        Assert.Equal("name on the metadata containing the file name of the image", component.Input("image_column").Description);
        Assert.Equal("number of epochs", component.Input("epochs").Description);
        Assert.Equal("model zip file (a folder in the next version)", component.Output("result").Description);
        Assert.Equal((1, 1), (reading.Only("dependency-file-missing").Position.Cell, reading.Only("dependency-file-missing").Position.CellLine));
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
