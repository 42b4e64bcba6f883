using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Evidence;

/// <summary>A statement about images, in the form of in-toto.</summary>
/// <param name="Type">Always <see cref="InToto.StatementType"/>.</param>
/// <param name="Predicate">What is said.</param>
public sealed record Statement<T>(
    [property: JsonPropertyName("_type"), JsonPropertyOrder(-1)] string Type, IReadOnlyList<StatementSubject> Subject, string PredicateType, T Predicate);

/// <summary>An image that a statement is about.</summary>
/// <param name="Digest">By algorithm, in hex.</param>
public sealed record StatementSubject(string Name, IReadOnlyDictionary<string, string> Digest);

/// <summary>How statements are written and signed, so that one way verifies all of them.</summary>
internal static class InToto
{
    public const string StatementType = "https://in-toto.io/Statement/v1";
    public const string PayloadType = "application/vnd.in-toto+json";
    public const string Slsa = "https://slsa.dev/provenance/v1";
    public const string Spdx = "https://spdx.dev/Document";

    /// <summary>The statement in an envelope, as bytes.</summary>
    public static byte[] Sign<T>(Statement<T> statement, EvidenceKey key)
    {
        var payload = Encoding.UTF8.GetBytes(Json.Write(statement));
        var signature = new DsseSignature(key.Id, Convert.ToBase64String(key.Sign(PreAuthentication(payload))));
        return Encoding.UTF8.GetBytes(Json.Write(new DsseEnvelope(PayloadType, Convert.ToBase64String(payload), [signature])));
    }

    /// <summary>What is signed: the payload with its type and both lengths in front, so that no bytes can be taken for those of another type.</summary>
    public static byte[] PreAuthentication(byte[] payload) =>
        [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} ")), .. payload];

    public static StatementSubject Subject(string name, string digest)
    {
        var algorithm = Digest.AlgorithmOf(digest).Name!.ToLowerInvariant();
        return new StatementSubject(name, new Dictionary<string, string> { [algorithm] = digest[(algorithm.Length + 1)..] });
    }
}
