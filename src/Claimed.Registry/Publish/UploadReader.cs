using System.Text;
using Claimed.Components.Sources;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Claimed.Registry.Publish;

/// <summary>What a publisher sent.</summary>
public sealed record Upload(IReadOnlyList<SourceFile> Files, PublishFields Fields);

/// <summary>Reads a publish request as it streams in: parts <c>source</c> or <c>bundle</c>, and the fields.</summary>
public sealed class UploadReader(IOptions<PublishOptions> options)
{
    private const string NotBoth = "Send either one part named bundle or parts named source, not both.";

    public async Task<Upload> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        var limits = options.Value;
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limits.MaxUploadBytes;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType != "multipart/form-data")
            throw UploadRefusal.NotMultipart(request.ContentType);
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 200)
            throw UploadRefusal.Malformed("The Content-Type has no usable boundary.");

        var files = new UploadFiles(limits);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var bundled = false;
        try
        {
            var reader = new MultipartReader(boundary, request.Body) { HeadersLengthLimit = 16 * 1024 };
            while (await reader.ReadNextSectionAsync(cancellation) is { } part)
            {
                var (name, fileName) = Disposition(part);
                if (name == "source" && bundled)
                    throw UploadRefusal.Malformed(NotBoth);
                else if (name == "source")
                    await files.AddAsync(fileName ?? throw UploadRefusal.Malformed("A part named source has no file name."), part.Body, false, null, cancellation);
                else if (name == "bundle")
                    bundled = await BundleAsync(part, bundled, files, limits, cancellation);
                else if (!fields.TryAdd(name, await TextAsync(part, name, limits, cancellation)))
                    throw UploadRefusal.Malformed($"The field \"{name}\" was sent twice.");
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException
            || (broken is IOException and not BadHttpRequestException && !cancellation.IsCancellationRequested))
        {
            throw UploadRefusal.Malformed($"The multipart body is damaged or cut off: {broken.Message}");
        }
        if (files.Count == 0)
            throw UploadRefusal.Unprocessable("no-files", "The upload has no files.", "Send at least one part named source, or one part named bundle.");
        return new Upload(files.ToList(unwrap: bundled), PublishFields.From(fields));
    }

    private static async Task<bool> BundleAsync(
        MultipartSection part, bool bundled, UploadFiles files, PublishOptions limits, CancellationToken cancellation)
    {
        if (bundled || files.Count > 0)
            throw UploadRefusal.Malformed(NotBoth);
        using var archive = new MemoryStream();
        if (!await CopyAsync(part.Body, archive, limits.MaxUploadBytes, cancellation))
            throw UploadRefusal.TooLarge($"The bundle is larger than {limits.MaxUploadBytes >> 20} MiB.");
        archive.Position = 0;
        await BundleReader.ReadAsync(archive, files, cancellation);
        return true;
    }

    private static (string Name, string? FileName) Disposition(MultipartSection part)
    {
        if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var header))
            throw UploadRefusal.Malformed("A part has no readable Content-Disposition.");
        var name = HeaderUtilities.RemoveQuotes(header.Name).Value;
        var file = HeaderUtilities.RemoveQuotes(header.FileNameStar.HasValue ? header.FileNameStar : header.FileName).Value;
        return (string.IsNullOrEmpty(name) ? throw UploadRefusal.Malformed("A part has no name: call it source, bundle or by the name of a field.") : name, file);
    }

    private static async Task<string> TextAsync(MultipartSection part, string name, PublishOptions limits, CancellationToken cancellation)
    {
        using var memory = new MemoryStream();
        if (!await CopyAsync(part.Body, memory, limits.MaxFieldBytes, cancellation))
            throw UploadRefusal.TooLarge($"The field \"{name}\" is longer than {limits.MaxFieldBytes} bytes.");
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(memory.GetBuffer(), 0, (int)memory.Length);
        }
        catch (DecoderFallbackException)
        {
            throw UploadRefusal.Malformed($"The field \"{name}\" is not UTF-8.");
        }
    }

    private static async Task<bool> CopyAsync(Stream from, Stream to, long limit, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await from.ReadAsync(buffer, cancellation)) > 0)
        {
            if (to.Length + read > limit)
                return false;
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
        return true;
    }
}
