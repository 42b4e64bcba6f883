using System.Collections.Concurrent;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Claimed.Registry.Builds.Engine;

/// <summary>Bounds the processes of each step at Docker, whose build API cannot: the limit is set on the container as soon as the engine names it, mostly before its command runs.</summary>
internal sealed class StepPids(DockerClient engine, StepMark mark, int most)
{
    private readonly ConcurrentBag<Task> _settings = [];

    public void Bound(string container, CancellationToken cancellation)
    {
        if (most > 0)
            _settings.Add(SetAsync(container, cancellation));
    }

    public Task EndAsync() => Task.WhenAll(_settings);

    private async Task SetAsync(string container, CancellationToken cancellation)
    {
        try
        {
            // A step may name any container in what it writes.
            var labels = (await engine.Containers.InspectContainerAsync(container, cancellation)).Config?.Labels;
            if (labels is null || !labels.TryGetValue(StepMark.Label, out var value) || value != mark.Value)
                return;
            await engine.Containers.UpdateContainerAsync(container, new ContainerUpdateParameters { PidsLimit = most }, cancellation);
        }
        catch (Exception fault) when (fault is DockerApiException or OperationCanceledException || EngineFaults.IsConnection(fault))
        {
            // Most steps only write something down, and their container is gone before it can be asked for.
        }
    }
}
