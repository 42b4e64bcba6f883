using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Publish;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Claimed.Registry.OpenApi;

/// <summary>The OpenAPI document and the page to browse it. The file openapi.yaml of the repository is this document, byte for byte.</summary>
public static class OpenApiSetup
{
    public const string DocumentPath = "/swagger/v1/openapi.yaml";

    public static void AddOpenApiDocument(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen(swagger =>
        {
            swagger.SwaggerDoc("v1", new OpenApiInfo
            {
                Title = "Claimed.Registry",
                Version = "v1",
                Description = "The registry for machine-learning pipeline components: publish a notebook, script or KFP component once; "
                    + "Elyra, Kubeflow Pipelines and Airflow use it unmodified, pinned to an image digest. Reading is open; writing needs a token.",
            });
            swagger.AddSecurityDefinition("token", new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A token of this registry; Basic with any user name and the token as password works too.",
            });
            swagger.SupportNonNullableReferenceTypes();
            swagger.IncludeXmlComments(Path.Combine(AppContext.BaseDirectory, "Claimed.Registry.xml"));
            swagger.IncludeXmlComments(Path.Combine(AppContext.BaseDirectory, "Claimed.Components.xml"));
            swagger.OperationFilter<OperationDocs>();
            swagger.DocumentFilter<WithoutHead>();
            // Generic documents are named as people say them: a page of components is ComponentDocumentPage.
            swagger.CustomSchemaIds(NameOf);
        });
    }

    public static void MapOpenApiDocument(this WebApplication app)
    {
        app.MapSwagger("/swagger/{documentName}/openapi.{extension:regex(^(json|ya?ml)$)}").Open();
        app.UseSwaggerUI(page =>
        {
            page.SwaggerEndpoint(DocumentPath, "Claimed.Registry");
            page.DocumentTitle = "Claimed.Registry API";
            page.RoutePrefix = "swagger";
        });
    }

    private static string NameOf(Type type) => type.IsGenericType
        ? string.Concat(type.GetGenericArguments().Select(NameOf)) + type.Name[..type.Name.IndexOf('`')]
        : type.Name;
}

/// <summary>Adds to each operation what its route says of itself: answers with examples, the upload body, the need of a token.</summary>
public sealed class OperationDocs : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        foreach (var answer in metadata.OfType<AnswerDoc>())
        {
            if (operation.Responses?.TryGetValue(answer.Status.ToString(), out var response) != true || response is not OpenApiResponse concrete)
                continue;
            concrete.Description = answer.Description;
            var isJson = concrete.Content?.Keys.FirstOrDefault()?.Contains("json", StringComparison.Ordinal) == true;
            foreach (var (type, content) in concrete.Content ?? new Dictionary<string, IOpenApiMediaType>())
            {
                // An example is a text, in the first of several types.
                if (type.Contains("json", StringComparison.Ordinal) != isJson)
                    continue;
                if (answer.Example is { } example && content is OpenApiMediaType body && !type.StartsWith("image/", StringComparison.Ordinal) && (type != "application/gzip" || concrete.Content!.Count == 1))
                    body.Example = type.Contains("json", StringComparison.Ordinal) ? System.Text.Json.Nodes.JsonNode.Parse(example) : (System.Text.Json.Nodes.JsonNode)example;
            }
        }
        if (metadata.OfType<MultipartBody>().FirstOrDefault() is { } upload)
            operation.RequestBody = UploadBody(upload.Form);
        if (metadata.OfType<JsonRequest>().FirstOrDefault() is { } json)
            operation.RequestBody = JsonBodyOf(json, context);
        if (metadata.OfType<EndpointPolicy>().Any(policy => policy.NeedsToken))
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", context.Document)] = [] }];
    }

    private static OpenApiRequestBody JsonBodyOf(JsonRequest json, OperationFilterContext context) => new()
    {
        Required = true,
        Content = new Dictionary<string, IOpenApiMediaType>
        {
            ["application/json"] = new OpenApiMediaType
            {
                Schema = context.SchemaGenerator.GenerateSchema(json.Type, context.SchemaRepository),
                Example = System.Text.Json.Nodes.JsonNode.Parse(json.Example),
            },
        },
    };

    private static OpenApiRequestBody UploadBody(UploadForm form)
    {
        var fields = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        if (form.Files is { } files)
            fields[files] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description = "Notebook, script or component.yaml, with the files beside it.",
                Items = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
            };
        if (form.Archive is { } archive)
            fields[archive] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = $"All files as one .tar.gz or .zip{(form.Files is { } instead ? $", instead of {instead}" : "")}." };
        if (form.Either is { } either)
            fields[either] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = "The file, or a .tar.gz or .zip that holds it." };
        foreach (var field in form.Fields)
            fields[field] = new OpenApiSchema { Type = JsonSchemaType.String };
        return new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                ["multipart/form-data"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = fields } },
            },
        };
    }
}

/// <summary>HEAD is answered wherever GET is; in the document it would only double every operation id.</summary>
public sealed class WithoutHead : IDocumentFilter
{
    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        foreach (var path in swaggerDoc.Paths.Values)
            path.Operations?.Remove(HttpMethod.Head);
    }
}
