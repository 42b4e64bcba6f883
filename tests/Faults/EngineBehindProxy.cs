using Claimed.TestKit;

namespace Claimed.Faults;

/// <summary>A registry that reaches the engine through one proxy, and into which the engine pushes through another.</summary>
public sealed class EngineBehindProxy : IAsyncDisposable
{
    private readonly string _folder;

    private EngineBehindProxy(string folder, ITestEngine server, RegistryProcess registry, TcpProxy engine, TcpProxy pushes) =>
        (_folder, Server, Registry, Engine, Pushes) = (folder, server, registry, engine, pushes);

    /// <summary>The engine itself.</summary>
    public ITestEngine Server { get; }

    public RegistryProcess Registry { get; }

    /// <summary>Between the registry and the engine's socket.</summary>
    public TcpProxy Engine { get; }

    /// <summary>Between the engine and the registry's <c>/v2/</c>.</summary>
    public TcpProxy Pushes { get; }

    /// <summary>The registry is made and not started.</summary>
    /// <param name="words">What the registry is, such as <c>build</c>; it serves without.</param>
    public static EngineBehindProxy Make(ITestEngine engine, IReadOnlyDictionary<string, string>? more = null, string? dataPath = null, params IReadOnlyList<string> words)
    {
        var folder = Directory.CreateTempSubdirectory("claimed-line-").FullName;
        var toEngine = TcpProxy.To(engine.Endpoint["unix://".Length..], Path.Combine(folder, "engine.sock"));
        var port = FreePorts.Next();
        var toRegistry = TcpProxy.To(port);
        var settings = new Dictionary<string, string>(engine.Settings)
        {
            ["Builds:Endpoint"] = $"unix://{Path.Combine(folder, "engine.sock")}",
            ["Builds:PushHost"] = $"127.0.0.1:{toRegistry.Port}",
            ["Builds:LookInterval"] = "00:00:00.250",
            // Whoever looks for leftovers need not wait for long.
            ["Builds:CareInterval"] = "00:00:01",
        };
        foreach (var (name, value) in more ?? new Dictionary<string, string>())
            settings[name] = value;
        return new EngineBehindProxy(folder, engine, new RegistryProcess(settings, dataPath, port, words), toEngine, toRegistry);
    }

    /// <summary>Everything passes again, as if nothing had been.</summary>
    public void Mend()
    {
        foreach (var proxy in (TcpProxy[])[Engine, Pushes])
        {
            proxy.Delay = TimeSpan.Zero;
            proxy.Switch(ProxyMode.Forward);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Registry.DisposeAsync();
        await Engine.DisposeAsync();
        await Pushes.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
