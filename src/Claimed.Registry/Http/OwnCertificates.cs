using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Claimed.Registry.Http;

/// <summary>Certificates of a site that signs for its own servers, trusted for the servers that a setting names, beside those that the machine trusts.</summary>
internal sealed class OwnCertificates
{
    private readonly X509Certificate2Collection _roots;

    private OwnCertificates(X509Certificate2Collection roots) => _roots = roots;

    /// <exception cref="CryptographicException">The file holds no certificate.</exception>
    public static OwnCertificates Read(string file)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        return roots.Count > 0 ? new OwnCertificates(roots) : throw new CryptographicException("holds no certificate between BEGIN CERTIFICATE and END CERTIFICATE");
    }

    /// <summary>What is wrong with the setting, or null.</summary>
    public static string? WrongWith(string setting, string? file)
    {
        try
        {
            if (file is not null)
                Read(file);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"{setting} names {file}, which is not there or cannot be read";
        }
        catch (CryptographicException)
        {
            return $"{setting} names {file}, which holds no certificate: give a file with -----BEGIN CERTIFICATE-----";
        }
    }

    /// <summary>The name must be right whoever signed; a chain that the machine does not know may end in one of these.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? known, SslPolicyErrors errors)
    {
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null)
            return errors == SslPolicyErrors.None;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // Of a server, as the check that came before asked.
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        foreach (var between in known?.ChainElements.Skip(1) ?? [])
            chain.ChainPolicy.ExtraStore.Add(between.Certificate);
        return chain.Build(certificate as X509Certificate2 ?? X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()));
    }
}
