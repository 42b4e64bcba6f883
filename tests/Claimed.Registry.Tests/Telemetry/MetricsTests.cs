using System.Net;
using System.Text.Json;
using Claimed.Registry.Tests.Publish;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Telemetry;

/// <summary><c>/metrics</c> of a process of its own: meters are shared by everything in a process.</summary>
[Trait("Database", "any")]
public sealed class MetricsTests
{
    private const string Path = "/api/v1/components/acme/counted-component/versions/";
    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0";

    /// <summary>Prometheus' own client library reads what is served and says what it saw.</summary>
    private const string Reader = """
        import json, sys
        from prometheus_client.parser import text_string_to_metric_families as plain
        from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
        families = list((openmetrics if sys.argv[1] == 'openmetrics' else plain)(sys.stdin.read()))
        json.dump([[sample.name, sample.labels, sample.value] for family in families for sample in family.samples], sys.stdout)
        """;

    private sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

    [Fact]
    public async Task Publishes_the_queue_the_snapshot_and_blobs_are_counted()
    {
        await using var host = await RegistryProcess.StartAsync(new Dictionary<string, string> { ["Builds:LookInterval"] = "00:00:00.2" });
        Assert.Equal(HttpStatusCode.Created, (await PublishAsync(host, "print('a')")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PublishAsync(host, "print('a')")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await PublishAsync(host, "print('b')")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await host.Admin.SendAsync(HttpMethod.Put, Path + "1.0.0", new Multipart().ToContent())).Status);

        // Both are told by looks of their own.
        var samples = await UntilAsync(host, all => Value(all, "claimed_build_queue_length") == 1 && Value(all, "claimed_snapshot_serial") == 1);

        Assert.Equal(1, Value(samples, "claimed_publishes_total", ("outcome", "created")));
        Assert.Equal(1, Value(samples, "claimed_publishes_total", ("outcome", "known")));
        Assert.Equal(1, Value(samples, "claimed_publishes_total", ("reason", "version-exists")));
        Assert.Equal(1, Value(samples, "claimed_publishes_total", ("reason", "no-files")));
        Assert.InRange(Value(samples, "claimed_snapshot_age_seconds")!.Value, 0, 60);
        Assert.Equal(0, Value(samples, "claimed_builds_running"));
        Assert.Equal(0, Value(samples, "claimed_bus_degraded"));
        Assert.True(Value(samples, "claimed_blobs_total") >= 1);
        Assert.True(Value(samples, "claimed_blob_written_bytes_total") > 0);
        Assert.Contains(samples, sample => sample.Name == "http_server_request_duration_seconds_count" && sample.Labels["http_route"] == "/health/ready");
        Assert.Contains(samples, sample => sample.Name.StartsWith("dotnet_", StringComparison.Ordinal));
        // Labels have few values: a catalog of any size gives the same series.
        Assert.DoesNotContain(samples, sample => sample.Labels.Values.Any(value => value.Contains("counted-component", StringComparison.Ordinal)));
        var older = Value(samples, "claimed_build_queue_age_seconds");
        await UntilAsync(host, all => Value(all, "claimed_build_queue_age_seconds") > older);
    }

    [Fact]
    public async Task What_waits_to_be_asked_for_is_no_queue()
    {
        using var folder = new SmallLibrary().With("metric/first").With("metric/second").Beside("starter.txt", "input/elsewhere");
        await using var host = await RegistryProcess.StartAsync(new Dictionary<string, string> { ["Builds:LookInterval"] = "00:00:00.2", ["Registry:Seed"] = folder.Root });
        await host.Anonymous.UntilAsync("/api/v1/builds?state=deferred", page => page.Items.Count == 2);
        await PublishAsync(host, "print('a')");
        var samples = await UntilAsync(host, all => Value(all, "claimed_build_queue_length") >= 1);
        Assert.Equal(1, Value(samples, "claimed_build_queue_length"));
        Assert.Equal("[]", (await host.Anonymous.SendAsync(HttpMethod.Get, "/health/ready"))["degraded"]);
        await host.Anonymous.SendAsync(HttpMethod.Get, "/api/v1/components/claimed/first/versions/latest/component.yaml");
        await UntilAsync(host, all => Value(all, "claimed_build_queue_length") == 2);
    }

    [Fact]
    public async Task The_same_is_served_as_OpenMetrics_to_who_asks_for_it()
    {
        await using var host = await RegistryProcess.StartAsync();
        var plain = await host.Anonymous.SendAsync(HttpMethod.Get, "/metrics");
        var open = await host.Anonymous.SendAsync(HttpMethod.Get, "/metrics", null, ("Accept", OpenMetrics));

        Assert.StartsWith("text/plain; version=0.0.4", plain.ContentType, StringComparison.Ordinal);
        Assert.StartsWith("application/openmetrics-text", open.ContentType, StringComparison.Ordinal);
        var names = (await ReadAsync(plain, "plain")).Select(sample => sample.Name).ToHashSet();
        Assert.Contains("claimed_snapshot_serial", names);
        Assert.Contains("claimed_snapshot_serial", (await ReadAsync(open, "openmetrics")).Select(sample => sample.Name));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await host.Anonymous.SendAsync(HttpMethod.Post, "/metrics")).Status);
    }

    private static Task<Answer> PublishAsync(RegistryProcess host, string source) =>
        host.Admin.SendAsync(HttpMethod.Put, Path + "1.0.0", new Multipart().Source("counted.py", source).ToContent());

    private static async Task<IReadOnlyList<Sample>> UntilAsync(RegistryProcess host, Func<IReadOnlyList<Sample>, bool> isRight)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (true)
        {
            var samples = await ReadAsync(await host.Anonymous.SendAsync(HttpMethod.Get, "/metrics"), "plain");
            if (isRight(samples))
                return samples;
            Assert.False(limit.IsCancellationRequested, string.Join("\n", samples.Where(sample => sample.Name.StartsWith("claimed_", StringComparison.Ordinal))));
            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task<IReadOnlyList<Sample>> ReadAsync(Answer answer, string form)
    {
        var read = await Shell.RunAsync(File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3", ["-c", Reader, form], input: answer.Text);
        return [.. JsonDocument.Parse(read.Succeeded()).RootElement.EnumerateArray().Select(each => new Sample(each[0].GetString()!,
            each[1].EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!), each[2].GetDouble()))];
    }

    private static double? Value(IReadOnlyList<Sample> samples, string name, params (string Name, string Value)[] labels) => samples
        .Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value))
        .Select(sample => (double?)sample.Value).SingleOrDefault();
}
