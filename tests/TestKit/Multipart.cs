using System.Net.Http.Headers;
using System.Text;

namespace Claimed.TestKit;

/// <summary>A multipart/form-data body written byte by byte, so that a test can also write what no client library would.</summary>
public sealed class Multipart
{
    public const string Boundary = "part-of-a-test";

    private readonly MemoryStream _body = new();

    /// <summary>A file under the name <c>source</c>.</summary>
    public Multipart Source(string path, ReadOnlySpan<byte> content) => Part($"form-data; name=\"source\"; filename=\"{path}\"", content);

    public Multipart Source(string path, string text) => Source(path, Encoding.UTF8.GetBytes(text));

    /// <summary>An archive under the name <c>bundle</c>.</summary>
    public Multipart Bundle(ReadOnlySpan<byte> archive) => Part("form-data; name=\"bundle\"; filename=\"bundle\"", archive);

    public Multipart Field(string name, string value) => Part($"form-data; name=\"{name}\"", Encoding.UTF8.GetBytes(value));

    /// <param name="disposition">Value of Content-Disposition; null leaves the header out.</param>
    public Multipart Part(string? disposition, ReadOnlySpan<byte> content)
    {
        Write($"--{Boundary}\r\n{(disposition is null ? "Content-Type: text/plain" : $"Content-Disposition: {disposition}")}\r\n\r\n");
        _body.Write(content);
        Write("\r\n");
        return this;
    }

    /// <summary>The body with its closing boundary.</summary>
    public byte[] ToBytes() => [.. _body.ToArray(), .. Encoding.UTF8.GetBytes($"--{Boundary}--\r\n")];

    public HttpContent ToContent() => Content(ToBytes(), $"multipart/form-data; boundary={Boundary}");

    /// <summary>Any body under any Content-Type; none when <paramref name="type"/> is null.</summary>
    public static HttpContent Content(byte[] body, string? type)
    {
        var content = new ByteArrayContent(body);
        if (type is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    private void Write(string text) => _body.Write(Encoding.UTF8.GetBytes(text));
}
