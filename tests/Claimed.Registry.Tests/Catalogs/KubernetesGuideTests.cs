using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>The commands of docs/clients/kubernetes.md, run as they stand there with the real kubectl.</summary>
[Trait("Database", "any")]
public sealed class KubernetesGuideTests
{
    [Fact]
    public async Task Every_command_of_the_guide_does_what_it_says()
    {
        await using var api = await KubernetesApi.StartAsync();
        await using var host = await RegistryHost.StartAsync();
        await host.PublishReadyAsync("demo", "greet", "1.0.0", "one");
        (await host.PublishAsync("demo", "filter", "1.0.0", ("component.yaml", With("name: expression, type: String")))).Message.EnsureSuccessStatusCode();
        (await host.PublishAsync("demo", "load", "1.0.0", ("component.yaml", With("name: db-password, type: String")))).Message.EnsureSuccessStatusCode();
        var folder = Directory.CreateTempSubdirectory("claimed-guide-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "config"), $$"""
                apiVersion: v1
                kind: Config
                clusters:
                - name: test
                  cluster: {server: '{{api.Url}}'}
                contexts:
                - name: test
                  context: {cluster: test, user: test, namespace: default}
                users:
                - name: test
                  user: {}
                current-context: test
                """, TestContext.Current.CancellationToken);
            var blocks = Guide.Blocks("kubernetes", host.Address.ToString(), "sh");
            var ran = await Shell.RunAsync("bash", ["-c", Guide.Script(blocks, (language, _) => throw new NotSupportedException(language))],
                new Dictionary<string, string?> { ["TOKEN"] = RegistryHost.AdminToken, ["DB_PASSWORD"] = "s3cret", ["HOME"] = folder, ["KUBECONFIG"] = Path.Combine(folder, "config") }, folder: folder);
            var said = ran.Succeeded();
            Assert.Contains("job.batch/greet-x7k2p created", said, StringComparison.Ordinal);
            Assert.Contains("kubectl create secret generic load", said, StringComparison.Ordinal);
            Assert.Contains("serviceaccount/default patched", said, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        var jobs = api.Made.Where(made => made.Path == "/apis/batch/v1/namespaces/default/jobs").Select(made => made.Body["spec"]!["template"]!["spec"]!["containers"]![0]!).ToList();
        Assert.Equal(3, jobs.Count);
        Assert.All(jobs, job => Assert.Contains("@sha256:", (string)job["image"]!, StringComparison.Ordinal));
        Assert.Equal("age > 18", (string)Variable(jobs[1], "expression")["value"]!);
        var reference = Variable(jobs[2], "db_password")["valueFrom"]!["secretKeyRef"]!;
        Assert.Equal(("load", "db-password"), ((string)reference["name"]!, (string)reference["key"]!));
        var secrets = api.Made.Where(made => made.Path == "/api/v1/namespaces/default/secrets").Select(made => made.Body).ToList();
        Assert.Equal(["load", "claimed"], secrets.Select(secret => (string)secret["metadata"]!["name"]!));
        Assert.NotNull(secrets[0]["data"]!["db-password"]);
        Assert.Equal("kubernetes.io/dockerconfigjson", (string)secrets[1]["type"]!);
    }

    private static JsonNode Variable(JsonNode job, string name) => job["env"]!.AsArray().Single(variable => (string)variable!["name"]! == name)!;

    private static string With(string port) => $$"""
        name: With one input
        inputs:
        - {{'{'}}{{port}}{{'}'}}
        implementation:
          container:
            image: {{Samples.Image}}
            command: [echo, {inputValue: {{port.Split(',')[0]["name: ".Length..]}}}]

        """;
}
