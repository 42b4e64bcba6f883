using System.Security.Cryptography;
using System.Text.Json;

namespace Claimed.Registry.Builds.Engine;

/// <summary>
/// A pod around the steps of one build at Podman. Its build API bounds no processes and ends no step when the caller hangs up, and its
/// containers are in no list. So each step joins the process namespace of a pod of our own and runs below the pod's control group: the
/// pod's limits hold for it, and the kernel ends it together with the pod.
/// </summary>
internal sealed class PodmanPod(EngineConnection engine, string id, string? group, string processes)
{
    /// <summary>Processes that the pod has itself.</summary>
    private const int OwnPids = 8;
    private const int Period = 100_000;
    private const string Api = "v4.0.0/libpod/";
    private static readonly TimeSpan RemovalLimit = TimeSpan.FromSeconds(20);

    /// <summary>The control group for the steps; null where Podman manages none.</summary>
    public string? ControlGroup => group is null ? null : group + "/build";

    /// <summary>The process namespace for the steps.</summary>
    public string Processes => processes;

    /// <exception cref="EngineRefusedException">This Podman makes no pods.</exception>
    public static async Task<PodmanPod> CreateAsync(EngineConnection engine, JobLimits limits, StepMark mark, CancellationToken cancellation)
    {
        var made = await engine.AskAsync(HttpMethod.Post, Api + "pods/create", new
        {
            name = $"claimed-build-{RandomNumberGenerator.GetHexString(16, lowercase: true)}",
            labels = new Dictionary<string, string> { [StepMark.Label] = mark.Value },
            netns = new { nsmode = "none" },
            resource_limits = new
            {
                memory = new { limit = limits.Memory, swap = limits.Memory },
                pids = limits.Pids > 0 ? new { limit = limits.Pids + OwnPids } : null,
                cpu = limits.Cpus > 0 ? new { quota = (long)(limits.Cpus * Period), period = Period } : null,
            },
        }, cancellation);
        var id = made.GetProperty("Id").GetString()!;
        try
        {
            await engine.AskAsync(HttpMethod.Post, $"{Api}pods/{id}/start", null, cancellation);
            var pod = await engine.AskAsync(HttpMethod.Get, $"{Api}pods/{id}/json", null, cancellation);
            var infra = await engine.AskAsync(HttpMethod.Get, $"{Api}containers/{pod.GetProperty("InfraContainerID").GetString()}/json", null, cancellation);
            var process = infra.GetProperty("State").GetProperty("Pid").GetInt32();
            if (process == 0)
                throw new EngineRefusedException(System.Net.HttpStatusCode.InternalServerError, "the pod did not start");
            var path = pod.TryGetProperty("CgroupPath", out var found) ? found.GetString() : null;
            return new PodmanPod(engine, id, string.IsNullOrEmpty(path) ? null : path, $"/proc/{process}/ns/pid");
        }
        catch
        {
            await RemoveAsync(engine, id);
            throw;
        }
    }

    /// <summary>Ends what still runs in it and removes it.</summary>
    public Task RemoveAsync() => RemoveAsync(engine, id);

    /// <summary>Those of this registry.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(EngineConnection engine, StepMark mark, CancellationToken cancellation)
    {
        var pods = await engine.AskAsync(HttpMethod.Get, $"{Api}pods/json?filters={Uri.EscapeDataString(mark.Filter)}", null, cancellation);
        return pods.ValueKind != JsonValueKind.Array ? []
            : [.. pods.EnumerateArray().Select(pod => pod.GetProperty("Id").GetString()!)];
    }

    /// <summary>Ends what still runs in a pod and removes it.</summary>
    public static async Task RemoveAsync(EngineConnection engine, string id)
    {
        // Also when the build is over because it was cancelled, and then most of all.
        using var limit = new CancellationTokenSource(RemovalLimit);
        try
        {
            await engine.AskAsync(HttpMethod.Delete, $"{Api}pods/{id}?force=true&timeout=0", null, limit.Token);
        }
        catch (Exception fault) when (fault is EngineRefusedException or OperationCanceledException || EngineFaults.IsConnection(fault))
        {
            // Housekeeping finds it again.
        }
    }
}
