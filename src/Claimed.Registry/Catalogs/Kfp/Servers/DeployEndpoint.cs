using Claimed.Components.Renditions;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Catalogs.Kfp.Servers;

/// <summary>What a deployment is asked for.</summary>
/// <param name="Target">Name of a KFP API server, as the operator gave it.</param>
public sealed record DeployRequestDocument(string Target);

/// <summary>What a KFP API server has now.</summary>
/// <param name="Target">Name of the server.</param>
/// <param name="Version">The version that was deployed.</param>
/// <param name="Pipeline">Name of the pipeline there: <c>{namespace}--{name}</c>.</param>
/// <param name="PipelineId">The server's id of it.</param>
/// <param name="PipelineVersionId">The server's id of the version; absent for the first version, which the server does not tell.</param>
public sealed record DeployedDocument(string Target, string Namespace, string Name, string Version, string Pipeline, string PipelineId, string? PipelineVersionId);

/// <summary><c>POST …/versions/{ref}/deploy</c>: pushes a version to a KFP API server as a compiled pipeline.</summary>
public static class DeployEndpoint
{
    private const string Example = """{"target": "prod", "namespace": "acme", "name": "filter-csv", "version": "1.2.0", "pipeline": "acme--filter-csv", "pipelineId": "9907af19-2c2f-4d0a-a1a6-7c2a2e0c8c4b"}""";

    /// <summary>Adds the servers and their settings.</summary>
    public static void AddKfpServers(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<KfpOptions>().Bind(configuration.GetSection("Kfp")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<KfpOptions>, KfpOptionsCheck>();
        services.AddSingleton<KfpServers>();
    }

    public static void MapDeploy(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/components/{namespace}/{name}/versions/{version}/deploy", DeployAsync).Needs(Deed.Publish).WithTags("Clients").WithName("deployVersion")
            .WithSummary("Push a version to a KFP API server")
            .WithDescription("`target` is a server that the operator named (`Kfp__Targets__…`). The pipeline there is called `{namespace}--{name}`; the same version again changes nothing. "
                + "What the server says against it is passed on.")
            .WithMetadata(new JsonRequest(typeof(DeployRequestDocument), """{"target": "prod"}"""))
            .Returns<DeployedDocument>(201, "The server has it now.", Example).Returns<DeployedDocument>(200, "The server had it.", Example)
            .Refuses(400, "bad-reference", "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden")
            .Refuses(404, "component-not-found", "version-not-found", "target-not-found").Refuses(409, "version-not-ready", "target-has-other").Refuses(410, "version-purged", "version-expired").Refuses(415, "not-json")
            .Refuses(422, "bad-field").Refuses(502, "target-refused").Refuses(503, "target-away", "blob-missing");

    private static async Task<IResult> DeployAsync(
        string @namespace, string name, [FromRoute(Name = "version")] string @ref, HttpContext context, KfpServers servers, IBlobStore blobs, RegistryUrls urls, TimeProvider clock, UnreadyForms unready, CancellationToken cancellation)
    {
        if (CatalogView.Of(context).Find(@namespace, name) is not { } component)
            return Missing.Component(@namespace, name).ToResult();
        var resolved = VersionReference.Resolve(component, @ref, clock);
        if ((resolved.Version ?? UnreadyForms.Next(component, @ref)) is not { } version)
            return resolved.Refusal!.ToResult();
        var target = (await JsonBody.ReadAsync(context.Request, "target")).Text("target") ?? throw JsonBody.Bad("target", "is missing: name a KFP API server.");
        if (servers.Find(target, @namespace) is not { } server)
            return NoTarget(target, servers.For(@namespace)).ToResult();
        if (!version.IsReady)
            return (await unready.RefuseDeploymentAsync(context, component, version)).ToResult();

        var number = version.Number.ToString();
        var deployment = new KfpDeployment($"{@namespace}--{name}", number, component.DisplayName, component.Description, urls.Version(@namespace, name, number), await BytesAsync(component, version, blobs, urls, cancellation));
        var done = await server.DeployAsync(deployment, cancellation);
        var document = new DeployedDocument(target, @namespace, name, number, deployment.Pipeline, done.PipelineId, done.VersionId);
        return Results.Json(document, Json.Options, statusCode: done.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<ReadOnlyMemory<byte>> BytesAsync(ComponentEntry component, VersionEntry version, IBlobStore blobs, RegistryUrls urls, CancellationToken cancellation) =>
        version.Renditions.TryGetValue(RenditionForm.Pipeline, out var kept)
            ? await blobs.ReadAllAsync(kept.Digest, cancellation)
            : RequestedForms.Of(RenditionForm.Pipeline, component, version, urls, client: null).Bytes;

    private static Refusal NoTarget(string target, IReadOnlyList<string> known) => new(404, "target-not-found", "There is no such target.",
        $"{VersionReference.Quoted(target)} is no KFP API server that this namespace may deploy to; "
        + (known.Count == 0 ? "the registry's operator names one with Kfp__Targets__NAME__Url." : $"there {(known.Count == 1 ? "is" : "are")} {string.Join(", ", known)}."));
}
