using Claimed.Database.Access;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Namespaces;

/// <summary>Members of a namespace inside a transaction.</summary>
internal static class NamespaceMembers
{
    /// <summary>The namespace, tracked; its row is ours to the end of the transaction.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public static async Task<Namespace> LockNamespaceAsync(this Change change, string space)
    {
        await change.Db.Database.ExecuteSqlAsync($"""UPDATE namespaces SET "Name" = "Name" WHERE "Name" = {space}""", change.Cancellation);
        return await change.Db.Namespaces.SingleOrDefaultAsync(row => row.Name == space, change.Cancellation) ?? throw new RefusedException(Missing.Namespace(space));
    }

    /// <summary>Whether repositories of images lie under the name.</summary>
    public static Task<bool> HoldsImagesAsync(this Change change, string space) => change.Db.RepositoriesOf(space).AnyAsync(change.Cancellation);

    /// <summary>Gives the role; true when that is new.</summary>
    public static async Task<bool> SetAsync(Change change, string space, string kind, string name, MemberRole role)
    {
        var owner = await change.LockNamespaceAsync(space);
        var row = await change.Db.Members.SingleOrDefaultAsync(member => member.NamespaceId == owner.Id && member.Kind == kind && member.Name == name, change.Cancellation);
        if (row is null)
            change.Db.Members.Add(row = new Member { NamespaceId = owner.Id, Kind = kind, Name = name, Role = "", CreatedAt = change.Now });
        var isNew = row.Role != RoleWords.Of(role);
        row.Role = RoleWords.Of(role);
        return isNew;
    }

    /// <summary>Ends members, tokens, trust rules and webhooks of a namespace that goes.</summary>
    public static async Task EndAllAsync(Change change, Namespace space)
    {
        await change.Db.Members.Where(member => member.NamespaceId == space.Id).ExecuteDeleteAsync(change.Cancellation);
        await change.Db.TrustRules.Where(rule => rule.Namespace == space.Name && rule.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(rule => rule.RevokedAt, change.Now), change.Cancellation);
        await change.Db.WebhookDeliveries.Where(row => change.Db.Webhooks.Any(hook => hook.Id == row.WebhookId && hook.NamespaceId == space.Id)).ExecuteDeleteAsync(change.Cancellation);
        await change.Db.Webhooks.Where(hook => hook.NamespaceId == space.Id).ExecuteDeleteAsync(change.Cancellation);
        var prefix = space.Name + "/";
        var tokens = await change.Db.Tokens.Where(token => token.UserId == null && token.RevokedAt == null && token.Pattern.StartsWith(prefix)).ToListAsync(change.Cancellation);
        foreach (var token in tokens)
        {
            token.RevokedAt = change.Now;
            change.Tell(KnownTokens.TokenEvent + "-revoked", $"token {token.Id}", new { id = token.Id, name = token.Name, reason = "namespace deleted" });
        }
    }
}
