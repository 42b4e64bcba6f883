using Claimed.Registry.Access;
using Claimed.Registry.Http;

namespace Claimed.Registry.Evidence;

/// <summary><c>/.well-known/evidence-keys…</c>: the public keys that verify what the registry says of images.</summary>
public static class KeyEndpoints
{
    private const string Root = "/.well-known/evidence-keys";

    public static void MapEvidenceKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Root + ".json", Reading.Methods, (EvidenceKeys keys) => Served.Json(new EvidenceKeysDocument([.. keys.All.Select(EvidenceKeyDocument.Of)]))).Open()
            .WithName("getEvidenceKeys").WithTags("Evidence").WithSummary("The public keys that verify what the registry says of images")
            .WithDescription("The newest first, which signs now; those before it stay, so that what they have signed can be verified. `keyId` is the sha256 of the key in DER, and the `keyid` of signatures.")
            .Returns<EvidenceKeysDocument>(200, "All keys.",
                """{"keys": [{"keyId": "3f1c…", "algorithm": "ecdsa-p256-sha256", "pem": "-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n"}]}""");
        routes.MapMethods(Root + ".pem", Reading.Methods, (EvidenceKeys keys) => Served.Text(string.Concat(keys.All.Select(key => key.Pem)))).Open()
            .WithName("getEvidenceKeysPem").WithTags("Evidence").WithSummary("The same keys as PEM, the newest first")
            .WithDescription("`openssl` and `cosign verify-attestation --key` read the first, the one that signs now.")
            .Returns<string>(200, "Public keys.", "-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n", "text/plain");
        routes.MapMethods(Root + "/{key}.pem", Reading.Methods, One).Open()
            .WithName("getEvidenceKey").WithTags("Evidence").WithSummary("One public key as PEM, by its id")
            .Returns<string>(200, "The public key.", "-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n", "text/plain").Refuses(404, "key-not-found");
    }

    private static IResult One(string key, EvidenceKeys keys) => keys.All.FirstOrDefault(known => known.Id == key) is { } found
        ? Served.Text(found.Pem)
        : new Refusal(404, "key-not-found", "There is no such key.", $"This registry signs with no key {key}; GET {Root}.json lists those that it has.").ToResult();
}

/// <summary>Public keys of this registry.</summary>
public sealed record EvidenceKeysDocument(IReadOnlyList<EvidenceKeyDocument> Keys);

/// <summary>A public key.</summary>
/// <param name="KeyId">sha256 of the key in DER, in hex.</param>
/// <param name="Algorithm">Always <c>ecdsa-p256-sha256</c>.</param>
public sealed record EvidenceKeyDocument(string KeyId, string Algorithm, string Pem)
{
    public static EvidenceKeyDocument Of(EvidenceKey key) => new(key.Id, "ecdsa-p256-sha256", key.Pem);
}
