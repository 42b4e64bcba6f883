using System.Text.Json;
using Claimed.TestKit;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// Tests look at what runs on the one engine.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Claimed.Deployment.ProductImage))]

namespace Claimed.Deployment;

/// <summary>The product's image, built from deploy/Dockerfile by the tests' engine on stand-ins for the public images, without a network.</summary>
public sealed class ProductImage : IAsyncLifetime
{
    public const string Name = "claimed-registry:test";

    /// <summary>Longer than it takes: a machine that does much else.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(15);

    public ContainerEngine Engine { get; } = new() { HasBaseImages = false };

    public async ValueTask InitializeAsync()
    {
        await Engine.InitializeAsync();
        await BaseImages.LoadAsync(Engine.Endpoint, "shell");
        await BaseImages.ImportBusyboxAsync(Engine.Endpoint);
        (await Shell.RunAsync("bash", [RepositoryFolder.Of("tests/Deployment/StandIns/make.sh"), Engine.Endpoint], limit: _limit)).Succeeded();
        (await Shell.RunAsync("docker",
            [
                "-H", Engine.Endpoint, "build", "--network", "none", "--file", RepositoryFolder.Of("deploy/Dockerfile"), "--tag", Name,
                "--build-arg", "SDK_IMAGE=claimed/test-sdk:1", "--build-arg", "RUNTIME_IMAGE=claimed/test-runtime:1",
                // The compiler's package is on no machine that only ran the tests.
                "--build-arg", "READY_TO_RUN=false", RepositoryFolder.Path,
            ], limit: _limit)).Succeeded();
    }

    /// <summary>What the engine knows of an image or container.</summary>
    public async Task<JsonElement> InspectAsync(string name) =>
        JsonDocument.Parse((await Engine.DockerAsync("inspect", name)).Succeeded()).RootElement[0];

    /// <summary>Waits until the container's own health check is content.</summary>
    public async Task UntilHealthyAsync(string container)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while ((await InspectAsync(container)).GetProperty("State").GetProperty("Health").GetProperty("Status").GetString() != "healthy")
        {
            if (limit.IsCancellationRequested)
            {
                var log = await Engine.DockerAsync("logs", container);
                throw new TimeoutException($"{container} did not become healthy.\n{log.Out}\n{log.Err}");
            }
            await timer.WaitForNextTickAsync();
        }
    }

    public async ValueTask DisposeAsync() => await Engine.DisposeAsync();
}
