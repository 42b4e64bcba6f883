namespace Claimed.Registry.Images.Browse;

/// <summary>What an artifact that refers to an image is, by the types that the tools of the field give theirs.</summary>
public static class ReferrerKind
{
    public const string Sbom = "sbom";
    public const string Signature = "signature";
    public const string Provenance = "provenance";
    public const string Other = "other";

    /// <param name="artifactType">Of the manifest.</param>
    /// <param name="layerTypes">Media types of its layers: cosign says there what it is.</param>
    public static string Of(string? artifactType, IEnumerable<string> layerTypes) => layerTypes.Prepend(artifactType ?? "").Select(OfType).FirstOrDefault(kind => kind != Other) ?? Other;

    /// <summary>By a tag of clients that know no referrers API: <c>sha256-….sig</c>, <c>.att</c>, <c>.sbom</c>; null for other tags.</summary>
    public static string? OfTag(string tag) => Path.GetExtension(tag) switch
    {
        ".sig" => Signature,
        ".att" => Provenance,
        ".sbom" => Sbom,
        _ => null,
    };

    private static string OfType(string type)
    {
        if (Has(type, "spdx") || Has(type, "cyclonedx") || Has(type, "syft"))
            return Sbom;
        if (Has(type, "in-toto") || Has(type, "dsse") || Has(type, "slsa") || Has(type, "attestation"))
            return Provenance;
        return Has(type, "simplesigning") || Has(type, "cosign") || Has(type, "notary.signature") || Has(type, "sigstore.bundle") ? Signature : Other;
    }

    private static bool Has(string type, string word) => type.Contains(word, StringComparison.OrdinalIgnoreCase);
}
