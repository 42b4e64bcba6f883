using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>
/// The pipeline input → filter → train → predict of four notebooks whose front matter declares files. Each runs in a container of its own;
/// what one writes is carried to the next as a backend does it, for they share no disk.
/// </summary>
[Trait("Database", "any")]
public sealed class FilePortTests(RegistryWithEngine registry)
{
    private const string Input = """
        # claimed: output table: Dataset from output_table
        import os
        # how many rows to make
        rows = int(os.environ.get('rows', '20'))
        output_table = os.environ['output_table']
        with open(output_table, 'w') as file:
            print('x,y', file=file)
            for x in range(-rows, rows):
                print(x, 3 * x + 2 if x >= 0 else 1000, sep=',', file=file)
        """;

    private const string Filter = """
        # claimed: input data_csv: Dataset
        # claimed: output rows: Dataset from output_rows
        import os
        data_csv = os.environ['data_csv']
        # smallest x to keep
        least = float(os.environ.get('least', '0'))
        with open(data_csv) as file:
            head, *lines = file.read().splitlines()
        with open(os.environ['output_rows'], 'w') as file:
            file.write('\n'.join([head] + [line for line in lines if float(line.split(',')[0]) >= least]))
        """;

    // Least squares by hand: nothing has to be installed.
    private const string Train = """
        # claimed: input training_data: Dataset
        # claimed: output model: Model from output_model
        import json
        import os
        with open(os.environ['training_data']) as file:
            points = [tuple(map(float, line.split(','))) for line in file.read().splitlines()[1:]]
        n = len(points)
        mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
        slope = sum((x - mx) * (y - my) for x, y in points) / sum((x - mx) ** 2 for x, _ in points)
        os.environ['error'] = str(max(abs(my + slope * (x - mx) - y) for x, y in points))
        # The runner carries a file that the source left elsewhere to its port.
        with open('/tmp/weights.json', 'w') as file:
            json.dump({'slope': slope, 'intercept': my - slope * mx}, file)
        os.environ['output_model'] = '/tmp/weights.json'
        """;

    private const string Predict = """
        # claimed: input model: Model
        # claimed: input data: Dataset
        # claimed: output predictions: Dataset from output_predictions
        import json
        import os
        with open(os.environ['model']) as file:
            model = json.load(file)
        with open(os.environ['data']) as file:
            xs = [float(line.split(',')[0]) for line in file.read().splitlines()[1:]]
        with open(os.environ['output_predictions'], 'w') as file:
            for x in xs:
                print(x, model['slope'] * x + model['intercept'], sep=',', file=file)
        """;

    [Fact]
    public async Task Four_notebooks_are_wired_by_their_files_over_containers_that_share_no_disk()
    {
        var steps = new Dictionary<string, JsonNode>();
        foreach (var (name, code) in ((string, string)[])[("make-table", Input), ("keep-rows", Filter), ("train-line", Train), ("predict-line", Predict)])
        {
            steps[name] = await registry.Host.PublishAsync($"acme/{name}", "1.0.0", name.Replace('-', '_') + ".ipynb", Notebook(name, code));
            steps[name].AssertReady();
        }
        Assert.Equal(["Dataset", "Dataset", "Dataset", "Model", "Dataset"],
            [
                Type(steps["make-table"], "outputs", "table"), Type(steps["keep-rows"], "inputs", "data_csv"), Type(steps["train-line"], "inputs", "training_data"),
                Type(steps["predict-line"], "inputs", "model"), Type(steps["predict-line"], "inputs", "data"),
            ]);

        using var work = new Workspace();
        await RunAsync(steps["make-table"], work, ["rows=10"], [], ["table"]);
        await RunAsync(steps["keep-rows"], work, [], [("data_csv", "table")], ["rows"]);
        await RunAsync(steps["train-line"], work, [], [("training_data", "rows")], ["model", "error"]);
        await RunAsync(steps["predict-line"], work, [], [("model", "model"), ("data", "table")], ["predictions"]);

        Assert.Equal(0, double.Parse(work.Read("error"), CultureInfo.InvariantCulture), 6);
        Assert.Equal(Enumerable.Range(-10, 20).Select(x => (double)(3 * x) + 2),
            work.Read("predictions").TrimEnd().Split('\n').Select(line => Math.Round(double.Parse(line.Split(',')[1], CultureInfo.InvariantCulture), 6)));
    }

    /// <summary>Runs a step as any user without a network, and takes its outputs out of the container that ended.</summary>
    private async Task RunAsync(JsonNode version, Workspace work, string[] values, (string Port, string File)[] inputs, string[] outputs)
    {
        const string place = "/tmp/claimed";
        var container = (await registry.Engine.DockerAsync(
        [
            "create", "--user", "12345:0", "--network", "none", (string)version["image"]!, .. values,
            .. inputs.Select(input => $"{input.Port}={place}-{input.Port}"), .. outputs.Select(output => $"{output}={place}/{output}/data"),
        ])).Succeeded();
        try
        {
            foreach (var (port, file) in inputs)
                (await registry.Engine.DockerAsync("cp", work[file], $"{container}:{place}-{port}")).Succeeded();
            var run = await registry.Engine.DockerAsync("start", "--attach", container);
            Assert.True(run.ExitCode == 0, run.Out + run.Err);
            foreach (var output in outputs)
                (await registry.Engine.DockerAsync("cp", $"{container}:{place}/{output}/data", work[output])).Succeeded();
        }
        finally
        {
            await registry.Engine.DockerAsync("rm", "-f", container);
        }
    }

    private static string? Type(JsonNode version, string direction, string name)
    {
        var port = version[direction]!.AsArray().Single(port => (string?)port!["name"] == name)!;
        Assert.Equal("file", (string?)port["passing"]);
        return (string?)port["type"];
    }

    private static string Notebook(string title, string code) => new JsonObject
    {
        ["nbformat"] = 4,
        ["nbformat_minor"] = 5,
        ["metadata"] = new JsonObject { ["kernelspec"] = new JsonObject { ["name"] = "python3" } },
        ["cells"] = new JsonArray(
            new JsonObject { ["cell_type"] = "markdown", ["metadata"] = new JsonObject(), ["source"] = "# " + title },
            new JsonObject { ["cell_type"] = "code", ["metadata"] = new JsonObject(), ["outputs"] = new JsonArray(), ["source"] = code }),
    }.ToJsonString();
}
