using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Settings <c>Builds__…</c>.</summary>
public sealed record BuildOptions
{
    /// <summary>False: this process takes no builds.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The container engine, such as <c>unix:///var/run/docker.sock</c>; default <c>DOCKER_HOST</c>, then that socket.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Network of build steps: <c>none</c>, <c>host</c> (needs <see cref="AllowHostNetwork"/>) or the engine's default.</summary>
    public string? NetworkMode { get; init; }

    public bool AllowHostNetwork { get; init; }

    /// <summary>Builds at the same time in this process.</summary>
    public int Concurrency { get; init; } = 2;

    /// <summary>Builds of one namespace at the same time, over all builders; 0 for no bound.</summary>
    public int NamespaceConcurrency { get; init; } = 16;

    /// <summary>The longest a build may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The longest a build may be silent.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes of memory of a build step.</summary>
    public long Memory { get; init; } = 2L << 30;

    /// <summary>Platform of images, such as <c>linux/amd64</c>; the engine's own when absent.</summary>
    public string? Platform { get; init; }

    /// <summary>Host and port under which the engine reaches this registry; default the loopback address it listens on.</summary>
    public string? PushHost { get; init; }

    /// <summary>How many sets of installed dependencies the engine keeps, the newest ones, so that a build with the same set need not install it again. They hold nothing of a source.</summary>
    public int KeptDependencies { get; init; } = 20;

    /// <summary>How long a set is kept: what is not pinned is installed anew after that.</summary>
    public TimeSpan KeepDependencies { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Characters of a log that are kept: half from its beginning, half from its end.</summary>
    public int MaxLogLength { get; init; } = 4 << 20;

    /// <summary>A builder that has not given a sign for this long has lost its build.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a builder looks at the queue without being called.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Base image by language: <c>python</c>, <c>notebook</c>, <c>r</c>, <c>shell</c>.</summary>
    public Dictionary<string, string> BaseImages { get; init; } = [];

    /// <summary>Requirement name → <c>provided</c> or a replacement.</summary>
    public Dictionary<string, string> Requirements { get; init; } = [];

    /// <summary>Patterns of images that builds may use, such as <c>docker.io/library/*</c>; none: all.</summary>
    public List<string> AllowedBases { get; init; } = [];

    /// <summary>Namespace → patterns that count for it in their place.</summary>
    public Dictionary<string, List<string>> NamespaceBases { get; init; } = [];

    /// <summary>When the engine fetches base images: <c>missing</c> or <c>always</c>.</summary>
    public Bases.PullBases PullBases { get; init; }

    public Uri EngineEndpoint => new(Endpoint ?? Environment.GetEnvironmentVariable("DOCKER_HOST") ?? "unix:///var/run/docker.sock");
}

/// <summary>Says at start what is wrong with <see cref="BuildOptions"/>.</summary>
public sealed class BuildOptionsCheck : IValidateOptions<BuildOptions>
{
    public ValidateOptionsResult Validate(string? name, BuildOptions options)
    {
        if (options.NetworkMode == "host" && !options.AllowHostNetwork)
            return ValidateOptionsResult.Fail("Builds__NetworkMode=host lets every build step reach this machine's network: set Builds__AllowHostNetwork=true to mean it, or use none.");
        if (options.Concurrency is < 1 or > 64)
            return ValidateOptionsResult.Fail("Builds__Concurrency is outside 1 to 64.");
        if (options.NamespaceConcurrency < 0)
            return ValidateOptionsResult.Fail("Builds__NamespaceConcurrency is below 0; 0 is for no bound.");
        if (options.KeptDependencies is < 0 or > 10_000)
            return ValidateOptionsResult.Fail("Builds__KeptDependencies is outside 0 to 10000; 0 keeps none.");
        if (options.KeepDependencies < TimeSpan.Zero || options.KeepDependencies > TimeSpan.FromDays(3650))
            return ValidateOptionsResult.Fail("Builds__KeepDependencies is below 0 or above ten years: write it as days.hh:mm:ss, such as 7.00:00:00.");
        if (options.Endpoint is not null && !Uri.TryCreate(options.Endpoint, UriKind.Absolute, out _))
            return ValidateOptionsResult.Fail($"Builds__Endpoint is \"{options.Endpoint}\": write unix:///path/to/docker.sock or tcp://host:port.");
        if (options.BaseImages.Values.FirstOrDefault(image => !new Bases.AllowedBases(options.AllowedBases).Allows(image)) is { } outside)
            return ValidateOptionsResult.Fail($"Builds__BaseImages names {outside}, which Builds__AllowedBases leaves out: no source of that language could be built.");
        return ValidateOptionsResult.Success;
    }
}
