using Microsoft.Extensions.Primitives;

namespace Claimed.Registry.Catalogs.Artifactory;

/// <summary>Takes a token from the header in which Artifactory's clients send their key, as if it had come as Bearer token.</summary>
public static class ApiKeyHeader
{
    private const string Name = "X-JFrog-Art-Api";

    public static void UseArtifactoryKey(this IApplicationBuilder app) => app.Use(next => context =>
    {
        var headers = context.Request.Headers;
        if (headers.Authorization.Count == 0 && context.Request.Path.StartsWithSegments("/catalogs/artifactory") && headers[Name] is [{ Length: > 0 } key])
            headers.Authorization = new StringValues($"Bearer {key}");
        return next(context);
    });
}
