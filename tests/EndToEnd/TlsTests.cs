using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>An engine that listens on TCP for whoever has a certificate: dockerd itself, and Podman behind a proxy, as it speaks no TLS.</summary>
[Trait("Database", "any")]
public sealed class TlsTests(RegistryWithEngine registry)
{
    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_build_over_TLS_succeeds_and_is_delivered(string name)
    {
        Assert.NotNull(registry.Engine.TlsEndpoint);
        var site = await registry.OnAsync(name);
        var folder = registry.Engine.Certificates;
        await using var front = new TlsFront(new Uri(site.Engine.Endpoint).LocalPath, folder);
        await using var host = await site.StartAsync(
            ("Builds:Endpoint", name == "docker" ? registry.Engine.TlsEndpoint : front.Endpoint),
            ("Builds:Tls:CaFile", Path.Combine(folder, "ca.pem")), ("Builds:Tls:CertFile", Path.Combine(folder, "cert.pem")), ("Builds:Tls:KeyFile", Path.Combine(folder, "key.pem")));

        (await host.PublishStepsAsync("tls/built", "RUN echo over TLS >/tls")).AssertReady();
        var failed = await host.PublishStepsAsync("tls/fails", "RUN exit 5");

        Assert.Contains("exit code 5", (string?)failed["reason"], StringComparison.Ordinal);
        Assert.Equal(name == "podman", front.Accepted > 0);
    }

    [Fact]
    public async Task Without_a_certificate_or_with_an_authority_that_is_not_the_engines_builds_wait_and_say_why()
    {
        var other = Directory.CreateTempSubdirectory("claimed-other-ca-").FullName;
        EngineCertificates.Write(other);
        Assert.Contains("certificate", await WaitReasonAsync(("Builds:Tls:CaFile", Path.Combine(registry.Engine.Certificates, "ca.pem"))), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("certificate", await WaitReasonAsync(
            ("Builds:Tls:CaFile", Path.Combine(other, "ca.pem")), ("Builds:Tls:CertFile", Path.Combine(registry.Engine.Certificates, "cert.pem")),
            ("Builds:Tls:KeyFile", Path.Combine(registry.Engine.Certificates, "key.pem"))), StringComparison.OrdinalIgnoreCase);
        Directory.Delete(other, recursive: true);
    }

    private async Task<string> WaitReasonAsync(params (string Name, string Value)[] settings)
    {
        var (host, _) = await registry.StartAsync(settings.Append(("Builds:Endpoint", registry.Engine.TlsEndpoint!)).ToDictionary(pair => pair.Item1, pair => pair.Item2));
        await using var disposed = host;
        var answer = await host.PublishAsync("tls", "waits", "1.0.0",
            ("component.yaml", "name: Step\nimplementation:\n  container:\n    image: ''\n    command: [sh]\n"), ("Dockerfile", "FROM scratch\n"));
        return (await host.UntilAsync($"api/v1/builds/{answer["build.id"]}", build => build.Text.Contains("No container engine answers", StringComparison.Ordinal)))["reason"]!;
    }
}
