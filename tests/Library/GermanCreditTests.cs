using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claimed.Components;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Library;

/// <summary>
/// The sample deploy/samples/german-credit: each of its forms runs the same steps, and what it says of a component is what the component takes. With
/// <c>KFP_SDK_PATH</c>, <c>ELYRA_HARNESS_BASE</c> and <c>AIRFLOW_PATH</c> (a PYTHONPATH) their tools read the forms, too.
/// </summary>
[Trait("Database", "any")]
public sealed class GermanCreditTests(GermanCreditTests.Published published) : IClassFixture<GermanCreditTests.Published>
{
    private const string Python = "/usr/bin/python3";

    private static readonly string Sample = RepositoryFolder.Of("deploy/samples/german-credit");

    private static readonly string[] Components = ["input-url", "filter-csv", "train-test-split", "train-sklearn", "predict-sklearn", "confusion-matrix", "aif360-predictions"];

    /// <summary>A registry with the components of the sample, ready under images that nobody runs.</summary>
    public sealed class Published : IAsyncLifetime
    {
        public RegistryHost Host { get; private set; } = null!;

        public string Folder { get; } = Directory.CreateTempSubdirectory("claimed-german-credit-").FullName;

        public string Address => Host.Address.ToString().TrimEnd('/');

        public async ValueTask InitializeAsync()
        {
            // Elyra's catalog names the public address.
            var port = FreePorts.Next();
            Host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Registry:PublicUrl"] = $"http://127.0.0.1:{port}" }, port: port);
            foreach (var component in ShippedComponent.All.Where(component => Components.Contains(component.Name)))
            {
                var upload = new Multipart().Field("image", Samples.Image);
                foreach (var file in component.Files)
                    upload.Source(file.Path, file.Content.Span);
                var answer = await Host.PublishAsync("claimed", component.Name, "0.1.0", upload);
                Assert.True(answer.Status == HttpStatusCode.Created && answer["state"] == "ready", $"{component.Folder}: {answer.Text}");
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }

        public string New(string name) => Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
    }

    [Fact]
    public async Task The_form_for_Kubeflow_Pipelines_fits_the_components()
    {
        var file = Path.Combine(published.New("kfp"), "pipeline.yaml");
        (await CompileAsync(RepositoryFolder.Of("tests/compatibility/standins"), file)).Succeeded();
        await AssertStepsAsync("kfp", file);
        if (Given("KFP_SDK_PATH") is not { } sdk)
            return;
        (await CompileAsync(sdk, file)).Succeeded();
        Assert.Equal(8, (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Split($"image: {Samples.Image}").Length - 1);
    }

    [Fact]
    public async Task The_form_for_Elyra_fits_the_components()
    {
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Sample, "german-credit.pipeline"), TestContext.Current.CancellationToken), await PipelineAsync() + "\n");
        var folder = published.New("elyra");
        var file = Path.Combine(folder, "german-credit.pipeline");
        await File.WriteAllTextAsync(file, await PipelineAsync(published.Address), TestContext.Current.CancellationToken);
        await AssertStepsAsync("elyra", file);
        var defaults = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!["pipelines"]![0]!["nodes"]!.AsArray();
        Assert.All(defaults, node => AssertWhole(node!));
        if (Given("ELYRA_HARNESS_BASE") is not null)
            (await Shell.RunAsync(Python, ["-B", "-W", "ignore", Script("elyra_export.py"), published.Address, file, folder])).Succeeded();
    }

    [Fact]
    public async Task The_form_for_Airflow_fits_the_components()
    {
        var site = published.New("site");
        (await Shell.RunAsync(Python, ["-m", "pip", "install", "-q", "--isolated", "--no-deps", "--disable-pip-version-check", "--root-user-action=ignore", "--target", site,
            "--index-url", $"{published.Address}/catalogs/airflow/simple/", "claimed-claimed"])).Succeeded();
        var file = Path.Combine(Sample, "german_credit_airflow.py");
        await AssertStepsAsync("airflow", file, $"{site}:{RepositoryFolder.Of("tests/Claimed.Components.Tests/Wheels")}");
        if (Given("AIRFLOW_PATH") is not { } airflow)
            return;
        var read = await Shell.RunAsync(Python, ["-B", "-c", "import sys; from airflow.models import DagBag; b = DagBag(sys.argv[1], include_examples=False, read_dags_from_db=False); print(b.import_errors, *[len(d.tasks) for d in b.dags.values()])", file],
            new Dictionary<string, string?> { ["PYTHONPATH"] = $"{airflow}:{site}", ["AIRFLOW_HOME"] = published.New("airflow"), ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False", ["PYTHONWARNINGS"] = "ignore" });
        Assert.Equal("{} 8", read.Succeeded().Split('\n')[^1]);
    }

    [Fact]
    public async Task The_script_for_docker_fits_the_components()
    {
        var ran = await RunLocalAsync("docker");
        Assert.Contains("/fairness-age.html, picture ", ran.Succeeded(), StringComparison.Ordinal);
        await AssertStepsAsync("docker", Path.Combine(published.Folder, "docker", "log"));
        var without = await RunLocalAsync("without", null, "--without", "fairness", "--registry", "https://reg.example/", "--docker", "tcp://engine:1", "--tag", "0.1.0");
        Assert.DoesNotContain("html", without.Succeeded(), StringComparison.Ordinal);
        var log = await File.ReadAllTextAsync(Path.Combine(published.Folder, "without", "log"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("aif360", log, StringComparison.Ordinal);
        Assert.Contains("\"-H\", \"tcp://engine:1\", \"run\"", log, StringComparison.Ordinal);
        Assert.Contains("\"reg.example/claimed/input-url:0.1.0\"", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_script_for_docker_says_what_it_lacks()
    {
        var ran = await RunLocalAsync("lacks", lacks: "aif360");
        Assert.Equal(1, ran.ExitCode);
        Assert.Contains("error: the image localhost:8080/claimed/aif360-predictions:latest cannot be had: manifest unknown; if it was not built yet, it is being built now that it was asked for: wait, and run this again; the rest runs with --without fairness", ran.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("\"run\"", await File.ReadAllTextAsync(Path.Combine(published.Folder, "lacks", "log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("error: --tag needs a value", (await RunLocalAsync("usage", null, "--tag")).Err, StringComparison.Ordinal);
    }

    private static string? Given(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static string Script(string name) => RepositoryFolder.Of($"tests/Library/samples/{name}");

    private Task<ShellResult> CompileAsync(string path, string file) => Shell.RunAsync(Python, ["-B", "-W", "ignore", Path.Combine(Sample, "german_credit_kfp.py"), file],
        new Dictionary<string, string?> { ["PYTHONPATH"] = path, ["REGISTRY"] = published.Address });

    private static async Task<string> PipelineAsync(params string[] registry) => (await Shell.RunAsync(Python, ["-B", Path.Combine(Sample, "elyra_pipeline.py"), .. registry])).Succeeded();

    private Task<ShellResult> RunLocalAsync(string folder, string? lacks = null, params string[] options) => Shell.RunAsync("bash", [Path.Combine(Sample, "run-local.sh"), .. options], new Dictionary<string, string?>
    {
        ["PATH"] = $"{RepositoryFolder.Of("tests/Library/samples")}:{Environment.GetEnvironmentVariable("PATH")}",
        ["DOCKER_LACKS"] = lacks,
        ["DOCKER_LOG"] = Path.Combine(published.New(folder), "log"),
    }, folder: published.New(folder));

    /// <summary>The steps are those of the sample, and every input that they name or leave out is one of the component's, every file an output of a step before.</summary>
    private static async Task AssertStepsAsync(string form, string file, string? path = null)
    {
        var told = await Shell.RunAsync(Python, ["-B", Script("steps.py"), form, file], new Dictionary<string, string?> { ["PYTHONPATH"] = path });
        var steps = JsonNode.Parse(told.Succeeded())!.AsArray();
        Assert.Equal([.. Components, "aif360-predictions"], steps.Select(step => (string?)step!["component"]));
        List<string> flow = [];
        foreach (var (place, step) in steps.Index())
        {
            var component = Definition((string)step!["component"]!);
            var inputs = step["inputs"]!.AsObject();
            Assert.Empty(inputs.Select(input => input.Key).Except(component.Inputs.Select(port => port.Name)));
            Assert.Empty(component.Inputs.Where(port => !port.Optional && port.Default is null).Select(port => port.Name).Except(inputs.Select(input => input.Key)));
            foreach (var (name, value) in inputs)
            {
                var port = component.Inputs.Single(port => port.Name == name);
                if (value!.GetValueKind() != JsonValueKind.Object)
                {
                    // What is said and is no default is the same in every form.
                    if ((string?)value is { } text && text != port.Default)
                        flow.Add($"{place + 1} {name}={text}");
                    continue;
                }
                var source = (int)value["step"]!;
                Assert.InRange(source, 1, place);
                var output = Definition((string)steps[source - 1]!["component"]!).Outputs.Single(output => output.Name == (string?)value["output"]);
                Assert.Equal(port.Type, output.Type);
                flow.Add($"{place + 1} {name}={source}.{output.Name}");
            }
        }
        const string columns = "status duration credit_history purpose credit_amount savings employment installment_rate personal_status other_debtors residence_since "
            + "property age other_installment_plans housing existing_credits job dependents telephone foreign_worker target";
        Assert.Equal(
        [
            "1 url=https://archive.ics.uci.edu/ml/machine-learning-databases/statlog/german/german.data",
            $"2 column_names={columns}", "2 data_csv=1.data", "2 expression=credit_amount > 0", "2 separator= ",
            "3 data_csv=2.filtered", "3 seed=1", "3 stratify_column=target", "3 test_share=0.3",
            "4 data_csv=3.train",
            "5 data_csv=3.test", "5 model=4.model",
            "6 data_csv=5.predictions",
            "7 data_csv=5.predictions", "7 privileged_group_key=A91,A93,A94", "7 protected_column=personal_status",
            "8 data_csv=5.predictions", "8 privileged_group_key=>25", "8 protected_column=age",
        ], flow.Order(StringComparer.Ordinal));
    }

    /// <summary>A node has all ports of its component, as the editor writes them, under the id that Elyra gives it.</summary>
    private static void AssertWhole(JsonNode node)
    {
        var description = (string)node["app_data"]!["ui_data"]!["description"]!;
        var component = Definition(description);
        var parameters = node["app_data"]!["component_parameters"]!.AsObject();
        Assert.Equal(component.Inputs.Select(port => port.Name).Concat(component.Outputs.Select(port => $"output_{port.Name}")).Order(StringComparer.Ordinal), parameters.Select(one => one.Key).Order(StringComparer.Ordinal));
        foreach (var port in component.Inputs.Where(port => parameters[port.Name]!["widget"]!.ToString() != "inputpath"))
            Assert.Equal(port.Type == PortTypes.Integer ? "number" : "string", (string?)parameters[port.Name]!["widget"]);
    }

    private static Definition Definition(string name) => ShippedComponent.All.Single(component => component.Name == name).Definition;
}
