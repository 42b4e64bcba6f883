using System.Net;
using System.Net.Sockets;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>What goes over the line itself: waiting, stalling, refusals in the middle of a body, and where answers lead.</summary>
[Trait("Database", "any")]
public sealed class ConnectionTests(ImageHost host) : IClassFixture<ImageHost>
{
    private readonly string _repository = ImageHost.NewRepository();

    [Fact]
    public async Task A_client_that_waits_before_it_sends_is_told_to_go_on_or_refused_at_once()
    {
        using var line = await Line.OpenAsync(host.Registry.Address);
        await line.SendAsync($"POST /v2/{_repository}/blobs/uploads/?digest={Digest.Of("waited")}", "Expect: 100-continue", "Content-Length: 6");
        Assert.Equal("HTTP/1.1 100 Continue", (await line.ReadHeadAsync())[0]);
        await line.SendBytesAsync("waited"u8.ToArray());
        Assert.Equal("HTTP/1.1 201 Created", (await line.ReadHeadAsync())[0]);

        using var second = await Line.OpenAsync(host.Registry.Address);
        await second.SendAsync($"PUT /v2/{_repository}/manifests/.odd", "Expect: 100-continue", "Content-Length: 6000000");
        Assert.Equal("HTTP/1.1 400 Bad Request", (await second.ReadHeadAsync())[0]);
    }

    [Theory]
    [InlineData("PUT", "manifests/.odd", 400)]
    [InlineData("PUT", "manifests/large", 413)]
    [InlineData("POST", "blobs/uploads/?digest=sha256:no", 400)]
    [InlineData("PATCH", "blobs/uploads/00000000000000000000000000000000", 404)]
    [InlineData("PUT", "blobs/uploads/00000000000000000000000000000000?digest=sha256:no", 404)]
    [InlineData("PATCH", "tags/list", 405)]
    public async Task After_a_refusal_the_rest_of_a_body_is_read_and_the_line_can_be_used_again(string method, string resource, int status)
    {
        using var line = await Line.OpenAsync(host.Registry.Address);
        for (var round = 0; round < 2; round++)
        {
            await line.SendAsync($"{method} /v2/{_repository}/{resource}", "Content-Length: 6000000", $"Content-Type: {MediaTypes.OciManifest}");
            await line.SendBytesAsync(new byte[6_000_000]);
            var head = await line.ReadHeadAsync();
            Assert.StartsWith($"HTTP/1.1 {status} ", head[0], StringComparison.Ordinal);
            Assert.Contains("Content-Type: application/json", head);
            Assert.Contains("Docker-Distribution-Api-Version: registry/2.0", head);
            Assert.DoesNotContain("Connection: close", head);
            Assert.StartsWith("{\"errors\":[{\"code\":\"", await line.ReadBodyAsync(head), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_upload_that_stands_still_outlives_the_limit_that_other_requests_have()
    {
        // Kestrel's own limit, made short; by itself it ends an upload that stalls for some seconds.
        await using var registry = await RegistryHost.StartAsync(adjust: builder => builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(100_000, TimeSpan.FromSeconds(1.5))));
        await registry.CreateNamespaceAsync("acme");
        var url = (await registry.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/", null)).Headers.Location!.OriginalString;
        using var upload = await Line.OpenAsync(registry.Address);
        await upload.SendAsync($"PATCH {url}", "Content-Length: 10");
        await upload.SendBytesAsync("01234"u8.ToArray());
        using var other = await Line.OpenAsync(registry.Address);
        await other.SendAsync("PUT /api/v1/components/acme/slow/versions/1.0.0", "Content-Type: multipart/form-data; boundary=x", "Content-Length: 100000");
        await other.SendBytesAsync("--x\r\n"u8.ToArray());
        await other.UntilClosedAsync();
        await upload.SendBytesAsync("56789"u8.ToArray());
        Assert.Equal("HTTP/1.1 202 Accepted", (await upload.ReadHeadAsync())[0]);
        Assert.Equal("0-9", (await registry.Admin.GetAsync(url)).Headers.GetValues("Range").Single());
    }

    [Fact]
    public async Task A_client_that_reads_slowly_outlives_the_limit_that_other_answers_have()
    {
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registry = await RegistryHost.StartAsync(adjust: builder =>
        {
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MinResponseDataRate = new MinDataRate(10_000_000, TimeSpan.FromSeconds(1.5)));
            builder.Services.AddSingleton<IStartupFilter>(new EndlessAnswer(cut));
        });
        await registry.CreateNamespaceAsync("acme");
        // More than the buffers of a connection take.
        var bytes = new byte[30_000_000];
        await registry.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/?digest={Digest.Of(bytes)}", ImageHost.Bytes(bytes));
        using var pull = await Line.OpenAsync(registry.Address);
        await pull.SendAsync($"GET /v2/{_repository}/blobs/{Digest.Of(bytes)}");
        var head = await pull.ReadHeadAsync();
        using var other = await Line.OpenAsync(registry.Address);
        await other.SendAsync($"GET {EndlessAnswer.Path}");
        await cut.Task;
        Assert.Equal(bytes.Length, (await pull.ReadBodyAsync(head)).Length);
    }

    [Fact]
    public async Task HEAD_answers_as_GET_does_everywhere_and_nothing_is_compressed()
    {
        var digest = await host.PushImageAsync(_repository, "one");
        var upload = await host.StartUploadAsync(_repository);
        foreach (var path in (string[])["/v2/", upload, .. ((string[])["manifests/one", $"manifests/{digest}", $"blobs/{Digest.Of("layer")}", "tags/list", "tags/list?n=0",
            $"referrers/{digest}", "manifests/none", $"blobs/{Digest.Of("none")}"]).Select(path => $"/v2/{_repository}/{path}")])
        {
            var (got, asked) = (await SendAsync(HttpMethod.Get, path), await SendAsync(HttpMethod.Head, path));
            Assert.Equal((path, got.StatusCode), (path, asked.StatusCode));
            Assert.Empty(await asked.Content.ReadAsByteArrayAsync());
            Assert.Equal((path, got.Content.Headers.ContentType?.ToString()), (path, asked.Content.Headers.ContentType?.ToString()));
            if (got.StatusCode != HttpStatusCode.NoContent)
                Assert.Equal((path, (long?)(await got.Content.ReadAsByteArrayAsync()).Length), (path, asked.Content.Headers.ContentLength));
            Assert.Empty(got.Content.Headers.ContentEncoding);
            foreach (var name in new[] { "Docker-Content-Digest", "Docker-Distribution-Api-Version", "Docker-Upload-UUID", "Range", "Location" })
                Assert.Equal(got.Headers.NonValidated.TryGetValues(name, out var one) ? one.ToString() : "", asked.Headers.NonValidated.TryGetValues(name, out var two) ? two.ToString() : "");
        }

        async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path)
        {
            var request = new HttpRequestMessage(method, path);
            request.Headers.Add("Accept-Encoding", "gzip, br");
            return await host.Admin.SendAsync(request);
        }
    }

    [Theory]
    [InlineData("blobs/uploads/")]
    [InlineData("blobs/uploads/?digest=")]
    [InlineData("manifests/one")]
    public async Task A_Location_is_a_path_so_that_it_is_right_behind_every_proxy(string resource)
    {
        var manifest = await host.ManifestAsync(_repository);
        var url = $"/v2/{_repository}/{resource}" + (resource.EndsWith('=') ? Digest.Of("layer") : "");
        var request = new HttpRequestMessage(resource.StartsWith("manifests", StringComparison.Ordinal) ? HttpMethod.Put : HttpMethod.Post, url);
        if (request.Method == HttpMethod.Put)
            request.Content = ImageHost.Bytes(manifest, MediaTypes.OciManifest);
        else if (url.Contains('?', StringComparison.Ordinal))
            request.Content = ImageHost.Bytes("layer"u8.ToArray());
        request.Headers.Host = "registry.example.org:8443";
        foreach (var (name, value) in new[] { ("X-Forwarded-Host", "other.example.org"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/oci"), ("Forwarded", "host=other.example.org;proto=https") })
            request.Headers.Add(name, value);
        var answer = await host.Admin.SendAsync(request);
        Assert.StartsWith($"/v2/{_repository}/", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("manifests/sha256%3A{0}", 200)]
    [InlineData("manifests/sha256%3a{0}", 200)]
    [InlineData("blobs/sha256%3A{1}", 200)]
    [InlineData("blobs%2Fsha256:{1}", 404)]
    [InlineData("manifests%2Fone", 404)]
    [InlineData("manifests/one%2F..", 400)]
    [InlineData("manifests/%6Fne", 200)]
    public async Task A_colon_may_be_written_as_an_escape_and_a_slash_may_not(string resource, int status)
    {
        var digest = await host.PushImageAsync(_repository, "one");
        var path = string.Format(System.Globalization.CultureInfo.InvariantCulture, resource, digest[7..], Digest.Of("layer")[7..]);
        foreach (var method in new[] { "GET", "HEAD" })
        {
            using var line = await Line.OpenAsync(host.Registry.Address);
            await line.SendAsync($"{method} /v2/{_repository}/{path}");
            var head = await line.ReadHeadAsync();
            Assert.StartsWith($"HTTP/1.1 {status} ", head[0], StringComparison.Ordinal);
            if (status == 200)
                Assert.Contains(head, field => field.StartsWith("Docker-Content-Digest: sha256:", StringComparison.Ordinal));
        }
    }

    /// <summary>An answer that never ends, for which the limits of Kestrel hold.</summary>
    private sealed class EndlessAnswer(TaskCompletionSource cut) : IStartupFilter
    {
        public const string Path = "/endless";

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, others) =>
            {
                if (context.Request.Path != Path)
                {
                    await others();
                    return;
                }
                try
                {
                    while (true)
                        await context.Response.Body.WriteAsync(new byte[1_000_000], context.RequestAborted);
                }
                catch (Exception ended) when (context.RequestAborted.IsCancellationRequested || ended is IOException)
                {
                    cut.SetResult();
                }
            });
            next(app);
        };
    }

    /// <summary>A connection whose bytes are ours: HttpClient would clean paths and hide what comes in between.</summary>
    private sealed class Line : IDisposable
    {
        private readonly TcpClient _client = new();
        private Uri _address = null!;

        public static async Task<Line> OpenAsync(Uri address)
        {
            var line = new Line { _address = address };
            await line._client.ConnectAsync(address.Host, address.Port);
            return line;
        }

        public ValueTask SendAsync(string request, params string[] fields) => SendBytesAsync(Encoding.Latin1.GetBytes(
            $"{request} HTTP/1.1\r\nHost: {_address.Authority}\r\nAuthorization: Bearer {RegistryHost.AdminToken}\r\n{string.Concat(fields.Select(field => field + "\r\n"))}\r\n"));

        public ValueTask SendBytesAsync(byte[] bytes) => _client.GetStream().WriteAsync(bytes);

        /// <summary>The status line and the fields of the next answer.</summary>
        public async Task<List<string>> ReadHeadAsync()
        {
            var lines = new List<string>();
            var line = new StringBuilder();
            var next = new byte[1];
            while (true)
            {
                await _client.GetStream().ReadExactlyAsync(next);
                if (next[0] == '\n' && line.Length == 0)
                    return lines;
                if (next[0] == '\n')
                {
                    lines.Add(line.ToString());
                    line.Clear();
                }
                else if (next[0] != '\r')
                {
                    line.Append((char)next[0]);
                }
            }
        }

        public async Task<string> ReadBodyAsync(List<string> head)
        {
            var length = head.Single(field => field.StartsWith("Content-Length: ", StringComparison.Ordinal))["Content-Length: ".Length..];
            var bytes = new byte[int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)];
            await _client.GetStream().ReadExactlyAsync(bytes);
            return Encoding.UTF8.GetString(bytes);
        }

        public async Task UntilClosedAsync()
        {
            try
            {
                while (await _client.GetStream().ReadAsync(new byte[4096]) > 0)
                {
                }
            }
            catch (IOException)
            {
                // Reset is closed, too.
            }
        }

        public void Dispose() => _client.Dispose();
    }
}
