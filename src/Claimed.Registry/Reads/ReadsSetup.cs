using Claimed.Registry.Http;

namespace Claimed.Registry.Reads;

/// <summary>Adds the counting of reads.</summary>
public static class ReadsSetup
{
    public static void AddReads(this IServiceCollection services)
    {
        services.AddSingleton<ReadTallies>();
        services.AddSingleton<ReadCounts>();
        services.AddHostedService(provider => provider.GetRequiredService<ReadCounts>());
        services.AddSingleton<ReadDays>();
    }
}
