using System.Text.Json;
using Claimed.Components.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

public sealed class UsageTextTests
{
    private const string Registry = "https://registry.example.org";

    private static readonly Definition Demanding = Samples.FilterCsv with { Resources = new("2", "4Gi", "1"), BaseImage = "python:3.12" };

    private static string Text(Definition definition, string client) =>
        string.Join('\n', UsageText.Of(Samples.Source(definition), Registry).Where(text => text.Client == client).Select(text => text.Text));

    [Fact]
    public void Docker_gets_limits_secrets_by_name_and_paths_in_the_current_folder() => Assert.Equal(
        $"""
        docker run --rm \
          --cpus 2 \
          --memory 4194304k \
          --gpus 1 \
          -e api_key \
          --user "$(id -u):0" -v "$PWD:/data" \
          {Samples.Image} \
          data_csv=/data/data_csv \
          'expression=<String>' \
          rows=/data/rows \
          table=/data/table
        """, Text(Demanding, "docker"), ignoreLineEndingDifferences: true);

    [Fact]
    public void Docker_runs_a_foreign_container_by_its_own_command() => Assert.Equal(
        $"""
        docker run --rm \
          --user "$(id -u):0" -v "$PWD:/data" \
          -e MODE=on \
          --entrypoint sh \
          {Samples.Image} \
          -c \
          'echo "$0"
        exec python train.py "$@"
        ' \
          --rate \
          0.10 \
          gs://'<Bucket>' \
          /data/Training_data \
          /data/Model
        """, Text(Samples.Trainer, "docker"), ignoreLineEndingDifferences: true);

    [Fact]
    public void Kfp_loads_the_version_and_takes_secrets_from_kubernetes() => Assert.Equal(
        """
        from kfp import components, dsl, kubernetes

        filter_csv = components.load_component_from_url(
            "https://registry.example.org/api/v1/components/acme/filter-csv/versions/1.2.0/component.yaml")


        @dsl.pipeline
        def pipeline():
            task = filter_csv(
                data_csv=...,  # Dataset, an output of another task
                expression=...,  # String
            )
            task.set_cpu_limit("2")
            task.set_memory_limit("4Gi")
            task.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)
            kubernetes.use_secret_as_env(
                task,
                secret_name="filter-csv",
                secret_key_to_env={"api_key": "api_key"},
            )
        """, Text(Demanding, "kfp"), ignoreLineEndingDifferences: true);

    /// <summary>The SDK's own patterns: <c>([0-9]*[.])?[0-9]+m?</c> and <c>[0-9]+(E|Ei|P|…|Ki)?</c>.</summary>
    [Theory]
    [InlineData("500m", "512Mi", "500m", "512Mi")]
    [InlineData("1500000u", "1.5Gi", "1.5", "1610612736")]
    [InlineData("2.", "1e9", "2", "1000000000")]
    [InlineData("1e1", "500000k", "10", "500000000")]
    [InlineData(".5", "1500m", ".5", "2")]
    public void Kfp_gets_amounts_as_its_sdk_takes_them(string cpu, string memory, string processors, string bytes)
    {
        var text = Text(Demanding with { Resources = new(cpu, memory) }, "kfp");

        Assert.Contains($"task.set_cpu_limit(\"{processors}\")\n", text, StringComparison.Ordinal);
        Assert.Contains($"task.set_memory_limit(\"{bytes}\")\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Airflow_gets_the_operator_and_mounts_secrets()
    {
        var text = Text(Demanding, "airflow");
        Assert.Contains("'https://registry.example.org/api/v1/components/acme/filter-csv/versions/1.2.0/operator.py'", text, StringComparison.Ordinal);
        Assert.Contains("from acme_filter_csv import FilterCsvOperator\n", text, StringComparison.Ordinal);
        Assert.Contains("    workspace=...,  # volume for files\n", text, StringComparison.Ordinal);
        Assert.Contains("pip install --index-url 'https://registry.example.org/catalogs/airflow/simple/' claimed-acme\n", text, StringComparison.Ordinal);
        Assert.Contains(UsageText.Of(Samples.Source(Demanding), Registry), usage => usage.Explanation.EndsWith(": from claimed_acme.operators.kubernetes import FilterCsvV1Operator", StringComparison.Ordinal));
    }

    [Fact]
    public void Elyra_gets_the_catalog_and_the_words_for_its_secrets()
    {
        var text = Text(Demanding, "elyra");
        Assert.Contains("'https://registry.example.org/catalogs/elyra/acme/url-catalog.json?runtime=kfp'", text, StringComparison.Ordinal);
        Assert.EndsWith("Environment Variable: api_key   Secret Name: filter-csv   Secret Key: api_key", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Kubernetes_gets_the_secret_and_the_job()
    {
        Assert.Equal(
            """
            kubectl create secret generic filter-csv \
              --from-literal='api_key=<api_key>'
            curl -fsSO 'https://registry.example.org/api/v1/components/acme/filter-csv/versions/1.2.0/job.yaml'
            # Fill in expression in job.yaml, then:
            kubectl create -f job.yaml
            """, Text(Demanding, "kubernetes"), ignoreLineEndingDifferences: true);
        Assert.Equal("kubectl create -f 'https://registry.example.org/api/v1/components/acme/filter-csv/versions/1.2.0/job.yaml'",
            Text(Samples.FilterCsv with { Inputs = [] }, "kubernetes"));
    }

    [Fact]
    public void The_form_says_what_the_component_asks_for_and_is_one_client_or_all()
    {
        var all = UsageText.Write(Samples.Source(Demanding), Registry, null);
        Assert.StartsWith("# acme/filter-csv 1.2.0: Filter CSV\n# Base image: python:3.12\n# Asks for: cpu 2, memory 4Gi, gpu 1\n", all, StringComparison.Ordinal);
        Assert.All(UsageText.Clients, client => Assert.Contains(Text(Demanding, client).Split('\n')[0], all, StringComparison.Ordinal));
        var one = UsageText.Write(Samples.Source(Demanding), Registry, "kubernetes");
        Assert.Contains("kubectl create -f", one, StringComparison.Ordinal);
        Assert.DoesNotContain("docker run", one, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_are_shell_and_python_whatever_texts_a_component_holds()
    {
        var texts = Samples.HostileTexts.SelectMany(text => new[] { Samples.WithHostileText(text), Samples.WithHostileCommand(text) })
            .Select(definition => definition with { Inputs = [.. definition.Inputs, new Port { Name = "pass word", Type = "String", Secret = true }] })
            .SelectMany(definition => UsageText.Of(Samples.Source(definition), Registry)).ToList();
        var python = texts.Where(text => text.Client == "kfp" || text.Title == "Airflow, in a DAG").Select(text => text.Text).ToArray();
        ExternalProgram.RunPython("import ast, json, sys\nfor text in json.load(sys.stdin):\n    ast.parse(text)", JsonSerializer.Serialize(python));
        var shell = string.Join('\n', texts.Where(text => text.Client is "docker" or "kubernetes" || text.Title is "Elyra" or "Airflow").Select(text => text.Text));
        var read = ExternalProgram.Run("sh", ["-n"], shell);
        Assert.True(read.ExitCode == 0, read.Error);
    }
}
