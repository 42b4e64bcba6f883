namespace Claimed.TestKit;

/// <summary>A Podman service of a test run's own, with the base images for shells in it. It ends with the test process, however that ends.</summary>
public sealed class PodmanEngine : ITestEngine
{
    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-podman-").FullName;
    private PrivateServer? _server;

    public string Name => "podman";

    public string Endpoint => $"unix://{Path.Combine(_folder, "podman.sock")}";

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(BaseImages.Settings)
    {
        ["Builds:Enabled"] = "true",
        ["Builds:Endpoint"] = Endpoint,
        ["Builds:NetworkMode"] = "none",
    };

    public async Task StartAsync(bool hasBaseImages = true)
    {
        _server = await PrivateServer.StartAsync("private-podman.sh", _folder);
        if (hasBaseImages)
            await BaseImages.LoadAsync(Endpoint, "shell");
    }

    public Task<ShellResult> DockerAsync(params string[] arguments) =>
        Shell.RunAsync("docker", ["-H", Endpoint, .. arguments], new Dictionary<string, string?> { ["DOCKER_CONFIG"] = Path.Combine(_folder, "cli"), ["DOCKER_HOST"] = null });

    public Task KillAsync() => _server!.SayAsync("kill", "killed");

    public Task StartAgainAsync() => _server!.SayAsync("start", "ready");

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
