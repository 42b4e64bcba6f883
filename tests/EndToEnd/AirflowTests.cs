using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>The sample DAG on the installed wheel: its containers are real, Airflow's classes are stand-ins (<c>airflow/run_dag.py</c>).</summary>
[Trait("Database", "any")]
public sealed class AirflowTests(RegistryWithEngine registry)
{
    private static readonly string Python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    [Fact]
    public async Task The_sample_DAG_runs_in_containers_that_share_only_the_workspace()
    {
        foreach (var (name, folder) in new[] { ("filter-csv", "transform/filter-csv"), ("confusion-matrix", "metric/confusion-matrix") })
            (await registry.Host.PublishAsync($"demo/{name}", "1.0.0", Publishing.Shipped(folder))).AssertReady();
        using var work = new Workspace().With("predictions.csv");
        using var site = new Workspace();
        (await Shell.RunAsync(Python,
            ["-m", "pip", "install", "--isolated", "--disable-pip-version-check", "--target", site.Folder, "--index-url", $"{registry.Host.Address}catalogs/airflow/simple/", "claimed-demo"])).Succeeded();

        var run = await Shell.RunAsync(Python, [RepositoryFolder.Of("tests/EndToEnd/airflow/run_dag.py"), registry.Engine.Endpoint, RepositoryFolder.Of("deploy/samples/airflow/filtered_confusion.py")],
            new Dictionary<string, string?> { ["PYTHONPATH"] = site.Folder, ["WORKSPACE"] = work.Folder });

        var told = JsonNode.Parse(run.Succeeded().Split('\n')[^1])!;
        const string kept = "/workspace/filtered-confusion.manual__2026-01-05T10-00-00-00-00.keep-some.filtered";
        Assert.Equal(kept, (string?)told["keep-some"]!["return_value"]);
        Assert.Equal("/workspace/metrics.json", (string?)told["compare"]!["metrics"]);
        Assert.DoesNotContain("bird", work.Read(Path.GetFileName(kept)), StringComparison.Ordinal);
        Assert.InRange((double)JsonNode.Parse(work.Read("metrics.json"))!["accuracy"]!, 0.01, 1);
        Assert.Empty((await registry.Engine.DockerAsync("ps", "--all", "--quiet", "--filter", $"volume={work.Folder}")).Succeeded());
    }
}
