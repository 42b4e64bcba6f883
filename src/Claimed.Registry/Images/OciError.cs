using System.Globalization;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Http;

namespace Claimed.Registry.Images;

/// <summary>A refusal as OCI Distribution words it: <c>{"errors":[{"code","message","detail"}]}</c>.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">One of the specification's codes, where it has one.</param>
/// <param name="Message">What, where and how to fix it.</param>
public sealed record OciError(int Status, string Code, string Message, object? Detail = null) : IResult
{
    /// <summary>Seconds after which the request may be sent again.</summary>
    public int? RetryAfter { get; init; }

    public static OciError NameInvalid(string name) => new(400, "NAME_INVALID",
        $"\"{Shown(name)}\" is no repository: use namespace/name in lower case, with single separators, at most {ImageNames.MaxRepositoryLength} characters.");

    public static OciError NameUnknown(string repository) => new(404, "NAME_UNKNOWN", $"There is no repository {repository}.");

    public static OciError DigestInvalid(string digest) => new(400, "DIGEST_INVALID",
        $"\"{Shown(digest)}\" is no digest: write sha256: and 64 lower-case hex digits, or sha512: and 128.");

    public static OciError DigestMismatch(string said) => new(400, "DIGEST_INVALID", $"The content that arrived is not {said}.");

    public static OciError BlobUnknown(string repository, string digest) =>
        new(404, "BLOB_UNKNOWN", $"Repository {repository} has no blob {digest}.", new { digest });

    public static OciError UploadUnknown() => new(404, "BLOB_UPLOAD_UNKNOWN",
        "This repository has no such upload: it was finished, cancelled or left alone for too long. Start again with POST.");

    public static OciError UploadInvalid(string message) => new(400, "BLOB_UPLOAD_INVALID", message);

    public static OciError ManifestInvalid(string message) => new(400, "MANIFEST_INVALID", message);

    public static OciError ManifestUnknown(string repository, string reference) =>
        new(404, "MANIFEST_UNKNOWN", $"Repository {repository} has no manifest {Shown(reference)}.", new { reference = Shown(reference) });

    public static OciError Denied(int status, string message) => new(status, "DENIED", message);

    public static OciError Unsupported(int status, string message) => new(status, "UNSUPPORTED", message);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = Encoding.UTF8.GetBytes(SecretText.Hide(JsonSerializer.Serialize(new { errors = new[] { new { code = Code, message = Message, detail = Detail } } }, Json.Options)));
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    private static string Shown(string text) => text.Length <= 300 ? text : text[..300] + "…";
}

/// <summary>Ends a request with an <see cref="OciError"/> from deep inside an upload or a transaction, which it undoes.</summary>
public sealed class OciRefusedException(OciError error) : Exception(error.Message)
{
    public OciError Error { get; } = error;
}
