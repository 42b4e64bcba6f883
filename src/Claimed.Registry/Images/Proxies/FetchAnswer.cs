using System.Buffers;

namespace Claimed.Registry.Images.Proxies;

/// <summary>A blob as it comes from elsewhere. When it turns out wrong, or breaks off, the connection is cut before its last byte.</summary>
internal sealed class FetchAnswer(BlobFetch fetch, TimeSpan idle) : IResult
{
    private const int BufferBytes = 128 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        try
        {
            await WriteAsync(httpContext);
        }
        catch (Exception fault) when (fetch.Verified.IsFaulted && !httpContext.Response.HasStarted)
        {
            httpContext.Response.ContentLength = null;
            httpContext.Response.Headers.Remove("Docker-Content-Digest");
            await ImageProxy.ErrorOf(fetch, fault).ExecuteAsync(httpContext);
        }
        finally
        {
            fetch.Leave();
        }
    }

    private async Task WriteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers["Docker-Content-Digest"] = fetch.Digest;
        response.Headers.CacheControl = "no-store";
        response.ContentType = "application/octet-stream";
        response.ContentLength = fetch.Size ?? fetch.Written;
        // Nothing is sent of it that a reader could wait for.
        if (response.ContentLength == 0)
            await fetch.Verified.WaitAsync(httpContext.RequestAborted);
        using var body = new IdleBody(httpContext, idle);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var sent = 0L; sent < response.ContentLength;)
            {
                var there = await fetch.MoreThanAsync(sent, httpContext.RequestAborted);
                if (there <= sent)
                    throw new InvalidDataException($"Blob {fetch.Digest} ended after {sent} bytes of {response.ContentLength}.");
                while (sent < there)
                {
                    var read = await fetch.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, there - sent)), sent, httpContext.RequestAborted);
                    if (read == 0)
                        throw new InvalidDataException($"The file of blob {fetch.Digest} is shorter than it was.");
                    await body.WriteAsync(buffer.AsMemory(0, read));
                    sent += read;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
