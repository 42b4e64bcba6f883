using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Claimed.TestKit;

/// <summary>
/// An authority of this test run, and what it signed: <c>server-cert.pem</c> for an engine on this machine, <c>cert.pem</c> for its client,
/// each with its key, and <c>ca.pem</c>; the names that Docker's clients look for in <c>DOCKER_CERT_PATH</c>.
/// </summary>
public static class EngineCertificates
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority of a test", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using var authority = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        File.WriteAllText(Path.Combine(folder, "ca.pem"), authority.ExportCertificatePem());
        Sign(authority, folder, "server-", "CN=engine", ForServers);
        Sign(authority, folder, "", "CN=builder", ForClients);
    }

    private static void Sign(X509Certificate2 authority, string folder, string prefix, string subject, string purpose)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Path.Combine(folder, $"{prefix}cert.pem"), signed.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, $"{prefix}key.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}
