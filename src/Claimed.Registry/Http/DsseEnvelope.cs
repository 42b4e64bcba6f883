using System.Text;
using System.Text.Json;

namespace Claimed.Registry.Http;

/// <summary>A signed statement: DSSE, version 1.</summary>
/// <param name="Payload">The statement's bytes in base64.</param>
public sealed record DsseEnvelope(string PayloadType, string Payload, IReadOnlyList<DsseSignature> Signatures)
{
    public static DsseEnvelope Read(ReadOnlySpan<byte> bytes) => Json.Read<DsseEnvelope>(bytes);

    /// <summary>The statement as it was signed.</summary>
    public byte[] Statement() => Convert.FromBase64String(Payload);

    /// <summary>The document that the statement carries, alone: what tools that know nothing of statements read.</summary>
    public byte[] Predicate()
    {
        using var statement = JsonDocument.Parse(Statement());
        return Encoding.UTF8.GetBytes(statement.RootElement.GetProperty("predicate").GetRawText());
    }
}

/// <param name="Keyid">Of the key, as the list of public keys has it.</param>
/// <param name="Sig">The signature in base64.</param>
public sealed record DsseSignature(string Keyid, string Sig);
