using Claimed.Database.Access;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Access.Tokens;

/// <summary>Ends tokens, and where one is revoked those that were made with it: who had a token for an hour must not keep another.</summary>
internal static class TokenEnding
{
    public const string Revoked = KnownTokens.TokenEvent + "-revoked";

    /// <summary>Tells an event for every token, so that all nodes forget it.</summary>
    /// <param name="first">Tracked rows; those that are revoked already are left out.</param>
    /// <param name="kind">Of the events of these; what came of them is told as revoked.</param>
    /// <param name="payload">What the events of these say; their id and name when null.</param>
    /// <param name="spaceOf">Whose audit has them; by default a namespace's for its own tokens, because a person writes any pattern.</param>
    public static async Task RevokeAsync(
        Change change, IReadOnlyCollection<AccessToken> first, string kind, Func<AccessToken, object>? payload = null, Func<AccessToken, string?>? spaceOf = null)
    {
        var seen = new HashSet<long>();
        var going = first.ToList();
        while (going.Count > 0)
        {
            foreach (var row in going.Where(row => row.RevokedAt is null))
                End(change, row, kind, payload?.Invoke(row), (spaceOf ?? OwnSpaceOf)(row));
            seen.UnionWith(going.Select(row => row.Id));
            var parents = going.ConvertAll(row => (long?)row.Id);
            going = await change.Db.Tokens.Where(row => row.RevokedAt == null && parents.Contains(row.ParentId)).ToListAsync(change.Cancellation);
            going.RemoveAll(row => seen.Contains(row.Id));
            (kind, payload) = (Revoked, null);
        }
    }

    /// <summary>Ends those of a person alone: what the person has made for namespaces is theirs and goes on.</summary>
    public static async Task RevokeOfAsync(Change change, User person)
    {
        foreach (var row in await change.Db.Tokens.Where(row => row.UserId == person.Id && row.RevokedAt == null).ToListAsync(change.Cancellation))
            End(change, row, Revoked, null, null);
    }

    private static string? OwnSpaceOf(AccessToken row) => row.UserId is null ? TokenMaking.NamespaceOf(row) : null;

    private static void End(Change change, AccessToken row, string kind, object? payload, string? space)
    {
        row.RevokedAt = change.Now;
        change.Tell(kind, $"token {row.Id}", payload ?? new { id = row.Id, name = row.Name, parent = row.ParentId }, space);
    }
}
