using Claimed.Registry.Builds.Engine;
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

    /// <summary>Processors of a build step, also parts of one; 0: all.</summary>
    public double Cpus { get; init; } = 2;

    /// <summary>Processes and threads of a build step; 0: any number.</summary>
    public int Pids { get; init; } = 2048;

    /// <summary>Bytes of an image as the engine counts them, unpacked; 0: any number.</summary>
    public long MaxImageBytes { get; init; } = 20L << 30;

    /// <summary>Bytes of the files that an engine gets for a build.</summary>
    public long MaxContextBytes { get; init; } = 1L << 30;

    /// <summary>Number of the files that an engine gets for a build.</summary>
    public int MaxContextEntries { get; init; } = 20_000;

    /// <summary>Certificates for an engine at <c>tcp://</c>; default: those of <c>DOCKER_CERT_PATH</c>.</summary>
    public EngineTlsOptions Tls { get; init; } = new();

    /// <summary>Platforms that the engine can build for beside its own, because emulation is set up.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Bytes that sets of installed dependencies may take at the engine beside their base images; 0: any number.</summary>
    public long CacheBytes { get; init; } = 20L << 30;

    /// <summary>How often housekeeping looks at the engine.</summary>
    public TimeSpan CareInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Who brings images into the registry.</summary>
    public Delivery Delivery { get; init; } = Delivery.Auto;

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

    public EngineTlsOptions EngineTls => Tls.OrFromEnvironment(Environment.GetEnvironmentVariable);

    /// <summary>An engine on another machine does not reach the loopback address that this registry listens on.</summary>
    public bool IsDeliveredByBuilder => Delivery == Delivery.Builder
        || (Delivery == Delivery.Auto && PushHost is null && EngineEndpoint.Scheme is "tcp" or "http" or "https" && !EngineEndpoint.IsLoopback);
}

/// <summary>Who brings built images into the registry.</summary>
public enum Delivery
{
    /// <summary>The builder where the engine is on another machine and <c>Builds__PushHost</c> does not say how it reaches this registry, else the engine.</summary>
    Auto,

    /// <summary>The engine pushes.</summary>
    Engine,

    /// <summary>The builder reads the image from the engine and stores it.</summary>
    Builder,
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
        if (options.Memory < 64L << 20)
            return ValidateOptionsResult.Fail("Builds__Memory is below 67108864 bytes: no step could run.");
        if (options.Cpus is < 0 or > 1024 || options.Pids < 0 || options.MaxImageBytes < 0 || options.CacheBytes < 0)
            return ValidateOptionsResult.Fail("Builds__Cpus, Builds__Pids, Builds__MaxImageBytes and Builds__CacheBytes are numbers from 0, which bounds nothing; Builds__Cpus at most 1024.");
        if (options.MaxContextBytes < 1 || options.MaxContextEntries < 1)
            return ValidateOptionsResult.Fail("Builds__MaxContextBytes and Builds__MaxContextEntries are numbers from 1.");
        if (options.CareInterval < TimeSpan.FromSeconds(1) || options.CareInterval > TimeSpan.FromDays(1))
            return ValidateOptionsResult.Fail("Builds__CareInterval is outside a second to a day: write it as hh:mm:ss.");
        if (options.Platforms.FirstOrDefault(platform => platform.Split('/').Length is not (2 or 3)) is { } odd)
            return ValidateOptionsResult.Fail($"Builds__Platforms has \"{odd}\": write os/architecture, such as linux/arm64.");
        if (options.Enabled && options.EngineTls.Fault() is { } unreadable)
            return ValidateOptionsResult.Fail(unreadable);
        return ValidateOptionsResult.Success;
    }
}
