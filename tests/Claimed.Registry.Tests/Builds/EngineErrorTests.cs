using System.Text;
using Claimed.Registry.Builds;
using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Images;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

/// <summary>What an engine says within its answer to a build. A pretended engine, because a real one says some of it only in races that no test can start.</summary>
[Trait("Database", "any")]
public sealed class EngineErrorTests
{
    private const string Context = "what the engine gets";
    private const string Image = """{"aux":{"ID":"sha256:0f3e"}}""";

    [Theory]
    [InlineData("No such image: sha256:0f3e")]
    [InlineData("failed to export image: failed to set parent sha256:0f3e: unknown parent image ID sha256:0f3e")]
    public async Task A_layer_that_another_build_removed_is_made_again(string error)
    {
        var log = await BuildAsync(Error(error), Error(error), Image);

        Assert.Equal(2, log.Split("building again").Length - 1);
    }

    [Fact]
    public async Task A_layer_that_is_lost_again_and_again_is_left_to_a_later_attempt()
    {
        var error = Error("No such image: sha256:0f3e");
        var fault = await Assert.ThrowsAsync<EngineUnavailableException>(() => BuildAsync(error, error, error, Image));

        Assert.Contains("lost a layer of its cache 3 times: Step 3/9 : COPY claimed/ /opt/claimed/", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_fails_ends_the_build()
    {
        var failure = await Assert.ThrowsAsync<BuildFailedException>(() => BuildAsync(Error("exit 3"), Image));

        Assert.Equal("Step 3/9 : COPY claimed/ /opt/claimed/ — exit 3", failure.Message);
    }

    [Fact]
    public async Task An_answer_without_image_and_without_error_is_no_success() =>
        await Assert.ThrowsAsync<EngineUnavailableException>(() => BuildAsync("""{"stream":"Successfully tagged x"}"""));

    private static string Error(string message) => $$$"""{"error":"{{{message}}}","errorDetail":{"message":"{{{message}}}"}}""";

    /// <summary>The log of a build by an engine that ends its answers with these lines, one after the other.</summary>
    private static async Task<string> BuildAsync(params string[] ends)
    {
        var builds = 0;
        var app = WebApplication.CreateSlimBuilder().Build();
        await using var disposed = app;
        app.Urls.Add("http://127.0.0.1:0");
        // Clients ask for an engine's paths with or without a version of its API.
        app.Run(async context =>
        {
            var isBuild = context.Request.Path.Value!.EndsWith("/build", StringComparison.Ordinal);
            using var sent = new StreamReader(context.Request.Body);
            Assert.Equal(isBuild ? Context : "", await sent.ReadToEndAsync());
            await Results.Text(isBuild ? "{\"stream\":\"Step 3/9 : COPY claimed/ /opt/claimed/\\n\"}\r\n" + ends[builds++] + "\r\n" : context.Request.Path.Value!.EndsWith("build-1-1/json", StringComparison.Ordinal) ? """{"Id":"sha256:0f3e","Size":1}""" : "[]", "application/json").ExecuteAsync(context);
        });
        await app.StartAsync();
        using var engine = new DockerImageBuilder(Options.Create(new BuildOptions { Endpoint = app.Urls.Single().Replace("http:", "tcp:", StringComparison.Ordinal) }),
            new StepMark(Options.Create(new ImageOptions { PublicHost = "registry.example.org" })), TimeProvider.System, NullLogger<DockerImageBuilder>.Instance);
        var log = new StringBuilder();

        await engine.BuildAsync(new BuildJob("127.0.0.1:1/a/b:build-1-1", null), _ => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(Context))), line => log.Append(line), CancellationToken.None);

        return log.ToString();
    }
}
