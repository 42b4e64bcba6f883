using Claimed.Registry.Evidence.Packages;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Evidence;

/// <summary>Adds what the registry says, signed, of the images that it built.</summary>
public static class EvidenceSetup
{
    public static void AddEvidence(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<EvidenceOptions>().Bind(configuration.GetSection("Evidence")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<EvidenceOptions>, EvidenceOptionsCheck>();
        services.AddSingleton<EvidenceKeys>();
        services.AddSingleton<PackageListing>();
        services.AddSingleton<ImageEvidence>();
        services.AddSingleton<EvidenceArchive>();
        services.AddSingleton<DigestSearch>();
    }

    public static void MapEvidence(this IEndpointRouteBuilder routes)
    {
        routes.MapEvidenceKeys();
        routes.MapEvidenceArchive();
        routes.MapDigests();
    }
}
