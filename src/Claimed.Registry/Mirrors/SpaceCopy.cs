using Claimed.Components;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Mirrors;

/// <summary>What is followed of a namespace of the origin.</summary>
internal sealed record SpaceFacts(string Name, string Visibility);

/// <summary>Makes namespaces as the origin has them. One that is private there is private here; none is opened: that is for its owners.</summary>
internal sealed class SpaceCopy(Origin origin, RegistryDatabase database, IOptions<ImageOptions> images)
{
    private const long MostAnswer = 4 << 20;
    private const int MostPages = 1000;

    /// <summary>All that the origin shows.</summary>
    public async Task<IReadOnlyList<SpaceFacts>> ListAsync(CancellationToken cancellation)
    {
        var found = new List<SpaceFacts>();
        await foreach (var space in OriginPages.ReadAsync<SpaceFacts>(origin, "api/v1/namespaces?limit=200", MostPages, cancellation))
            found.Add(space);
        return found;
    }

    /// <exception cref="RefusedCopyException">The origin does not show it.</exception>
    public async Task<bool> IsPrivateThereAsync(string space, CancellationToken cancellation) =>
        (await origin.JsonAsync<SpaceFacts>($"api/v1/namespaces/{space}", MostAnswer, cancellation)).Visibility != "public";

    /// <summary>Sees that the namespace is here, and closed where it has to be.</summary>
    /// <exception cref="RefusedCopyException">It hands on the images of another registry.</exception>
    public async Task UseAsync(string space, bool isPrivate, CancellationToken cancellation)
    {
        if (!ComponentName.IsNamespace(space))
            throw new RefusedCopyException($"\"{RecordCheck.Shown(space)}\" cannot be a namespace here");
        if (images.Value.Proxies.FirstOrDefault(proxy => proxy.Namespace == space) is { } proxy)
            throw new RefusedCopyException($"the namespace {space} hands on images of {proxy.Upstream} here");
        var now = await database.ReadAsync(db => db.Namespaces.Where(row => row.Name == space).Select(row => (bool?)row.IsPrivate).SingleOrDefaultAsync(cancellation), cancellation);
        if (now == true || now == isPrivate)
            return;
        await database.ChangeAsync(async change =>
        {
            var isNew = await change.UseNamespaceAsync(space);
            if (isNew)
                change.Tell("namespace.created", space, new { });
            if (isPrivate && await change.Db.Namespaces.Where(row => row.Name == space && !row.IsPrivate).ExecuteUpdateAsync(set => set.SetProperty(row => row.IsPrivate, true), change.Cancellation) == 1 && !isNew)
                change.Tell("namespace.changed", space, new { visibility = "private" });
        }, cancellation);
    }
}

/// <summary>Lists of the origin, page after page.</summary>
internal static class OriginPages
{
    private const long MostPage = 16 << 20;

    /// <param name="path">With a query.</param>
    public static async IAsyncEnumerable<T> ReadAsync<T>(Origin origin, string path, int most, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        string? cursor = null;
        for (var pages = 0; pages == 0 || cursor is not null; pages++)
        {
            if (pages == most)
                throw new OriginAwayException($"{origin.Name} has more than {most} pages of {path}, or goes round in a circle.");
            var page = await origin.JsonAsync<Page<T>>(cursor is null ? path : $"{path}&cursor={Uri.EscapeDataString(cursor)}", MostPage, cancellation);
            if (page.Items is null || page.Items.Any(item => item is null))
                throw new RefusedCopyException($"{origin.Name} answered {path} with a page without items");
            foreach (var item in page.Items)
                yield return item;
            cursor = page.Next;
        }
    }
}
