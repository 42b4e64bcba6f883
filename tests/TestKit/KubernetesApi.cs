using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Claimed.TestKit;

/// <summary>As much of a Kubernetes API server as <c>kubectl create</c> and <c>patch</c> ask for jobs, secrets and service accounts; a cluster is more than a test may start.</summary>
public sealed class KubernetesApi : IAsyncDisposable
{
    // A Swagger document without paths, as protobuf: fields 1 "swagger", 2 "info" (title, version), 8 "paths".
    private static readonly byte[] NoSchema = [0x0a, 3, (byte)'2', (byte)'.', (byte)'0', 0x12, 6, 0x0a, 1, (byte)'k', 0x12, 1, (byte)'1', 0x42, 0];

    private readonly WebApplication _app;
    private ImmutableList<(string Path, JsonObject Body)> _made = [];

    private KubernetesApi(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";

    /// <summary>What was created or patched, with the path of the request.</summary>
    public IReadOnlyList<(string Path, JsonObject Body)> Made => _made;

    public static async Task<KubernetesApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        var app = builder.Build();
        var api = new KubernetesApi(app);
        app.MapGet("/version", () => new { major = "1", minor = "32", gitVersion = "v1.32.0" });
        app.MapGet("/api", () => new { kind = "APIVersions", versions = new[] { "v1" } });
        app.MapGet("/apis", () => new { kind = "APIGroupList", apiVersion = "v1", groups = new[] { Group("batch") } });
        app.MapGet("/api/v1", () => Resources("v1", ("secrets", "Secret"), ("serviceaccounts", "ServiceAccount")));
        app.MapGet("/apis/batch/v1", () => Resources("batch/v1", ("jobs", "Job")));
        app.MapGet("/openapi/v2", () => Results.Bytes(NoSchema, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"));
        app.MapGet("/openapi/v3", () => new { paths = new { } });
        app.MapGet("/api/v1/namespaces/default/serviceaccounts/{name}", (string name) => new { kind = "ServiceAccount", apiVersion = "v1", metadata = new { name, @namespace = "default" } });
        app.MapMethods("/{**path}", ["POST", "PATCH"], api.TakeAsync);
        await app.StartAsync();
        api.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return api;
    }

    private static object Group(string name) =>
        new { name, versions = new[] { new { groupVersion = name + "/v1", version = "v1" } }, preferredVersion = new { groupVersion = name + "/v1", version = "v1" } };

    private static object Resources(string version, params (string Name, string Kind)[] kinds) => new
    {
        kind = "APIResourceList",
        apiVersion = "v1",
        groupVersion = version,
        resources = kinds.Select(kind => new { name = kind.Name, singularName = "", namespaced = true, kind = kind.Kind, verbs = new[] { "create", "get", "list", "patch" } }),
    };

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        using var memory = new MemoryStream();
        await request.Body.CopyToAsync(memory);
        var body = request.ContentType == "application/vnd.kubernetes.protobuf" ? Secret(memory.ToArray()) : JsonNode.Parse(memory.ToArray())!.AsObject();
        ImmutableInterlocked.Update(ref _made, made => made.Add((request.Path, body)));
        var answer = (JsonObject)body.DeepClone();
        var metadata = answer["metadata"] as JsonObject ?? [];
        metadata["name"] ??= request.Method == "PATCH" ? Path.GetFileName(request.Path.Value!) : (string?)metadata["generateName"] + "x7k2p";
        answer["metadata"] = metadata.DeepClone();
        answer["kind"] ??= request.Path.Value!.Contains("/secrets", StringComparison.Ordinal) ? "Secret" : "ServiceAccount";
        answer["apiVersion"] ??= "v1";
        return Results.Json(answer, statusCode: request.Method == "POST" ? 201 : 200);
    }

    /// <summary>A secret as newer clients send it: four letters, then an envelope (2 "raw") around metadata (1, its 1 the name), data (2, keys and values) and type (3).</summary>
    private static JsonObject Secret(byte[] body)
    {
        var secret = Protobuf.Read(Protobuf.Read(body[4..]).All(2).Single());
        var data = secret.All(2).Select(Protobuf.Read).Select(entry => KeyValuePair.Create(entry.Text(1), (JsonNode?)Convert.ToBase64String(entry.All(2).Single())));
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Protobuf.Read(secret.All(1).Single()).Text(1) },
            ["data"] = new JsonObject(data),
            ["type"] = secret.Text(3),
        };
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
