using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

/// <summary>What the API server says of a Job: the part of <c>batch/v1</c> that we use, unknown fields refused.</summary>
internal static partial class KubernetesRules
{
    public static void AssertJob(JsonNode job)
    {
        Only(job, "apiVersion", "kind", "metadata", "spec");
        Assert.Equal(("batch/v1", "Job"), (Text(job["apiVersion"]), Text(job["kind"])));
        Only(job["metadata"]!, "generateName", "labels", "annotations");
        // The server adds five characters, and the name is a label of the pod.
        Assert.Matches(DnsLabel, Text(job["metadata"]!["generateName"]).TrimEnd('-'));
        Assert.True(Text(job["metadata"]!["generateName"]).Length <= 58);
        Labels(job["metadata"]!["labels"]!);
        foreach (var (key, value) in job["metadata"]!["annotations"]!.AsObject())
        {
            Assert.Matches(QualifiedName, key);
            Text(value);
        }
        var spec = job["spec"]!;
        Only(spec, "backoffLimit", "template");
        Assert.True((int)spec["backoffLimit"]! >= 0);
        Only(spec["template"]!, "metadata", "spec");
        Only(spec["template"]!["metadata"]!, "labels");
        Labels(spec["template"]!["metadata"]!["labels"]!);
        Pod(spec["template"]!["spec"]!);
    }

    private static void Pod(JsonNode pod)
    {
        Only(pod, "restartPolicy", "securityContext", "containers", "volumes");
        Assert.Contains(Text(pod["restartPolicy"]), (string[])["Never", "OnFailure"]);
        var volumes = (pod["volumes"]?.AsArray() ?? []).Select(volume =>
        {
            Only(volume!, "name", "emptyDir");
            Assert.Empty(volume!["emptyDir"]!.AsObject());
            Assert.Matches(DnsLabel, Text(volume["name"]));
            return Text(volume["name"]);
        }).ToList();
        var container = Assert.Single(pod["containers"]!.AsArray())!;
        Only(container, "name", "image", "command", "args", "env", "resources", "volumeMounts", "securityContext");
        Assert.Matches(DnsLabel, Text(container["name"]));
        Assert.NotEmpty(Text(container["image"]).Trim());
        foreach (var word in (container["command"]?.AsArray() ?? []).Concat(container["args"]?.AsArray() ?? []))
            Text(word);
        var names = (container["env"]?.AsArray() ?? []).Select(Variable!).ToList();
        Assert.Equal(names.Distinct(), names);
        foreach (var mount in container["volumeMounts"]?.AsArray() ?? [])
        {
            Only(mount!, "name", "mountPath");
            Assert.Contains(Text(mount!["name"]), volumes);
            Assert.DoesNotContain(":", Text(mount["mountPath"]));
        }
        Resources(container["resources"]);
        if (container["securityContext"] is { } security)
            Only(security, "allowPrivilegeEscalation", "capabilities", "runAsNonRoot");
    }

    private static string Variable(JsonNode variable)
    {
        Assert.Matches(EnvironmentName, Text(variable["name"]));
        if (variable["valueFrom"] is { } from)
        {
            Only(variable, "name", "valueFrom");
            Only(from, "secretKeyRef");
            var reference = from["secretKeyRef"]!;
            Only(reference, "name", "key", "optional");
            Assert.Matches(DnsSubdomain, Text(reference["name"]));
            Assert.Matches(SecretKey, Text(reference["key"]));
            Assert.True(reference["optional"] is null || (bool?)reference["optional"] is not null);
        }
        else
        {
            Only(variable, "name", "value");
            Text(variable["value"]);
        }
        return Text(variable["name"]);
    }

    private static void Resources(JsonNode? resources)
    {
        if (resources is null)
            return;
        Only(resources, "requests", "limits");
        foreach (var (name, amount) in resources.AsObject().SelectMany(side => side.Value!.AsObject()))
        {
            Assert.Contains(name, (string[])["cpu", "memory", "ephemeral-storage", "nvidia.com/gpu"]);
            Assert.Matches(AnyQuantity, Text(amount));
        }
        // Devices cannot be requested beyond their limit.
        Assert.Null(resources["requests"]?["nvidia.com/gpu"]);
    }

    private static void Labels(JsonNode labels)
    {
        foreach (var (key, value) in labels.AsObject())
        {
            Assert.Matches(QualifiedName, key);
            Assert.True(Text(value).Length <= 63, Text(value));
            Assert.Matches(LabelValue, Text(value));
        }
    }

    private static void Only(JsonNode node, params string[] keys) => Assert.Subset(keys.ToHashSet(), node.AsObject().Select(pair => pair.Key).ToHashSet());

    private static string Text(JsonNode? node)
    {
        Assert.Equal(System.Text.Json.JsonValueKind.String, node!.GetValueKind());
        return (string)node!;
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z")]
    private static partial Regex DnsLabel { get; }

    [GeneratedRegex(@"\A(?=.{1,253}\z)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex DnsSubdomain { get; }

    [GeneratedRegex(@"\A([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex QualifiedName { get; }

    [GeneratedRegex(@"\A(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex LabelValue { get; }

    [GeneratedRegex(@"\A[-._a-zA-Z][-._a-zA-Z0-9]*\z")]
    private static partial Regex EnvironmentName { get; }

    [GeneratedRegex(@"\A[-._a-zA-Z0-9]{1,253}\z")]
    private static partial Regex SecretKey { get; }

    [GeneratedRegex(@"\A([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][-+]?[0-9]+)?\z")]
    private static partial Regex AnyQuantity { get; }
}
