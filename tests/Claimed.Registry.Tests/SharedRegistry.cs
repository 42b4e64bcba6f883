using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests;

/// <summary>One registry for all tests of a class; each test publishes into names of its own.</summary>
public class SharedRegistry : IAsyncLifetime
{
    public RegistryHost Host { get; private set; } = null!;

    protected virtual IReadOnlyDictionary<string, string>? Settings => null;

    public async ValueTask InitializeAsync() => Host = await RegistryHost.StartAsync(Settings);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Host.DisposeAsync();
    }
}
