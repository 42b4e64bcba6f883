using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Claimed.Database.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access.Tokens;

/// <summary>Takes reports of secret scanners: what they found and is ours is revoked at once.</summary>
public sealed partial class LeakReports(IOptions<AccessOptions> options, RegistryDatabase database, KnownTokens known, ILogger<LeakReports> logger)
{
    public const int MaxEntries = 1000;

    private const string P256 = "1.2.840.10045.3.1.7";
    private const int MaxShown = 300;
    private const string Ours = "true_positive";
    private const string NotOurs = "false_positive";

    /// <summary>The public key of a setting: PEM, or the path of a file with it.</summary>
    internal static ECDsa Key(string setting)
    {
        // In an environment variable the lines of a PEM are often joined by the two characters \n.
        var pem = setting.Contains("-----BEGIN", StringComparison.Ordinal) ? setting.Replace("\\n", "\n", StringComparison.Ordinal) : File.ReadAllText(setting);
        var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return key.ExportParameters(false).Curve.Oid.Value == P256 ? key : throw new CryptographicException("The key is not on the curve P-256.");
    }

    public bool Knows(string? keyId) => keyId is not null && options.Value.LeakKeys.ContainsKey(keyId);

    /// <summary>Whether a configured scanner signed exactly these bytes.</summary>
    public bool IsSigned(string? keyId, string? signature, ReadOnlySpan<byte> body)
    {
        if (keyId is null || signature is null || !options.Value.LeakKeys.TryGetValue(keyId, out var setting) || !Base64.IsValid(signature))
            return false;
        using var key = Key(setting);
        return key.VerifyData(body, Convert.FromBase64String(signature), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <exception cref="RefusedException">It is no list of finds, or too long.</exception>
    public static IReadOnlyList<LeakDocument> Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var found = Json.Read<LeakDocument[]>(body);
            if (found.Length > MaxEntries)
                throw new RefusedException(new Refusal(413, "body-too-large", "The body is too large.", $"A report has at most {MaxEntries} entries; send it in parts."));
            return found.All(leak => leak is { Token: not null }) ? found : throw new JsonException("An entry has no token.");
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidDataException)
        {
            throw new RefusedException(new Refusal(400, "malformed-json", "The body is not the JSON that is expected.", "Send a list of {token, type, url, source}."));
        }
    }

    /// <summary>Revokes what is ours; one answer for each find, in their order.</summary>
    public async Task<IReadOnlyList<LeakAnswerDocument>> RevokeAsync(IReadOnlyList<LeakDocument> found, CancellationToken cancellation)
    {
        var byHash = found.GroupBy(leak => TokenText.HashOf(leak.Token), StringComparer.Ordinal).ToDictionary(leaks => leaks.Key, leaks => leaks.First(), StringComparer.Ordinal);
        var hashes = byHash.Keys.ToArray();
        var ours = await database.ChangeAsync(async change =>
        {
            var rows = await change.Db.Tokens.Where(row => hashes.Contains(row.Hash)).ToListAsync(change.Cancellation);
            await TokenEnding.RevokeAsync(change, rows, KnownTokens.TokenEvent + "-leaked", row =>
            {
                var leak = byHash[row.Hash];
                return new { id = row.Id, name = row.Name, url = Shown(leak.Url, leak.Token), source = Shown(leak.Source, leak.Token) };
            });
            return rows;
        }, cancellation);
        foreach (var row in ours)
            Log(row);
        var known = ours.Select(row => row.Hash).ToHashSet(StringComparer.Ordinal);
        return [.. found.Select(leak => new LeakAnswerDocument(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(leak.Token))), leak.Type ?? "",
            known.Contains(TokenText.HashOf(leak.Token)) ? Ours : NotOurs))];
    }

    private void Log(AccessToken row)
    {
        if (row.CreatedBy == KnownTokens.BySettings)
            LogAdministrator(logger, known.AdminTokenFile);
        else
            LogLeaked(logger, row.Id, row.Name);
    }

    private static string? Shown(string? text, string token) => text is null ? null : ShownText.Of(text.Replace(token, "…", StringComparison.Ordinal), MaxShown);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Token {Id} ({Name}) was found by a secret scanner and is revoked.")]
    private static partial void LogLeaked(ILogger logger, long id, string name);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The administrator's token was found by a secret scanner. It is revoked for good, and so are the tokens that were made with it: give Registry__AdminToken another text, or remove {Path}, then start again.")]
    private static partial void LogAdministrator(ILogger logger, string path);
}
