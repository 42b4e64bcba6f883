using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Access;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>One registry for the tests of a class, and the steps of a push.</summary>
public sealed class ImageHost : IAsyncLifetime
{
    private static int _repositories;

    public RegistryHost Registry { get; private set; } = null!;

    /// <summary>Settings beside those of every test.</summary>
    public IReadOnlyDictionary<string, string>? Settings { get; init; }

    /// <summary>Replaces parts.</summary>
    public Action<WebApplicationBuilder>? Adjust { get; init; }

    public HttpClient Admin => Registry.Admin;

    public HttpClient Anonymous => Registry.Anonymous;

    /// <summary>A repository that no other test uses.</summary>
    public static string NewRepository() => $"acme/image-{Interlocked.Increment(ref _repositories)}";

    public async ValueTask InitializeAsync()
    {
        Registry = await RegistryHost.StartAsync(Settings, adjust: Adjust);
        await Registry.CreateNamespaceAsync("acme");
    }

    public ValueTask DisposeAsync() => Registry.DisposeAsync();

    public async Task<string> PushBlobAsync(string repository, byte[] bytes)
    {
        var digest = Digest.Of(bytes);
        var answer = await Admin.PostAsync($"/v2/{repository}/blobs/uploads/?digest={digest}", Bytes(bytes));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return digest;
    }

    /// <summary>Pushes config, one layer and a manifest; returns the manifest's digest.</summary>
    public async Task<string> PushImageAsync(string repository, string reference, string content = "layer")
    {
        var manifest = await ManifestAsync(repository, content);
        var answer = await PutManifestAsync(repository, reference, manifest);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return Digest.Of(manifest);
    }

    /// <summary>A manifest whose blobs are in the repository.</summary>
    public async Task<byte[]> ManifestAsync(string repository, string content = "layer", string more = "")
    {
        var layer = Encoding.UTF8.GetBytes(content);
        await PushBlobAsync(repository, layer);
        await PushBlobAsync(repository, Config);
        return ImageOf(layer, more);
    }

    /// <summary>As the administrator; under the tag of a build as its engine.</summary>
    public Task<HttpResponseMessage> PutManifestAsync(string repository, string reference, byte[] bytes, string type = MediaTypes.OciManifest)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, $"/v2/{repository}/manifests/{reference}") { Content = Bytes(bytes, type) };
        if (reference.StartsWith(ImageRights.BuildTags, StringComparison.Ordinal))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Registry.Services.GetRequiredService<PushTickets>().Issue(repository, reference, TimeSpan.FromMinutes(1)));
        return Admin.SendAsync(request);
    }

    /// <summary>Starts an upload and returns where it goes on.</summary>
    public async Task<string> StartUploadAsync(string repository)
    {
        var answer = await Admin.PostAsync($"/v2/{repository}/blobs/uploads/", null);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return answer.Headers.Location!.OriginalString;
    }

    public static readonly byte[] Config =
        """{"architecture":"amd64","os":"linux","config":{"Entrypoint":["/bin/run"],"Env":["A=b"],"Labels":{"l":"1"}},"rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray();

    public static byte[] ImageOf(byte[] layer, string more = "") => Encoding.UTF8.GetBytes(
        $$"""
        {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
         "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Digest.Of(Config)}}","size":{{Config.Length}}},
         "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{Digest.Of(layer)}}","size":{{layer.Length}}}]{{more}}}

        """);

    /// <param name="entries">See <see cref="EntryOf"/>.</param>
    public static byte[] IndexOf(params IEnumerable<string> entries) =>
        Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{{string.Join(',', entries)}}]}""");

    /// <summary>A manifest as an index lists it.</summary>
    /// <param name="more">Further members, each after a comma.</param>
    public static string EntryOf(byte[] manifest, string more = "") =>
        $$"""{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Digest.Of(manifest)}}","size":{{manifest.Length}}{{more}}}""";

    public static ByteArrayContent Bytes(byte[] bytes, string type = "application/octet-stream")
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    /// <summary>A PATCH or PUT whose Content-Range need not be well-formed.</summary>
    public static HttpRequestMessage Chunk(HttpMethod method, string url, byte[] bytes, string? range)
    {
        var request = new HttpRequestMessage(method, url) { Content = Bytes(bytes) };
        if (range is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Range", range);
        return request;
    }

    /// <summary>Checks status and code of an error as OCI words it.</summary>
    public static async Task AssertErrorAsync(HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode} {body}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("registry/2.0", Assert.Single(answer.Headers.GetValues("Docker-Distribution-Api-Version")));
        using var document = JsonDocument.Parse(body);
        Assert.Equal(code, document.RootElement.GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.NotEqual("", document.RootElement.GetProperty("errors")[0].GetProperty("message").GetString());
    }
}
