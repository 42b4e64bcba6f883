namespace Claimed.TestKit;

/// <summary>A container engine of a test run.</summary>
public interface ITestEngine : IAsyncDisposable
{
    /// <summary><c>docker</c> or <c>podman</c>.</summary>
    string Name { get; }

    /// <summary>Such as <c>unix:///tmp/…/docker.sock</c>.</summary>
    string Endpoint { get; }

    /// <summary>Settings of a registry that builds with this engine on the base images, without a network.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary><c>docker …</c> against this engine; log-ins stay in the test's folder.</summary>
    Task<ShellResult> DockerAsync(params string[] arguments);

    /// <summary>Ends the engine's own process without warning (SIGKILL); what it has started goes on as far as it can.</summary>
    Task KillAsync();

    /// <summary>Starts it again on the same data after <see cref="KillAsync"/>.</summary>
    Task StartAgainAsync();
}
