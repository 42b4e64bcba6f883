using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Search;

/// <summary>Adds search.</summary>
public static class SearchSetup
{
    /// <param name="follows">Whether this process keeps the index.</param>
    public static void AddSearch(this IServiceCollection services, bool follows)
    {
        services.AddSingleton<ISearchIndex>(provider => provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.IsSqlite ? new SqliteSearchIndex() : new PostgresSearchIndex());
        services.AddSingleton<SearchFollower>();
        services.AddSingleton<ComponentUses>();
        services.AddSingleton<ComponentSearch>();
        if (!follows)
            return;
        services.AddHostedService(provider => provider.GetRequiredService<SearchFollower>());
        services.AddHostedService(provider => provider.GetRequiredService<ComponentUses>());
    }
}
