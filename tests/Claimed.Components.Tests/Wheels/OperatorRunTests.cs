using Claimed.Components.Renditions;
using Claimed.Components.Tests.Renditions;
using Claimed.Components.Tests.Sources;
using Claimed.Components.Wheels;
using Xunit;

namespace Claimed.Components.Tests.Wheels;

/// <summary>The operators of a wheel as Python imports and runs them, on stand-ins of Airflow's classes.</summary>
public sealed class OperatorRunTests : IDisposable
{
    private const string Begin = """
        import json, os, sys
        sys.path[:0] = sys.argv[1:]
        import airflow_stand_in as airflow
        from airflow_stand_in import Context, Engine, KubernetesPodOperator
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-operators-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static OperatorVersion Version(Definition definition, string number, bool yanked = false) => new(
        new(definition, "team", definition.Name, number, $"registry.example.org/team/{definition.Name}@sha256:{number.Replace(".", "", StringComparison.Ordinal).PadRight(64, '0')}", "sha256:" + new string('b', 64), "https://registry.example.org/v"), yanked);

    /// <summary>Runs a program with the versions as an installed wheel; what it prints.</summary>
    private string Run(string program, params OperatorVersion[] versions)
    {
        var wheel = Path.Combine(_folder, Guid.CreateVersion7().ToString("N") + ".whl");
        File.WriteAllBytes(wheel, ProviderWheel.Write("team", 7, versions));
        var package = Path.ChangeExtension(wheel, ".zip");
        File.WriteAllBytes(package, ProviderWheel.WritePackage("team", versions));
        var result = ExternalProgram.Run(ExternalProgram.Python, ["-X", "utf8", "-c", $"{Begin}\nPACKAGE = '{package}'\n{program}",
            wheel, Path.Combine(Reading.Repository, "tests", "Claimed.Components.Tests", "Wheels")]);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output.TrimEnd();
    }

    private static readonly Definition Grown = Samples.FilterCsv with
    {
        Inputs = [.. Samples.FilterCsv.Inputs.Select(port => port.Name == "ratio" ? port with { Default = "0.9" } : port), new Port { Name = "seed", Type = "Integer", Default = "1" }],
    };

    [Fact]
    public void A_task_of_an_earlier_wheel_runs_the_same_image_with_the_same_arguments_under_a_later_one()
    {
        const string task = """
            airflow.install()
            from claimed_team.operators.kubernetes import FilterCsvV1Operator
            from claimed_team.operators.docker import FilterCsvV1DockerOperator
            pod = FilterCsvV1Operator(task_id="t", data_csv="in.csv", expression="a", component_version="1.0.0", workspace="/w").build_pod_request_obj(Context())
            container = FilterCsvV1DockerOperator(task_id="t", data_csv="in.csv", expression="a", component_version="1.0.0", workspace="/w")
            container.execute(Context())
            # The default of the signature may have gone; the component has its own.
            given = [word for word in pod.arguments if not word.startswith("ratio=")]
            assert [word for word in container.command if "ratio=" not in word][:-1] == given[:-1], (container.command, given)
            print(pod.image, container.image, given)
            """;
        var before = Run(task, Version(Samples.FilterCsv, "1.0.0"));
        Assert.Equal(before, Run(task, Version(Samples.FilterCsv, "1.0.0"), Version(Grown, "1.1.0"), Version(Grown, "2.0.0")));
        Assert.Equal(before, Run(task, Version(Samples.FilterCsv, "1.0.0", yanked: true), Version(Grown, "1.1.0")));
        Assert.Contains("sha256:1000", before, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_version_a_class_runs_the_highest_that_is_not_yanked_of_its_major()
    {
        const string task = """
            airflow.install()
            from claimed_team.operators.kubernetes import FilterCsvV1Operator
            pod = FilterCsvV1Operator(task_id="t", data_csv="in.csv", expression="a", workspace="/w").build_pod_request_obj(Context())
            print(pod.image[-64:].rstrip("0"))
            """;
        Assert.Equal("11", Run(task, Version(Samples.FilterCsv, "1.0.0"), Version(Grown, "1.1.0"), Version(Grown, "2.0.0"), Version(Grown, "1.2.0-rc.1")));
        Assert.Equal("1", Run(task, Version(Samples.FilterCsv, "1.0.0"), Version(Grown, "1.1.0", yanked: true)));
    }

    [Fact]
    public void What_a_version_does_not_know_is_refused_with_what_there_is()
    {
        var said = Run("""
            airflow.install()
            from claimed_team.operators.kubernetes import FilterCsvV1Operator
            for given in ({"component_version": "1.9.9"}, {"component_version": "1.0.0", "seed": 3}, {"workspace": "data:relative"}, {"expression": None}):
                try:
                    FilterCsvV1Operator(task_id="t", **{"data_csv": "in.csv", "expression": "a", "workspace": "/w", **given})
                    print("taken", given)
                except ValueError as refused:
                    print(refused)
            try:
                FilterCsvV1Operator(task_id="t", data_csv="in.csv", expression="a").build_pod_request_obj(Context())
            except ValueError as refused:
                print(refused)
            """, Version(Samples.FilterCsv, "1.0.0"), Version(Grown, "1.1.0")).Split('\n');
        Assert.Equal("component_version='1.9.9' of team/filter-csv is not among those that FilterCsvV1Operator has: 1.1.0, 1.0.0.", said[0]);
        Assert.Equal("team/filter-csv 1.0.0 has no input 'seed': leave it out, or take a version that has it.", said[1]);
        Assert.StartsWith("workspace='data:relative': write a volume", said[2], StringComparison.Ordinal);
        Assert.Equal("team/filter-csv 1.1.0 needs expression.", said[3]);
        Assert.Contains("give workspace=", said[4], StringComparison.Ordinal);
    }

    [Fact]
    public void When_all_versions_of_a_major_are_yanked_a_task_must_name_one() => Assert.Equal(
        "All versions of team/filter-csv that FilterCsvV1Operator has are yanked. Name one with component_version: 1.0.0.\nnamed",
        Run("""
            airflow.install()
            from claimed_team.operators.kubernetes import FilterCsvV1Operator
            try:
                FilterCsvV1Operator(task_id="t", data_csv="in.csv", expression="a", workspace="/w")
            except ValueError as refused:
                print(refused)
            FilterCsvV1Operator(task_id="t", data_csv="in.csv", expression="a", workspace="/w", component_version="1.0.0")
            print("named")
            """, Version(Samples.FilterCsv, "1.0.0", yanked: true)));

    [Fact]
    public void Values_and_paths_become_XComs_by_name_and_together()
    {
        var said = Run("""
            airflow.install()
            from claimed_team.operators.kubernetes import FilterCsvV1Operator
            from claimed_team.operators.docker import FilterCsvV1DockerOperator
            KubernetesPodOperator.left = {"/airflow/xcom/return.json": '"12"'}
            Engine.files = {"/tmp/claimed-result.json": b'"12"'}
            for kind in (FilterCsvV1Operator, FilterCsvV1DockerOperator):
                context = Context()
                result = kind(task_id="group.t", data_csv="in.csv", expression="a", workspace="data:/w").execute(context)
                print(json.dumps([result, context.told]))
            assert Engine.removed == ["c1"]
            """, Version(Samples.FilterCsv, "1.0.0")).Split('\n');
        const string all = """{"rows": "12", "table": "/w/flow.manual__2026-01-05T10-00-00-00-00.group.t.table"}""";
        Assert.All(said, line => Assert.Equal($"[{all}, {all[..^1]}, \"return_value\": {all}}}]", line));
        Assert.Equal(2, said.Length);
    }

    [Fact]
    public void A_foreign_container_s_values_are_read_from_where_it_was_told_to_write_them()
    {
        var definition = Samples.Trainer with
        {
            Outputs = [new Port { Name = "Model", Type = "Model", Passing = PortPassing.File }, new Port { Name = "Score", Type = "Float" }],
            Container = Samples.Trainer.Container! with { Args = [new CommandPart.OutputPath("Model"), new CommandPart.OutputPath("Score")] },
        };
        var said = Run("""
            airflow.install()
            from claimed_team.operators.kubernetes import TrainV1Operator
            from claimed_team.operators.docker import TrainV1DockerOperator
            KubernetesPodOperator.left = {"/airflow/xcom/claimed-1": "0.5"}
            Engine.files = {"/tmp/claimed-1": b"0.5"}
            given = {"Bucket": "b", "training_data": "/d.csv", "workspace": "/w"}
            pod = TrainV1Operator(task_id="t", **given)
            print(pod.execute(Context(run_id="r")), pod.pod.arguments)
            container = TrainV1DockerOperator(task_id="t", **given)
            print(container.execute(Context(run_id="r")), container.command, container.entrypoint[:2], container.environment)
            """, Version(definition, "1.0.0")).Split('\n');
        Assert.Equal("{'Model': '/w/flow.r.t.Model', 'Score': '0.5'} ['/w/flow.r.t.Model', '/airflow/xcom/claimed-1']", said[0]);
        Assert.Equal("{'Model': '/w/flow.r.t.Model', 'Score': '0.5'} ['/w/flow.r.t.Model', '/tmp/claimed-1'] ['sh', '-c'] {'MODE': 'on'}", said[1]);
    }

    [Fact]
    public void A_value_that_no_XCom_holds_is_refused_and_one_of_48_KB_is_passed_on()
    {
        var said = Run("""
            airflow.install()
            from claimed_team.operators.docker import FilterCsvV1DockerOperator
            for size in (48 * 1024, 48 * 1024 + 1):
                Engine.files = {"/tmp/claimed-result.json": json.dumps("x" * size).encode()}
                context = Context()
                try:
                    FilterCsvV1DockerOperator(task_id="t", data_csv="in.csv", expression="a", workspace="/w").execute(context)
                    print(len(context.told["rows"]))
                except ValueError as refused:
                    print(refused)
            """, Version(Samples.FilterCsv, "1.0.0")).Split('\n');
        Assert.Equal("49152", said[0]);
        Assert.Equal("The output 'rows' of team/filter-csv has 49153 bytes; a value that Airflow passes on has at most 49152. Let the component write it to a file.", said[1]);
    }

    [Fact]
    public void Resources_and_secrets_are_arguments_with_the_component_s_own_as_defaults()
    {
        var definition = Samples.FilterCsv with { Resources = new("500m", "2Gi", "1") };
        var said = Run("""
            airflow.install()
            from claimed_team.operators.docker import FilterCsvV1DockerOperator
            def made(**given):
                made = FilterCsvV1DockerOperator(task_id="t", data_csv="in.csv", expression="a", workspace="vol:/w", **given)
                made.execute(Context())
                return made
            own = made(api_key="s3cret")
            print(own.cpus, own.mem_limit, own.device_requests[0]["count"], own.environment, own.mounts, [word for word in own.command if "api_key" in word])
            other = made(cpus=2.0, mem_limit="1g", private_environment={"api_key": "hidden"}, environment={"A": "b"})
            print(other.cpus, other.mem_limit, other.environment, other.private_environment)
            """, Version(definition, "1.0.0")).Split('\n');
        Assert.Equal("0.5 2147483648 1 {'api_key': 's3cret'} [{'target': '/w', 'source': 'vol', 'type': 'volume'}] []", said[0]);
        Assert.Equal("2.0 1g {'A': 'b'} {'api_key': 'hidden'}", said[1]);
    }

    [Fact]
    public void Without_Airflow_an_import_says_what_to_install() => Assert.Equal(
        "This operator runs in pods, for which Airflow's provider for Kubernetes is missing: pip install 'claimed-team[kubernetes]'\n" +
        "This operator runs in containers, for which Airflow's provider for Docker is missing: pip install 'claimed-team[docker]'",
        Run("""
            airflow.install(kubernetes=False, docker=False)
            import claimed_team
            for kind, name in (("kubernetes", "FilterCsvV1Operator"), ("docker", "FilterCsvV1DockerOperator")):
                try:
                    exec(f"from claimed_team.operators.{kind} import {name}")
                except ImportError as missing:
                    print(missing)
            """, Version(Samples.FilterCsv, "1.0.0")));

    [Fact]
    public void An_operator_of_Elyra_s_package_runs_the_one_of_the_wheel() => Assert.Equal(
        "['BaseOperator'] {'rows': '12', 'table': '/w/flow.r.t.table'}",
        Run("""
            airflow.install()
            airflow.module("airflow.operators")
            sys.modules["airflow.operators"].__path__ = [PACKAGE + "/airflow/operators"]
            from airflow.operators.claimed_team_filter_csv_v1 import FilterCsvV1Operator
            KubernetesPodOperator.left = {"/airflow/xcom/return.json": '"12"'}
            task = FilterCsvV1Operator(task_id="t", data_csv="in.csv", expression="a", workspace="/w")
            print([base.__name__ for base in FilterCsvV1Operator.__bases__], task.execute(Context(run_id="r")))
            """, Version(Samples.FilterCsv, "1.0.0")));
}
