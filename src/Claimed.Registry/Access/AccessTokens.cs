using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Claimed.Database.Access;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access;

/// <summary>Knows the tokens that were issued, by hash, in memory.</summary>
public sealed class AccessTokens(RegistryDatabase database, IOptions<RegistryOptions> options)
{
    private FrozenDictionary<string, AccessToken> _byHash = FrozenDictionary<string, AccessToken>.Empty;

    /// <summary>File of the generated administrator token, when none was configured.</summary>
    public string AdminTokenFile => Path.GetFullPath(Path.Combine(options.Value.DataPath, "admin-token"));

    /// <summary>Sees that the administrator's token is known and reads all tokens.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        var token = options.Value.AdminToken
            ?? KeyFiles.ReadOrCreate(AdminTokenFile, () => "clmt_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        var hash = HashOf(token);
        // Two processes may start at once on one database; whoever is second finds the row.
        await database.ChangeAsync(change => change.Db.Database.ExecuteSqlAsync(
            $"""INSERT INTO tokens ("Name", "Hash", "CreatedAt") VALUES ('administrator', {hash}, {change.Now}) ON CONFLICT ("Hash") DO NOTHING""",
            change.Cancellation), cancellation);
        var rows = await database.ReadAsync(db => db.Tokens.Where(row => row.RevokedAt == null).ToListAsync(cancellation), cancellation);
        // A configured token replaces older administrators' tokens: changing the setting is how one is withdrawn.
        _byHash = rows.Where(row => row.Hash == hash).ToFrozenDictionary(row => row.Hash, StringComparer.Ordinal);
    }

    public AccessToken? Find(string token) => _byHash.GetValueOrDefault(HashOf(token));

    public AccessToken? Find(long id) => _byHash.Values.FirstOrDefault(row => row.Id == id);

    private static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
