using Claimed.Registry.Builds.Engine;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Builds.Engine;

/// <summary>Certificates for an engine at <c>tcp://</c>.</summary>
[Trait("Database", "any")]
public sealed class EngineTlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-tls-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_files_of_DOCKER_CERT_PATH_count_unless_others_are_set()
    {
        EngineCertificates.Write(_folder);
        string? Environment(string name) => name == "DOCKER_CERT_PATH" ? _folder : null;

        var found = new EngineTlsOptions().OrFromEnvironment(Environment);
        var set = new EngineTlsOptions { CaFile = "/other/ca.pem" }.OrFromEnvironment(Environment);

        Assert.Equal(Path.Combine(_folder, "ca.pem"), found.CaFile);
        Assert.Equal(Path.Combine(_folder, "key.pem"), found.KeyFile);
        Assert.Null(found.Fault());
        Assert.Equal("/other/ca.pem", set.CaFile);
        Assert.Null(set.CertFile);
        Assert.False(new EngineTlsOptions().OrFromEnvironment(_ => null).IsSet);
    }

    [Fact]
    public void Files_that_cannot_be_used_are_found_at_start()
    {
        EngineCertificates.Write(_folder);
        var (ca, certificate, key) = (Path.Combine(_folder, "ca.pem"), Path.Combine(_folder, "cert.pem"), Path.Combine(_folder, "key.pem"));

        Assert.Contains("belong together", new EngineTlsOptions { CaFile = ca, CertFile = certificate }.Fault(), StringComparison.Ordinal);
        Assert.Contains("cannot be read", new EngineTlsOptions { CaFile = Path.Combine(_folder, "none.pem") }.Fault(), StringComparison.Ordinal);
        Assert.Contains("holds no certificate", new EngineTlsOptions { CaFile = key }.Fault(), StringComparison.Ordinal);
        Assert.Contains("cannot be read", new EngineTlsOptions { CertFile = certificate, KeyFile = Path.Combine(_folder, "server-key.pem") }.Fault(), StringComparison.Ordinal);
    }
}
