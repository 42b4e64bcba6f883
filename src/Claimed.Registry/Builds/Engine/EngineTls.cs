using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Claimed.Registry.Builds.Engine;

/// <summary>Settings <c>Builds__Tls__…</c>: files in PEM for an engine at <c>tcp://</c>.</summary>
public sealed record EngineTlsOptions
{
    /// <summary>Certificates of those who vouch for the engine; the system's when absent.</summary>
    public string? CaFile { get; init; }

    /// <summary>With what this registry shows itself to the engine.</summary>
    public string? CertFile { get; init; }

    /// <summary>The key of <see cref="CertFile"/>.</summary>
    public string? KeyFile { get; init; }

    public bool IsSet => CaFile is not null || CertFile is not null;

    /// <summary>As configured, else the files of <c>DOCKER_CERT_PATH</c>, as every client of Docker takes them.</summary>
    public EngineTlsOptions OrFromEnvironment(Func<string, string?> environment)
    {
        if (IsSet || environment("DOCKER_CERT_PATH") is not { Length: > 0 } folder)
            return this;
        string? Existing(string name) => File.Exists(Path.Combine(folder, name)) ? Path.Combine(folder, name) : null;
        return new EngineTlsOptions { CaFile = Existing("ca.pem"), CertFile = Existing("cert.pem"), KeyFile = Existing("key.pem") };
    }

    /// <summary>Why these files cannot be used; null when they can.</summary>
    public string? Fault()
    {
        if ((CertFile is null) != (KeyFile is null))
            return "Builds__Tls__CertFile and Builds__Tls__KeyFile belong together: set both.";
        try
        {
            Client();
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return $"The certificates of Builds__Tls__… (or DOCKER_CERT_PATH) cannot be read: {fault.Message}";
        }
    }

    /// <summary>How to speak TLS with the engine.</summary>
    public SslClientAuthenticationOptions Client()
    {
        var tls = new SslClientAuthenticationOptions();
        if (CertFile is not null)
            tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(CertFile, KeyFile)];
        if (CaFile is null)
            return tls;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(CaFile);
        if (policy.CustomTrustStore.Count == 0)
            throw new CryptographicException($"{CaFile} holds no certificate.");
        tls.CertificateChainPolicy = policy;
        return tls;
    }
}
