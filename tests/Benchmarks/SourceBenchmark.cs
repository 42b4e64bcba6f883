using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;

namespace Claimed.Benchmarks;

/// <summary>Reading a notebook and rendering all that clients get of it.</summary>
internal static class SourceBenchmark
{
    private const int Warm = 300;
    private const int Rounds = 300;
    private const int Large = 50 << 20;

    private static readonly string[] Forms =
        [RenditionForm.Component, RenditionForm.Elyra, RenditionForm.Operator, RenditionForm.Pipeline, RenditionForm.Job, RenditionForm.Cwl];

    public static void Run(Report report)
    {
        var typical = Notebook(outputBytes: 200 << 10);
        for (var round = 0; round < Warm; round++)
            ReadAndRender(typical);
        var times = Enumerable.Range(0, Rounds).Select(_ =>
        {
            var began = Stopwatch.GetTimestamp();
            ReadAndRender(typical);
            return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        });
        report.Add("sources", "notebook of 20 cells with pictures: read, all forms rendered", times.Median(), " ms", atMost: 5);

        // What is allocated in all, garbage counted, bounds what is ever held beside the bytes that came.
        var large = Notebook(Large);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var length = ReadAndRender(large);
        report.Add("sources", $"memory beside a notebook of {large.Length >> 20} MB while it is read", (GC.GetAllocatedBytesForCurrentThread() - before) / 1048576.0, " MB", atMost: large.Length >> 21);
        if (length == 0)
            throw new InvalidOperationException("Nothing was rendered of the large notebook.");
    }

    private static int ReadAndRender(byte[] notebook)
    {
        var reading = SourceReader.Read([new SourceFile("train_model.ipynb", notebook)], new SourceOptions());
        var definition = reading.Definition ?? throw new InvalidOperationException("The notebook was not read: " + string.Join(' ', reading.Findings.Select(finding => finding.Message)));
        var source = new RenditionSource(definition, "acme", definition.Name, "1.0.0", "localhost:8080/acme/train@sha256:" + new string('0', 64), "sha256:" + new string('b', 64),
            "http://localhost:8080/api/v1/components/acme/train/versions/1.0.0");
        var dockerfile = DockerfileRendition.Write(definition, new DockerfileOptions("claimed/base-python:1", new Dictionary<string, string>(), new Dictionary<string, string>()));
        return Forms.Sum(form => ClientRenditions.Render(form, source).Length) + UsageText.Write(source, "http://localhost:8080", null).Length + dockerfile.Text.Length;
    }

    /// <summary>Cells as people write them; their outputs are pictures of so many bytes in all.</summary>
    private static byte[] Notebook(int outputBytes)
    {
        var cells = new List<object>
        {
            new { cell_type = "markdown", metadata = new { }, source = new[] { "# Train model\n", "\n", "Trains a model on a table and says how good it is." } },
            Code("!pip install pandas==2.2.1 scikit-learn\n%pip install -q pyarrow", 0),
            Code("import os\nimport json\nimport pandas as pd\nfrom os import getenv", 0),
            Code(string.Concat(Enumerable.Range(0, 8).Select(number => $"# what input {number} means\ninput_{number} = int(os.environ.get('input_{number}', '{number}'))\n")), 0),
            Code("# the table\ndata_csv = getenv('data_csv')\noptions = json.loads(os.getenv('options', '{\"sep\": \",\"}'))\nstrict = bool(os.environ.get('strict', 'False') == 'True')", 0),
        };
        const int pictures = 15;
        cells.AddRange(Enumerable.Range(0, pictures).Select(number => Code($"def step_{number}(frame):\n    \"\"\"Does step {number}.\"\"\"\n    return frame[frame['x'] > {number}]\n\n\nplot(step_{number}(frame))", outputBytes / pictures)));
        cells.Add(Code("os.environ['score'] = str(0.9)", 0));
        return JsonSerializer.SerializeToUtf8Bytes(new { nbformat = 4, nbformat_minor = 5, metadata = new { kernelspec = new { name = "python3", language = "python" } }, cells });
    }

    private static object Code(string source, int pictureBytes) => new
    {
        cell_type = "code",
        execution_count = 1,
        metadata = new { },
        source,
        outputs = pictureBytes == 0 ? [] : new object[] { new { output_type = "display_data", metadata = new { }, data = new Dictionary<string, string> { ["image/png"] = Picture(pictureBytes) } } },
    };

    private static string Picture(int bytes) => new StringBuilder().Insert(0, "iVBORw0KGgoAAAAN", bytes / 16).ToString();
}
