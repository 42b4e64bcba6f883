using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>A registry that knows an issuer of each kind; each test uses a namespace of its own.</summary>
public sealed class TrustedRegistry : IAsyncLifetime
{
    public RegistryHost Host { get; private set; } = null!;

    public TestIssuer GitHub { get; private set; } = null!;

    public TestIssuer GitLab { get; private set; } = null!;

    public TestIssuer Cluster { get; private set; } = null!;

    public TestIssuer Other { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        (GitHub, GitLab, Cluster, Other) = (await TestIssuer.StartAsync(), await TestIssuer.StartAsync(), await TestIssuer.StartAsync(), await TestIssuer.StartAsync());
        var settings = Trust.Settings(("github", "GitHub", GitHub), ("gitlab", "GitLab", GitLab), ("cluster", "Kubernetes", Cluster), ("other", "Generic", Other));
        settings["Access:Issuers:other:Audience"] = Other.Audience = "my-registry";
        settings["Access:Issuers:other:RepositoryClaim"] = "source.repository";
        Host = await RegistryHost.StartAsync(settings);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        foreach (var issuer in (TestIssuer[])[GitHub, GitLab, Cluster, Other])
            await issuer.DisposeAsync();
    }
}
