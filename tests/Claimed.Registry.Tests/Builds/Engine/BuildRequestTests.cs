using System.Collections.Concurrent;
using Claimed.Registry.Builds;
using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Images;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Builds.Engine;

/// <summary>Every request that a build sends to its engine: none asks for privileges, devices, mounts, secrets or build arguments.</summary>
[Trait("Database", "any")]
public sealed class BuildRequestTests
{
    private static readonly string[] _allowedKeys =
        ["dockerfile", "rm", "forcerm", "t", "labels", "networkmode", "platform", "memory", "memswap", "cpuperiod", "cpuquota", "cgroupparent", "nsoptions"];

    private static readonly StepMark _mark = new(Options.Create(new ImageOptions { PublicHost = "registry.example.org" }));

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_build_asks_for_nothing_but_bounds(string name)
    {
        var requests = new ConcurrentBag<(string Path, string Query, string Body)>();
        var app = WebApplication.CreateSlimBuilder().Build();
        await using var disposed = app;
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            requests.Add((context.Request.Path, context.Request.QueryString.Value!, await body.ReadToEndAsync()));
            await Results.Text(AnswerTo(context.Request.Path.Value!, name), "application/json").ExecuteAsync(context);
        });
        await app.StartAsync();
        using var engine = new DockerImageBuilder(Options.Create(new BuildOptions { Endpoint = app.Urls.Single().Replace("http:", "tcp:", StringComparison.Ordinal), NetworkMode = "none", Cpus = 1.5 }),
            _mark, TimeProvider.System, NullLogger<DockerImageBuilder>.Instance);
        Assert.Equal(name, (await engine.CheckAsync(CancellationToken.None)).Name);

        var built = await engine.BuildAsync(new BuildJob("127.0.0.1:1/a/b:build-1-1", "linux/amd64"),
            _ => Task.FromResult<Stream>(new MemoryStream("context"u8.ToArray())), _ => { }, CancellationToken.None);

        Assert.Equal(new BuiltImage("sha256:0f3e", 1234), built);
        var build = Assert.Single(requests, request => request.Path.EndsWith("/build", StringComparison.Ordinal));
        var asked = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(build.Query);
        Assert.Empty(asked.Keys.Except(_allowedKeys));
        Assert.Equal(name == "docker" ? "none" : "NetworkDisabled", asked["networkmode"].ToString());
        foreach (var word in (string[])["privileged", "binds", "mounts", "devices", "cap_add", "capadd", "volumes", "host_device"])
            Assert.DoesNotContain(requests, request => (request.Body + Uri.UnescapeDataString(request.Query)).Contains(word, StringComparison.OrdinalIgnoreCase));
        var pod = requests.SingleOrDefault(request => request.Path.EndsWith("/pods/create", StringComparison.Ordinal)).Body;
        if (name == "docker")
        {
            Assert.Equal("2147483648", asked["memory"].ToString());
            Assert.Equal("150000", asked["cpuquota"].ToString());
            Assert.Contains(requests, request => request.Path.EndsWith("/containers/0123456789ab/update", StringComparison.Ordinal) && request.Body.Contains("\"PidsLimit\":2048", StringComparison.Ordinal));
            // Of a container that is none of ours a step may say what it likes.
            Assert.DoesNotContain(requests, request => request.Path.EndsWith("/containers/ba9876543210/update", StringComparison.Ordinal));
            Assert.Null(pod);
        }
        else
        {
            Assert.Contains("\"pids\":{\"limit\":2056}", pod, StringComparison.Ordinal);
            Assert.Contains("\"memory\":{\"limit\":2147483648", pod, StringComparison.Ordinal);
            Assert.Contains("\"quota\":150000", pod, StringComparison.Ordinal);
            Assert.Equal("/libpod_parent/p1/build", asked["cgroupparent"].ToString());
            Assert.Equal("""[{"Name":"network"},{"Name":"pid","Path":"/proc/77/ns/pid"}]""", asked["nsoptions"].ToString());
            Assert.Contains(requests, request => request.Path.EndsWith("/pods/p1", StringComparison.Ordinal) && request.Query.Contains("force=true", StringComparison.Ordinal));
        }
    }

    private static string AnswerTo(string path, string name) => path[(path.LastIndexOf('/') + 1)..] switch
    {
        "_ping" => "OK",
        "version" => $$$"""{"Version":"4.3.1","ApiVersion":"1.41","Os":"linux","Arch":"amd64","Components":[{"Name":"{{{(name == "podman" ? "Podman Engine" : "Engine")}}}","Version":"4.3.1"}]}""",
        "build" => """
            {"stream":"Step 1/1 : RUN true"}
            {"stream":" ---> Running in 0123456789ab\n"}
            {"stream":"Step 9/9 : RUN said by the step\n"}
            {"stream":" ---> Running in ba9876543210\n"}
            {"aux":{"ID":"sha256:0f3e"}}

            """,
        "create" => """{"Id":"p1"}""",
        "start" => "{}",
        "json" when path.Contains("/pods/p1", StringComparison.Ordinal) => """{"Id":"p1","InfraContainerID":"c1","CgroupPath":"/libpod_parent/p1"}""",
        "json" when path.Contains("/containers/c1", StringComparison.Ordinal) => """{"Id":"c1","State":{"Pid":77}}""",
        "json" when path.Contains("/containers/0123456789ab", StringComparison.Ordinal) => $$$"""{"Id":"0123456789ab","Config":{"Labels": {"{{{StepMark.Label}}}": "{{{_mark.Value}}}" } } }""",
        "json" when path.Contains("/containers/", StringComparison.Ordinal) => """{"Id":"ba9876543210","Config":{"Labels":{}}}""",
        "json" when path.Contains("/a/b:build-1-1", StringComparison.Ordinal) => """{"Id":"sha256:0f3e","Size":1234}""",
        "json" => "[]",
        _ => "{}",
    };
}
