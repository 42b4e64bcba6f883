using System.Text;
using Claimed.Registry.Http;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Evidence;

/// <summary>The texts of the archive for whoever opens it.</summary>
internal static class EvidenceTexts
{
    /// <summary>The script that verifies it.</summary>
    public static byte[] Verify { get; } = Read();

    public static string Readme(string subject, VersionEntry version, RegistryUrls urls) => $"""
        Evidence of {subject} {version.Number}, from {urls.Base}

        sh verify.sh           verifies it without the registry; it needs sh, sha256sum and openssl
        sh verify.sh KEY.pem   the same with a key that you have by a way that you trust:
                               {urls.Base}/.well-known/evidence-keys.pem
                               It ends with VERIFIED, or with NOT SIGNED (exit code 2) where a statement is missing: with a key that fails.

        version.json       the version as the registry shows it
        bundle.tar.gz      the files as they were published
        renditions/        the forms that clients get; older/ has those that were rendered before
        image/             the image's manifest and configuration; the layers stay in the registry
        bases.json         the base images, with their digests
        statements/        what provenance.json and contents.json of renditions/ carry, decoded, with the signatures
        keys/              the registry's public keys, named by the sha256 of the key in DER
        events.json        what happened to the version
        SHA256SUMS         of all other files

        What the signatures cover: provenance.json names the image (its subject), the published files, the base images and the forms as they
        were when the version became ready, each by sha256; contents.json lists the packages in the image. Manifest and configuration follow from the
        image's digest. version.json, events.json, bases.json and forms that were rendered later are signed by nobody: SHA256SUMS says that they
        came whole, not who wrote them.

        A statement is verified over DSSE's "pre-authentication encoding": the words DSSEv1, the length and name of the type, the length
        of the statement, and the statement, with one space between.

        """;

    private static byte[] Read()
    {
        using var stream = typeof(EvidenceTexts).Assembly.GetManifestResourceStream("evidence/verify.sh")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes.ToArray()).ReplaceLineEndings("\n"));
    }
}
