using System.Diagnostics;
using Xunit;

namespace Claimed.TestKit;

/// <summary>
/// A container engine for the tests of one assembly, with the base images in it: a dockerd of its own in a temporary folder, or the one
/// that <c>CLAIMED_TEST_DOCKER</c> names (<c>unix:///var/run/docker.sock</c>). Use it as an assembly or collection fixture. The private
/// one has no bridge: run containers and builds with the network <c>none</c> or <c>host</c>. It ends with the test process, however that ends.
/// </summary>
public sealed class ContainerEngine : IAsyncLifetime
{
    // Two minutes: a cold disk and a machine that builds beside the tests.
    private static readonly TimeSpan _startLimit = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-engine-").FullName;
    private Process? _process;
    private Task<string>? _errors;

    /// <summary>Such as <c>unix:///tmp/…/docker.sock</c>.</summary>
    public string Endpoint { get; private set; } = "";

    /// <summary>Settings of a registry that builds with this engine on the base images, without a network.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(BaseImages.Settings)
    {
        ["Builds:Enabled"] = "true",
        ["Builds:Endpoint"] = Endpoint,
        ["Builds:NetworkMode"] = "none",
    };

    public async ValueTask InitializeAsync()
    {
        Endpoint = Environment.GetEnvironmentVariable("CLAIMED_TEST_DOCKER") ?? await StartAsync();
        await BaseImages.LoadAsync(Endpoint);
    }

    /// <summary><c>docker …</c> against this engine; log-ins stay in the test's folder.</summary>
    public Task<ShellResult> DockerAsync(params string[] arguments) => Shell.RunAsync("docker", ["-H", Endpoint, .. arguments], ClientEnvironment());

    /// <summary><c>skopeo …</c>, which needs no engine.</summary>
    public Task<ShellResult> SkopeoAsync(params string[] arguments) =>
        Shell.RunAsync("skopeo", ["--insecure-policy", .. arguments], ClientEnvironment());

    /// <summary><c>podman …</c> with images and containers of its own in the test's folder.</summary>
    public Task<ShellResult> PodmanAsync(params string[] arguments) => Shell.RunAsync(
        "podman",
        [
            "--root", Path.Combine(_folder, "podman"), "--runroot", Path.Combine(_folder, "podman-run"),
            "--cgroup-manager", "cgroupfs", "--events-backend", "none", .. arguments,
        ],
        ClientEnvironment());

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            // The end of its input is the sign to stop and to clean up.
            _process.StandardInput.Close();
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await _process.WaitForExitAsync(limit.Token);
            _process.Dispose();
        }
        if (Directory.Exists(_folder))
            (await Shell.RunAsync("rm", ["-rf", _folder])).Succeeded();
    }

    private Dictionary<string, string?> ClientEnvironment() => new()
    {
        ["DOCKER_CONFIG"] = Path.Combine(_folder, "cli"),
        ["REGISTRY_AUTH_FILE"] = Path.Combine(_folder, "auth.json"),
        ["DOCKER_HOST"] = null,
    };

    private async Task<string> StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("bash", [RepositoryFolder.Of("tests/TestKit/private-engine.sh"), _folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _errors = _process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(_startLimit);
        if (await _process.StandardOutput.ReadLineAsync(limit.Token) != "ready")
            throw new InvalidOperationException($"The test's container engine did not start.\n{await _errors}");
        return $"unix://{Path.Combine(_folder, "docker.sock")}";
    }
}
