using System.Text;
using System.Text.Json.Nodes;
using Claimed.Components.Sources;
using Claimed.Components.Sources.Notebooks;
using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class NotebookOutputsTests
{
    [Fact]
    public void Outputs_and_counts_go_and_every_other_byte_stays()
    {
        const string notebook = """
            {"cells" : [
              {"cell_type":"code", "execution_count": 12, "metadata": {"outputs": [1], "execution_count": 3},
               "outputs": [ {"data": {"image/png": "iVBOR\u00e9"}, "execution_count": 12}, {} ],  "source": ["outputs = [1]\n", "é\u00e9"]},
              {"cell_type": "markdown", "source": "\"outputs\": [1]"},
              {"outputs": [ ], "execution_count": null, "cell_type": "code", "source": ""}
            ], "metadata": {"outputs": [1], "cells": [{"outputs": [1]}]}, "nbformat": 4}

            """;
        const string bare = """
            {"cells" : [
              {"cell_type":"code", "execution_count": null, "metadata": {"outputs": [1], "execution_count": 3},
               "outputs": [],  "source": ["outputs = [1]\n", "é\u00e9"]},
              {"cell_type": "markdown", "source": "\"outputs\": [1]"},
              {"outputs": [ ], "execution_count": null, "cell_type": "code", "source": ""}
            ], "metadata": {"outputs": [1], "cells": [{"outputs": [1]}]}, "nbformat": 4}

            """;
        Assert.Equal(bare, Without(notebook));
        Assert.Equal(bare, Without(bare));
        Assert.NotNull(JsonNode.Parse(bare));
    }

    [Fact]
    public void A_notebook_without_outputs_is_not_copied()
    {
        ReadOnlyMemory<byte> notebook = Encoding.UTF8.GetBytes("""{"cells": [{"cell_type": "code", "outputs": [], "source": "x"}], "nbformat": 4}""");
        Assert.True(NotebookOutputs.Without(notebook).Equals(notebook));
    }

    [Fact]
    public void Notebooks_of_format_three_lose_theirs_too() => Assert.Equal(
        """{"metadata": {}, "worksheets": [{"cells": [{"cell_type": "code", "input": "x", "outputs": []}], "metadata": {}}, {"cells": []}], "nbformat": 3}""",
        Without("""{"metadata": {}, "worksheets": [{"cells": [{"cell_type": "code", "input": "x", "outputs": [{"text": "y"}]}], "metadata": {}}, {"cells": []}], "nbformat": 3}"""));

    [Theory]
    [InlineData("")]
    [InlineData("{\"cells\": [{\"outputs\": [1]")]
    [InlineData("[1]")]
    [InlineData("{\"\\udfff\": 1, \"cells\": [{\"\\udfff\\ud800outputs\": [1]}]}")]
    [InlineData("{\"cells\": {\"outputs\": [1]}}")]
    [InlineData("{\"cells\": [1, [2], {\"outputs\": {\"a\": 1}}], \"worksheets\": 1}")]
    public void What_is_no_notebook_comes_back_as_it_is(string text) => Assert.Equal(text, Without(text));

    [Fact]
    public void Only_notebooks_are_touched()
    {
        var text = """{"cells": [{"outputs": [1]}]}""";
        var files = NotebookOutputs.Without([Reading.File("a.json", text), Reading.File("sub/b.ipynb", text)]);
        Assert.Equal([text, """{"cells": [{"outputs": []}]}"""], files.Select(file => Encoding.UTF8.GetString(file.Content.Span)));
    }

    [Fact]
    public void Fifty_megabytes_of_outputs_cost_no_second_copy()
    {
        var notebook = Encoding.UTF8.GetBytes($$"""{"cells": [{"cell_type": "code", "outputs": ["{{new string('x', 50_000_000)}}"], "source": "x = os.environ['x']"}], "nbformat": 4}""");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var bare = NotebookOutputs.Without(notebook);
        Assert.Single(SourceReader.Read([new("x.ipynb", notebook)], new()).Definition!.Inputs, port => port.Name == "x");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.True(bare.Length < 100);
    }

    private static string Without(string notebook) => Encoding.UTF8.GetString(NotebookOutputs.Without(Encoding.UTF8.GetBytes(notebook)).Span);
}
