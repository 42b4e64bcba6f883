using System.Text;
using Claimed.Components.Sources;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Claimed.Registry.Publish;

/// <summary>What a publisher sent. It holds its share of the memory for uploads until it is disposed of.</summary>
public sealed record Upload(IReadOnlyList<SourceFile> Files, PublishFields Fields, UploadShare? Memory = null) : IDisposable
{
    public void Dispose() => Memory?.Dispose();
}

/// <summary>What the parts of a form were: the files, and the text fields.</summary>
public sealed record SentForm(IReadOnlyList<SourceFile> Files, IReadOnlyDictionary<string, string> Fields);

/// <summary>Reads a publish request as it streams in: the parts with files, and the fields.</summary>
public sealed class UploadReader(IOptions<PublishOptions> options, UploadMemory memory, TemporaryFiles temporary)
{
    /// <summary>Reads the form of the registry's own API.</summary>
    public Task<Upload> ReadAsync(HttpRequest request, CancellationToken cancellation) => ReadAsync(request, UploadForm.Publish, sent => (sent.Files, PublishFields.From(sent.Fields)), cancellation);

    /// <summary>Reads a form of a client's protocol.</summary>
    /// <param name="make">What it means as a publish.</param>
    public async Task<Upload> ReadAsync(HttpRequest request, UploadForm form, Func<SentForm, (IReadOnlyList<SourceFile> Files, PublishFields Fields)> make, CancellationToken cancellation)
    {
        var boundary = BoundaryOf(request);
        var share = memory.Begin();
        try
        {
            var (files, fields) = make(await ReadAsync(request, form, boundary, share, cancellation));
            return new Upload(files, fields, share);
        }
        catch
        {
            share.Dispose();
            throw;
        }
    }

    /// <summary>Reads a form that has no files.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ReadFieldsAsync(HttpRequest request, UploadForm form, CancellationToken cancellation)
    {
        using var share = memory.Begin();
        return (await ReadAsync(request, form, BoundaryOf(request), share, cancellation)).Fields;
    }

    /// <summary>Reads one file, or an archive, that came another way than in a form.</summary>
    /// <param name="make">What it means as a publish.</param>
    public async Task<Upload> ReadFileAsync(Stream content, Func<IReadOnlyList<SourceFile>, IReadOnlyList<SourceFile>> make, CancellationToken cancellation)
    {
        var share = memory.Begin();
        try
        {
            var files = new UploadFiles(options.Value, share);
            var isArchive = await EitherAsync(content, files, cancellation);
            return new Upload(make(files.ToList(unwrap: isArchive)), new PublishFields(), share);
        }
        catch
        {
            share.Dispose();
            throw;
        }
    }

    private string BoundaryOf(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = options.Value.MaxUploadBytes;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType != "multipart/form-data")
            throw UploadRefusal.NotMultipart(request.ContentType);
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return string.IsNullOrEmpty(boundary) || boundary.Length > 200 ? throw UploadRefusal.Malformed("The Content-Type has no usable boundary.") : boundary;
    }

    private async Task<SentForm> ReadAsync(HttpRequest request, UploadForm form, string boundary, UploadShare share, CancellationToken cancellation)
    {
        var limits = options.Value;
        var files = new UploadFiles(limits, share);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var bundled = false;
        try
        {
            var reader = new MultipartReader(boundary, request.Body) { HeadersLengthLimit = 16 * 1024 };
            while (await reader.ReadNextSectionAsync(cancellation) is { } part)
            {
                var (name, fileName) = Disposition(part);
                if (name == form.Files && bundled)
                    throw NotBoth(form);
                else if (name == form.Files)
                    await files.AddAsync(fileName ?? throw UploadRefusal.Malformed($"A part named {name} has no file name."), part.Body, false, null, cancellation);
                else if ((name == form.Archive || name == form.Either) && (bundled || files.Count > 0))
                    throw NotBoth(form);
                else if (name == form.Archive)
                    bundled = await BundleAsync(part.Body, files, cancellation);
                else if (name == form.Either)
                    bundled = await EitherAsync(part.Body, files, cancellation);
                else if (!form.Fields.Contains(name, StringComparer.Ordinal))
                    throw PublishFields.Unknown(name, form);
                else if (!fields.TryAdd(name, await TextAsync(part, name, limits, cancellation)))
                    throw UploadRefusal.Malformed($"The field \"{name}\" was sent twice.");
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException
            || (broken is IOException and not BadHttpRequestException && !cancellation.IsCancellationRequested && !StorageFaults.IsFull(broken)))
        {
            throw UploadRefusal.Malformed($"The multipart body is damaged or cut off: {broken.Message}");
        }
        if (files.Count == 0 && form.HasFiles)
            throw UploadRefusal.Unprocessable("no-files", "The upload has no files.", $"Send a part named {form.FileParts}.");
        return new SentForm(files.ToList(unwrap: bundled), fields);
    }

    private static RefusedException NotBoth(UploadForm form) => UploadRefusal.Malformed(form.Either is null
        ? $"Send either one part named {form.Archive} or parts named {form.Files}, not both." : $"Send one part named {form.Either}.");

    private async Task<bool> BundleAsync(Stream body, UploadFiles files, CancellationToken cancellation)
    {
        await new BundleReader(files, Temporary).ReadAsync(body, cancellation);
        return true;
    }

    /// <returns>Whether it is an archive.</returns>
    private async Task<bool> EitherAsync(Stream body, UploadFiles files, CancellationToken cancellation)
    {
        var magic = new byte[2];
        var got = await body.ReadAtLeastAsync(magic, 2, throwOnEndOfStream: false, cancellation);
        await using var whole = new BegunStream(magic.AsMemory(0, got), body);
        if (BundleReader.IsArchive(magic.AsSpan(0, got)))
            return await BundleAsync(whole, files, cancellation);
        await files.AddAsync(UploadForm.Unnamed, whole, false, null, cancellation);
        return false;
    }

    /// <summary>Gone when it is closed; what a killed process leaves is collected with other uploads that nobody continues.</summary>
    private FileStream Temporary() => new(temporary.PathOf("zip-" + Guid.CreateVersion7().ToString("N")), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
    });

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
