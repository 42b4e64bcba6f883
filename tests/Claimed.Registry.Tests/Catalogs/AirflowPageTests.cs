using System.Net;
using System.Text.RegularExpressions;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>docs/clients/airflow.md: its commands are run as they stand there, its lines of Python on stand-ins of Airflow's classes.</summary>
[Trait("Database", "any")]
public sealed class AirflowPageTests : IAsyncLifetime
{
    private static readonly string Page = File.ReadAllText(RepositoryFolder.Of("docs/clients/airflow.md")).ReplaceLineEndings("\n");

    private static readonly string Python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-airflow-page-").FullName;
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistryHost.StartAsync();
        var source = await File.ReadAllTextAsync(RepositoryFolder.Of("components/transform/filter-csv/filter-csv.py"));
        var published = await _host.PublishAsync("demo", "filter-csv", "1.0.0", new Multipart().Source("filter-csv.py", source).Field("image", Samples.Image));
        Assert.True(published.Status == HttpStatusCode.Created && published["state"] == "ready", published.Text);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Blocks(string language) => string.Concat(Regex.Matches(Page, $"```{language}\n(.*?)```", RegexOptions.Singleline).Select(block => block.Groups[1].Value));

    [Fact]
    public async Task Every_command_does_what_the_page_says()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "airflow", "dags"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "pip"), $"#!/bin/sh\nexec {Python} -m pip \"$@\"\n");
        var ran = await Shell.RunAsync("bash", ["-euc", $"chmod +x \"$HOME/pip\"; PATH=$HOME:$PATH\n{Blocks("sh").Replace("localhost:8080", _host.Address.Authority, StringComparison.Ordinal)}"],
            new Dictionary<string, string?>
            {
                ["HOME"] = _folder,
                ["TOKEN"] = RegistryHost.AdminToken,
                ["AIRFLOW_HOME"] = Path.Combine(_folder, "airflow"),
                ["PIP_TARGET"] = Path.Combine(_folder, "site"),
                ["PIP_UPGRADE"] = "1",
                ["PIP_CONFIG_FILE"] = "/dev/null",
                ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1",
            }, folder: RepositoryFolder.Of("."));
        var said = ran.Succeeded();
        Assert.Equal(2, Regex.Count(said, "Successfully installed claimed-demo-1\\."));
        Assert.Contains("Available versions: 1.", said, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "airflow", "dags", "filtered_confusion.py")));
        Assert.Contains("airflow-provider-package-catalog", await File.ReadAllTextAsync(Path.Combine(_folder, ".local/share/jupyter/metadata/component-catalogs/demo-operators.json")), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal((UnixFileMode)0b001_111_111_111, File.GetUnixFileMode(Path.Combine(_folder, "workspace")));

        var task = await Shell.RunAsync(Python, ["-c", $"""
            import sys
            sys.path[:0] = [{PythonPath("site")}, {PythonText(RepositoryFolder.Of("tests/Claimed.Components.Tests/Wheels"))}]
            import airflow_stand_in
            airflow_stand_in.KubernetesPodOperator.__init__ = (lambda given: lambda self, *, namespace=None, **kwargs: given(self, **kwargs))(airflow_stand_in.KubernetesPodOperator.__init__)
            airflow_stand_in.install()
            {Blocks("python").ReplaceLineEndings("\n            ")}
            pod = kept.build_pod_request_obj(airflow_stand_in.Context(run_id="r"))
            print(pod.image, *[word for word in pod.cmds if word.startswith(("/workspace/people", "age "))], pod.volumes[0].persistent_volume_claim.claim_name)
            """.Replace("\n            ", "\n", StringComparison.Ordinal)]);
        Assert.Equal($"{Samples.Image} /workspace/people.csv age >= {{{{ params.age }}}} pipeline-data", task.Succeeded());
    }

    private string PythonPath(string name) => PythonText(Path.Combine(_folder, name));

    private static string PythonText(string text) => $"'{text}'";
}
