using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Claimed.TestKit;

/// <summary>One version of a pipeline, as it was uploaded.</summary>
public sealed record KfpApiVersion(string Id, string PipelineId, string Name, string DisplayName, string Description, string Source, string File, string Text);

/// <summary>
/// The calls of a KFP API server about pipelines, as its sources have them: an upload makes a pipeline with a first version of the same name, names are taken once,
/// answers have the names of the protobuf. The server itself needs MySQL, Argo and a cluster.
/// </summary>
public sealed class KfpApiServer : IAsyncDisposable
{
    private const int PageSize = 2;

    private readonly WebApplication _app;
    private readonly SemaphoreSlim _oneUpload = new(1);
    private ImmutableList<(string Id, string Name, string Space)> _pipelines = [];
    private ImmutableList<KfpApiVersion> _versions = [];
    private ImmutableList<string> _requests = [];

    private KfpApiServer(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";

    /// <summary>The token that callers must bring; null takes everyone.</summary>
    public string? Token { get; set; }

    /// <summary>False as with released servers (2.0 to 2.17): what an upload says in <c>code_source_url</c> is dropped, and a version has no <c>name</c> before 2.15.</summary>
    public bool KeepsSource { get; set; }

    /// <summary>Answers before the server does; true when it has.</summary>
    public Func<HttpContext, Task<bool>> Before { get; set; } = _ => Task.FromResult(false);

    /// <summary>Method and path with query of each request, in order.</summary>
    public IReadOnlyList<string> Requests => _requests;

    public IReadOnlyList<KfpApiVersion> Versions => _versions;

    /// <param name="certificates">Folder of <see cref="EngineCertificates"/> for a server with TLS; null for one without.</param>
    public static async Task<KfpApiServer> StartAsync(string? certificates = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificates is null)
                return;
            using var own = X509Certificate2.CreateFromPemFile(Path.Combine(certificates, "server-cert.pem"), Path.Combine(certificates, "server-key.pem"));
            listen.UseHttps(X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null));
        }));
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        var app = builder.Build();
        var server = new KfpApiServer(app);
        app.Use(server.CheckAsync);
        var pipelines = app.MapGroup("/apis/v2beta1/pipelines");
        pipelines.MapGet("names/{name}", server.ByName);
        pipelines.MapGet("{id}/versions", server.List);
        pipelines.MapPost("upload", server.UploadAsync).AddEndpointFilter(server.OneByOneAsync);
        pipelines.MapPost("upload_version", server.UploadVersionAsync).AddEndpointFilter(server.OneByOneAsync);
        await app.StartAsync();
        server.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return server;
    }

    private async Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        ImmutableInterlocked.Update(ref _requests, list => list.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}"));
        if (await Before(context))
            return;
        if (Token is not null && context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            await Error(401, "Request header error: there is no user identity header.").ExecuteAsync(context);
            return;
        }
        await next(context);
    }

    private async ValueTask<object?> OneByOneAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        await _oneUpload.WaitAsync();
        try
        {
            return await next(context);
        }
        finally
        {
            _oneUpload.Release();
        }
    }

    private IResult ByName(string name, string? @namespace) => _pipelines.Find(pipeline => pipeline.Name == name && pipeline.Space == (@namespace ?? "")) is { Id: not null } found
        ? Results.Json(new { pipeline_id = found.Id, name }) : Error(404, $"Failed to get a pipeline: pipeline {name} not found");

    private IResult List(string id, string? page_token)
    {
        var start = page_token is null ? 0 : int.Parse(page_token, System.Globalization.CultureInfo.InvariantCulture);
        var page = _versions.Where(version => version.PipelineId == id).Reverse().Skip(start).Take(PageSize)
            .Select(version => KeepsSource
                ? new { pipeline_version_id = version.Id, name = version.Name, display_name = version.DisplayName, description = version.Description, code_source_url = version.Source }
                : (object)new { pipeline_version_id = version.Id, display_name = version.Name, description = version.Description }).ToList();
        return Results.Json(page.Count == PageSize ? new { pipeline_versions = page, next_page_token = $"{start + PageSize}" } : (object)new { pipeline_versions = page });
    }

    private async Task<IResult> UploadAsync(HttpRequest request, string name, string? @namespace)
    {
        if (_pipelines.Exists(pipeline => pipeline.Name == name))
            return Error(409, "Failed to create a pipeline and a pipeline version");
        var id = Guid.CreateVersion7().ToString();
        if (await AddAsync(request, id, name) is { } wrong)
            return wrong;
        ImmutableInterlocked.Update(ref _pipelines, list => list.Add((id, name, @namespace ?? "")));
        return Results.Json(new { pipeline_id = id, name });
    }

    private async Task<IResult> UploadVersionAsync(HttpRequest request, string name, string pipelineid)
    {
        if (_versions.Exists(version => version.PipelineId == pipelineid && version.Name == name))
            return Error(409, "Failed to create a pipeline version");
        return await AddAsync(request, pipelineid, name) ?? Results.Json(new { pipeline_id = pipelineid, pipeline_version_id = _versions[^1].Id, name });
    }

    private async Task<IResult?> AddAsync(HttpRequest request, string pipeline, string name)
    {
        var form = await request.ReadFormAsync();
        if (form.Files.GetFile("uploadfile") is not { } file || !file.FileName.EndsWith(".yaml", StringComparison.Ordinal))
            return Error(400, "Failed to read pipeline from file");
        using var reader = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
        var version = new KfpApiVersion(Guid.CreateVersion7().ToString(), pipeline, name, request.Query["display_name"].ToString(), request.Query["description"].ToString(), KeepsSource ? request.Query["code_source_url"].ToString() : "", file.FileName, await reader.ReadToEndAsync());
        ImmutableInterlocked.Update(ref _versions, list => list.Add(version));
        return null;
    }

    private static IResult Error(int status, string message) => Results.Json(new { error_message = message, error_details = message }, statusCode: status);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _oneUpload.Dispose();
    }
}
