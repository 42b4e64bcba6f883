using Claimed.TestKit;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// Two at a time: starting the program is most of the work, and there is one engine.
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 2)]
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
[assembly: AssemblyFixture(typeof(Claimed.Faults.FaultsSetup))]

namespace Claimed.Faults;

/// <summary>What the scenarios share: one container engine, started by the first that needs it, and the figures.</summary>
public sealed class FaultsSetup : IAsyncLifetime
{
    private readonly Lazy<Task<ContainerEngine>> _engine = new(async () =>
    {
        var engine = new ContainerEngine();
        await engine.InitializeAsync();
        return engine;
    });

    public Task<ContainerEngine> EngineAsync() => _engine.Value;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Figures.WriteAsync();
        TestContext.Current.SendDiagnosticMessage("{0}", Figures.Table());
        Console.WriteLine(Figures.Table());
        if (_engine.IsValueCreated)
            await (await _engine.Value).DisposeAsync();
    }
}
