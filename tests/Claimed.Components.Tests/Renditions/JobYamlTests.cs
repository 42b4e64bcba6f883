using System.Text.Json;
using System.Text.Json.Nodes;
using Claimed.Components.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

public sealed class JobYamlTests
{
    private static readonly Definition Demanding = Samples.FilterCsv with { Resources = new("2", "4Gi", "1", "10Gi"), License = "Apache-2.0", BaseImage = "python:3.12" };

    private static string Render(Definition definition) => ClientRenditions.Render(RenditionForm.Job, Samples.Source(definition));

    private static JsonNode Read(Definition definition)
    {
        var job = YamlReading.WithPython([Render(definition)])[0];
        KubernetesRules.AssertJob(job);
        return job;
    }

    private static JsonNode Container(JsonNode job) => job["spec"]!["template"]!["spec"]!["containers"]![0]!;

    [Fact]
    public void A_component_becomes_a_job_with_its_defaults_and_secrets_by_reference()
    {
        var container = Container(Read(Demanding));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            [{"name": "log_level", "value": "INFO"}, {"name": "data_csv", "value": "/data/inputs/data_csv"}, {"name": "expression", "value": ""}, {"name": "limit", "value": ""},
             {"name": "ratio", "value": "0.5"}, {"name": "strict", "value": "false"}, {"name": "options", "value": "{\"sep\": \",\"}"},
             {"name": "api_key", "valueFrom": {"secretKeyRef": {"name": "filter-csv", "key": "api_key", "optional": true}}}]
            """), container["env"]));
        Assert.Null(container["command"]);
        Assert.Equal(["rows=/data/outputs/rows", "table=/data/outputs/table"], container["args"]!.AsArray().Select(word => (string?)word));
        Assert.True((bool?)container["securityContext"]!["runAsNonRoot"]);
        Assert.Equal(Samples.Image, (string?)container["image"]);
    }

    [Fact]
    public void What_has_to_be_filled_in_is_marked_for_people()
    {
        var text = Render(Demanding);
        Assert.Contains("# Fill in first: expression.\n", text, StringComparison.Ordinal);
        Assert.Contains("value: ''  # REQUIRED: fill in (String) pandas query\n", text, StringComparison.Ordinal);
        Assert.Contains("# Secrets are read from the secret filter-csv, by the name of the input.\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Resources_are_requests_and_limits_and_stand_in_the_annotations()
    {
        var job = Read(Demanding);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"requests": {"cpu": "2", "memory": "4Gi", "ephemeral-storage": "10Gi"}, "limits": {"cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1", "ephemeral-storage": "10Gi"}}
            """), Container(job)["resources"]));
        var annotations = job["metadata"]!["annotations"]!;
        Assert.Equal(["2", "4Gi", "1", "10Gi", "Apache-2.0", "python:3.12"],
            new[] { "cpu", "memory", "gpu", "storage", "license", "base-image" }.Select(name => (string?)annotations["claimed.registry/" + name]));
        Assert.Null(Container(Read(Samples.FilterCsv with { Resources = new("lots", "-1", "0", "1 GiB") }))["resources"]);
    }

    [Fact]
    public void A_foreign_container_gets_its_inputs_where_its_command_has_placeholders()
    {
        var definition = Samples.Trainer with
        {
            Inputs = [.. Samples.Trainer.Inputs, new Port { Name = "API key", Type = "String", Secret = true }],
            Container = Samples.Trainer.Container! with { Args = [.. Samples.Trainer.Container!.Args, new CommandPart.InputValue("API key")] },
        };
        var container = Container(Read(definition));
        Assert.Equal(["--rate", "$(Learning_rate)", "gs://$(Bucket)", "$(Training_data)", "/data/outputs/Model", "$(API_key)"], container["args"]!.AsArray().Select(word => (string?)word));
        Assert.Equal(["MODE", "Learning_rate", "Bucket", "Training_data", "API_key"], container["env"]!.AsArray().Select(variable => (string?)variable!["name"]));
        Assert.Equal("0.10", (string?)container["env"]![1]!["value"]);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"secretKeyRef": {"name": "train", "key": "API_key"}}"""), container["env"]![4]!["valueFrom"]));
        Assert.Null(container["securityContext"]);
    }

    [Fact]
    public void A_version_that_no_label_holds_is_left_out_of_the_labels()
    {
        var source = Samples.Source(Samples.FilterCsv) with { Version = "1.0.0-" + new string('a', 70) };
        var job = YamlReading.WithPython([ClientRenditions.Render(RenditionForm.Job, source)])[0];
        KubernetesRules.AssertJob(job);
        Assert.Null(job["metadata"]!["labels"]!["app.kubernetes.io/version"]);
        Assert.Equal(source.Version, (string?)job["metadata"]!["annotations"]!["claimed.registry/version"]);
    }

    [Fact]
    public void Any_text_reaches_the_container_as_it_is()
    {
        var hostile = Samples.HostileTexts.Concat(["$$", "$(PATH) $$(x)", "$"]).ToArray();
        var texts = hostile.Select(Samples.WithHostileText).Concat(hostile.Select(Samples.WithHostileCommand)).Select(Render).ToList();
        var read = YamlReading.WithPython(texts);
        for (var i = 0; i < texts.Count; i++)
        {
            Assert.True(JsonNode.DeepEquals(YamlReading.Strictly(texts[i]), read[i]), $"The two readers differ for:\n{texts[i]}");
            KubernetesRules.AssertJob(read[i]);
            var container = Container(read[i]);
            if (i < hostile.Length)
                Assert.Equal(hostile[i], Expanded((string)container["env"]![0]!["value"]!));
            else
                Assert.Equal(["sh", hostile[i - hostile.Length]], container["command"]!.AsArray().Select(word => Expanded((string)word!)));
        }
    }

    // What the kubelet makes of a text in which no known variable is named.
    private static string Expanded(string text) => System.Text.RegularExpressions.Regex.Replace(text, @"\$\$|\$\([^)]*\)", found =>
    {
        Assert.Equal("$$", found.Value);
        return "$";
    });

    [Fact]
    public void The_models_of_the_kubernetes_client_take_it()
    {
        var texts = new[] { Demanding, Samples.Trainer }.Concat(Samples.HostileTexts.Take(12).Select(Samples.WithHostileCommand)).Select(Render).ToArray();
        var output = ExternalProgram.RunPython("""
            import json, sys, types, yaml
            from kubernetes.client import ApiClient
            client = ApiClient()
            for text in json.load(sys.stdin):
                read = yaml.safe_load(text)
                job = client.deserialize(types.SimpleNamespace(data=json.dumps(read)), 'V1Job')
                assert client.sanitize_for_serialization(job) == read, text
                print(job.spec.template.spec.restart_policy)
            """, JsonSerializer.Serialize(texts));
        Assert.Equal(texts.Length, output.Split("Never\n").Length - 1);
    }
}
