using Xunit;

namespace Claimed.TestKit;

/// <summary>
/// A container engine for the tests of one assembly, with the base images in it: a dockerd of its own in a temporary folder, or the one
/// that <c>CLAIMED_TEST_DOCKER</c> names (<c>unix:///var/run/docker.sock</c>). Use it as an assembly or collection fixture. The private
/// one has no bridge: run containers and builds with the network <c>none</c> or <c>host</c>. It ends with the test process, however that ends.
/// </summary>
public sealed class ContainerEngine : ITestEngine, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-engine-").FullName;
    private PrivateServer? _server;

    public string Name => "docker";

    /// <summary>Such as <c>unix:///tmp/…/docker.sock</c>.</summary>
    public string Endpoint { get; private set; } = "";

    /// <summary>Settings of a registry that builds with this engine on the base images, without a network.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(BaseImages.Settings)
    {
        ["Builds:Enabled"] = "true",
        ["Builds:Endpoint"] = Endpoint,
        ["Builds:NetworkMode"] = "none",
    };

    /// <summary>The same engine for whoever has a certificate of <see cref="Certificates"/>: <c>tcp://127.0.0.1:port</c>; null for one that is not ours.</summary>
    public string? TlsEndpoint { get; private set; }

    /// <summary>Where <see cref="EngineCertificates"/> lie.</summary>
    public string Certificates => Path.Combine(_folder, "certificates");

    /// <summary>False leaves out the base images, which take their time.</summary>
    public bool HasBaseImages { get; init; } = true;

    public async ValueTask InitializeAsync()
    {
        Endpoint = Environment.GetEnvironmentVariable("CLAIMED_TEST_DOCKER") ?? await StartAsync();
        if (HasBaseImages)
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

    /// <summary><c>buildah …</c> with images of its own in the test's folder.</summary>
    public Task<ShellResult> BuildahAsync(params string[] arguments) => Shell.RunAsync(
        "buildah",
        ["--root", Path.Combine(_folder, "buildah"), "--runroot", Path.Combine(_folder, "buildah-run"), "--storage-driver", "vfs", .. arguments],
        ClientEnvironment());

    public Task KillAsync() => Own.SayAsync("kill", "killed");

    public Task StartAgainAsync() => Own.SayAsync("start", "ready");

    private PrivateServer Own => _server ?? throw new InvalidOperationException("The engine is not ours.");

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
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
        EngineCertificates.Write(Certificates);
        var port = FreePorts.Next();
        _server = await PrivateServer.StartAsync("private-engine.sh", _folder, port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        TlsEndpoint = $"tcp://127.0.0.1:{port}";
        return $"unix://{Path.Combine(_folder, "docker.sock")}";
    }
}
