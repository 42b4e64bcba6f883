using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text.Json;
using Claimed.Registry.Http;

namespace Claimed.Registry.Catalogs.Kfp.Servers;

/// <summary>A pipeline as a KFP API server has it now.</summary>
/// <param name="PipelineId">The server's id.</param>
/// <param name="VersionId">The server's id of the version; null when an upload did not say.</param>
/// <param name="IsNew">False when the server had it.</param>
internal sealed record KfpDeployed(string PipelineId, string? VersionId, bool IsNew);

/// <summary>What is sent to a KFP API server.</summary>
/// <param name="Pipeline">Name of the pipeline there.</param>
/// <param name="Version">Name of the version there, the first excepted, which the server calls like the pipeline.</param>
/// <param name="Source">URL of the version here: by it a version is found again.</param>
/// <param name="Bytes">The compiled pipeline.</param>
internal sealed record KfpDeployment(string Pipeline, string Version, string DisplayName, string Description, string Source, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Where it is from stands in the description: released servers (2.0 to 2.17) keep that and drop <c>code_source_url</c>.</summary>
    public string DescriptionThere => Description.Length == 0 ? Origin : $"{Description}\n\n{Origin}";

    private string Origin => $"From {Source}";

    /// <summary>Whether a version of the server was uploaded from this one.</summary>
    public bool IsOf(string? source, string? description) =>
        source == Source || description == Origin || description?.EndsWith("\n" + Origin, StringComparison.Ordinal) == true;
}

/// <summary>
/// One KFP API server. It reads no URL inside a cluster, so a compiled pipeline is pushed: the first version makes the pipeline, later ones are added.
/// Looked for before, a version is uploaded once, however often it is deployed.
/// </summary>
internal sealed class KfpServer : IDisposable
{
    private const string Root = "apis/v2beta1/pipelines";
    private const int PageSize = 100, MostPages = 100, MostText = 500;
    private const int MostAnswer = 8 << 20;

    private readonly string _name;
    private readonly KfpTargetOptions _options;
    private readonly HttpClient _client;

    public KfpServer(string name, KfpTargetOptions options)
    {
        (_name, _options) = (name, options);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (options.CaFile is { } file)
            handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = OwnCertificates.Read(file).Accepts };
        _client = new HttpClient(handler) { BaseAddress = new Uri(options.Url.TrimEnd('/') + "/"), Timeout = options.Timeout, MaxResponseContentBufferSize = MostAnswer };
    }

    /// <summary>Sees to it that the server has the version.</summary>
    /// <exception cref="RefusedException">The server is away, or refuses.</exception>
    public async Task<KfpDeployed> DeployAsync(KfpDeployment deployment, CancellationToken cancellation)
    {
        // Of two that deploy at once one is told that the name is taken, and finds on the second round what the other one has made.
        for (var round = 0; ; round++)
        {
            if (await FindPipelineAsync(deployment.Pipeline, cancellation) is not { } pipeline)
            {
                if (await UploadAsync("upload", deployment.Pipeline, deployment, [("display_name", deployment.DisplayName), ("namespace", _options.KfpNamespace)], round == 0, cancellation) is { } made)
                    return new KfpDeployed(Text(made, "pipeline_id") ?? throw Refused(502, "took the pipeline and did not say its pipeline_id"), null, IsNew: true);
            }
            else if (await FindVersionAsync(pipeline, deployment, cancellation) is { } known)
            {
                return new KfpDeployed(pipeline, known, IsNew: false);
            }
            else if (await UploadAsync("upload_version", deployment.Version, deployment, [("display_name", deployment.Version), ("pipelineid", pipeline)], round == 0, cancellation) is { } added)
            {
                return new KfpDeployed(pipeline, Text(added, "pipeline_version_id"), IsNew: true);
            }
        }
    }

    private async Task<string?> FindPipelineAsync(string name, CancellationToken cancellation)
    {
        var path = Query($"{Root}/names/{Uri.EscapeDataString(name)}", [("namespace", _options.KfpNamespace)]);
        return await AskAsync(() => new HttpRequestMessage(HttpMethod.Get, path), [HttpStatusCode.NotFound], cancellation) is { } pipeline ? Text(pipeline, "pipeline_id") : null;
    }

    private async Task<string?> FindVersionAsync(string pipeline, KfpDeployment deployment, CancellationToken cancellation)
    {
        var token = "";
        for (var page = 0; page < MostPages; page++)
        {
            var path = Query($"{Root}/{Uri.EscapeDataString(pipeline)}/versions", [("page_size", $"{PageSize}"), ("sort_by", "created_at desc"), ("page_token", token)]);
            var list = await AskAsync(() => new HttpRequestMessage(HttpMethod.Get, path), [], cancellation);
            if (list!.Value.TryGetProperty("pipeline_versions", out var versions) && versions.ValueKind == JsonValueKind.Array)
            {
                foreach (var version in versions.EnumerateArray())
                {
                    var (source, description) = (Text(version, "code_source_url"), Text(version, "description"));
                    if (deployment.IsOf(source, description))
                        return Text(version, "pipeline_version_id");
                    // Servers before 2.15 say the name as the one that is shown.
                    if ((Text(version, "name") ?? Text(version, "display_name")) == deployment.Version)
                        throw new RefusedException(new Refusal(409, "target-has-other", "The KFP API server has another version of this name.",
                            $"The target \"{_name}\" has a version {deployment.Version} of {deployment.Pipeline} that was not deployed from here ({Origin(source, description)}). Delete it there, or publish and deploy another version."));
                }
            }
            if (Text(list.Value, "next_page_token") is not { Length: > 0 } next)
                return null;
            token = next;
        }
        throw Refused(502, $"lists more than {PageSize * MostPages} versions of {deployment.Pipeline}");
    }

    /// <returns>Null when the name is taken and that may be of the other one.</returns>
    private Task<JsonElement?> UploadAsync(string call, string name, KfpDeployment deployment, (string, string?)[] more, bool mayBeTaken, CancellationToken cancellation)
    {
        var path = Query($"{Root}/{call}", [("name", name), .. more, ("description", deployment.DescriptionThere), ("code_source_url", deployment.Source)]);
        return AskAsync(() =>
        {
            var file = new ReadOnlyMemoryContent(deployment.Bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/yaml") } };
            // The server tells the kind of a file by the end of its name.
            return new HttpRequestMessage(HttpMethod.Post, path) { Content = new MultipartFormDataContent { { file, "uploadfile", deployment.Pipeline + ".yaml" } } };
        }, mayBeTaken ? [HttpStatusCode.Conflict] : [], cancellation);
    }

    /// <returns>The answer's JSON; null for a status that is an answer, too.</returns>
    private async Task<JsonElement?> AskAsync(Func<HttpRequestMessage> make, HttpStatusCode[] expected, CancellationToken cancellation)
    {
        using var request = make();
        if (_options.TokenFile is { } file)
        {
            if (!SecretFile.TryRead(file, out var fault, out var token))
                throw Refused(503, $"needs the token in {file}, which {fault}");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        try
        {
            using var answer = await _client.SendAsync(request, cancellation);
            if (expected.Contains(answer.StatusCode))
                return null;
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            if (!answer.IsSuccessStatusCode)
                throw Refused(502, $"answered {(int)answer.StatusCode} to {request.Method} {request.RequestUri!.AbsolutePath}: {Said(text)}");
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (HttpRequestException away)
        {
            // Where it is knows the operator, and the network of the site is not for publishers to read.
            throw away.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded
                ? Refused(502, $"answered {request.Method} {request.RequestUri!.AbsolutePath} with more than {MostAnswer >> 20} MiB")
                : Refused(503, $"cannot be reached: {away.InnerException?.Message ?? away.HttpRequestError.ToString()}");
        }
        catch (JsonException)
        {
            throw Refused(502, $"answered {request.Method} {request.RequestUri!.AbsolutePath} with something else than JSON: is its Url the API server's?");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Refused(503, $"did not answer within {_options.Timeout.TotalSeconds:0} seconds");
        }
    }

    private static string Origin(string? source, string? description) =>
        !string.IsNullOrEmpty(source) ? $"its source is \"{ShownText.Of(source, MostText)}\""
        : string.IsNullOrWhiteSpace(description) ? "it says nothing of its source" : $"it says \"{ShownText.Of(description, MostText)}\"";

    /// <summary>What the server says is wrong, for people: its message alone where it writes one.</summary>
    private static string Said(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            text = Text(document.RootElement, "error_message") ?? Text(document.RootElement, "message") ?? Text(document.RootElement, "error") ?? text;
        }
        catch (JsonException)
        {
            // A proxy before it writes what it likes.
        }
        return ShownText.Of(text.Trim().ReplaceLineEndings(" "), MostText);
    }

    private RefusedException Refused(int status, string what) => new(status == 503
        ? new Refusal(503, "target-away", "The KFP API server cannot be asked.", $"The target \"{_name}\" {what}. Try again later, or ask the registry's operator (Kfp__Targets__{_name}).")
        : new Refusal(502, "target-refused", "The KFP API server does not take it.", $"The target \"{_name}\" {what}"));

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Query(string path, IEnumerable<(string Name, string? Value)> values) =>
        path + "?" + string.Join('&', values.Where(value => !string.IsNullOrEmpty(value.Value)).Select(value => $"{value.Name}={Uri.EscapeDataString(value.Value!)}"));

    public void Dispose() => _client.Dispose();
}
