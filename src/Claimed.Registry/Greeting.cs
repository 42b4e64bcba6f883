using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Http;
using Microsoft.Extensions.Options;

namespace Claimed.Registry;

/// <summary>Says at start, in a few lines that a person can read, where everything is.</summary>
public static class Greeting
{
    public static string Text(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<RegistryOptions>>().Value;
        var urls = services.GetRequiredService<RegistryUrls>();
        var lines = new List<string>
        {
            $"Claimed.Registry at {urls.Base}",
            $"  catalog       {urls.Base}/",
            $"  Swagger UI    {urls.Base}/swagger",
            $"  Elyra         {urls.Base}/catalogs/elyra/NAMESPACE/url-catalog.json?runtime=kfp",
            $"  images        docker pull {new Uri(urls.Base).Authority}/NAMESPACE/NAME:VERSION",
            $"  data          {Path.GetFullPath(options.DataPath)}",
            options.AdminToken is null
                ? $"  admin token   in {services.GetRequiredService<KnownTokens>().AdminTokenFile}"
                : "  admin token   as set by Registry__AdminToken",
        };
        if (urls.IsLoopback)
            lines.Add("  note          the address is of this machine alone: set Registry__PublicUrl for clients elsewhere");
        return string.Join(Environment.NewLine, lines);
    }
}
