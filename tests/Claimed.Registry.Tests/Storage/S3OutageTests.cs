using System.Net;
using System.Text.Json;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Storage;

/// <summary>What a registry says and does when its bucket is not there, not its own, or away for a while.</summary>
[Trait("Database", "any")]
public sealed class S3OutageTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-kept-").FullName;
    private S3Server _server = null!;

    public async ValueTask InitializeAsync() => _server = await S3Server.StartAsync("s3rver", keptFolder: _folder);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("Blobs:S3:Bucket", "nowhere", "The bucket \"nowhere\" (Blobs__S3__Bucket) at http://127.0.0.1:")]
    [InlineData("Blobs:S3:AccessKey", "someone", "refuses the credentials")]
    [InlineData("Blobs:S3:Prefix", "/odd", "Blobs__S3__Prefix is \"/odd\"")]
    [InlineData("Blobs:S3:ServiceUrl", "minio:9000", "Blobs__S3__ServiceUrl is \"minio:9000\"")]
    [InlineData("Blobs:S3:SecretKeyFile", "", "Give both Blobs__S3__AccessKey and Blobs__S3__SecretKeyFile, or neither")]
    [InlineData("Blobs:Store", "Disk", "Blobs__Store is \"Disk\": write Files or S3.")]
    public async Task A_setting_that_cannot_work_stops_the_start_with_a_sentence(string setting, string value, string says)
    {
        var settings = new Dictionary<string, string>(_server.Settings("")) { [setting] = value };
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => RegistryHost.StartAsync(settings));
        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_server_is_away_requests_hear_so_and_afterwards_all_goes_on()
    {
        await using var registry = await RegistryHost.StartAsync(_server.Settings("outage/"));
        await registry.CreateNamespaceAsync("acme");
        var repository = ImageHost.NewRepository();
        byte[] content = [.. "0123456789"u8];
        var url = (await registry.Admin.PostAsync($"/v2/{repository}/blobs/uploads/", null)).Headers.Location!.OriginalString;
        Assert.Equal(HttpStatusCode.Accepted, (await registry.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, content[..4], null))).StatusCode);
        var port = _server.Port;
        await _server.DisposeAsync();

        var refused = await registry.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, content[4..], null));
        Assert.NotNull(refused.Headers.RetryAfter);
        await ImageHost.AssertErrorAsync(refused, HttpStatusCode.ServiceUnavailable, "UNAVAILABLE");
        var publish = await registry.PublishAsync("acme", "filter", "1.0.0", ("component.yaml", Samples.ExistingImage("a word")));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, publish.Status);
        Assert.Contains("blobs-unreachable", publish.Text, StringComparison.Ordinal);
        Assert.Contains("blobs: ", await ReadyAsync(registry), StringComparison.Ordinal);

        _server = await S3Server.StartAsync("s3rver", port, _folder);
        Assert.Equal("0-3", (await registry.Admin.GetAsync(url)).Headers.GetValues("Range").Single());
        Assert.Equal(HttpStatusCode.Created, (await registry.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Put, $"{url}?digest={Digest.Of(content)}", content[4..], null))).StatusCode);
        Assert.Equal(content, await registry.Admin.GetByteArrayAsync($"/v2/{repository}/blobs/{Digest.Of(content)}"));
        Assert.DoesNotContain("blobs: ", await ReadyAsync(registry), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_starts_before_its_server_does()
    {
        var port = _server.Port;
        var settings = _server.Settings("late/");
        var secret = await File.ReadAllTextAsync(settings["Blobs:S3:SecretKeyFile"]);
        await _server.DisposeAsync();
        await File.WriteAllTextAsync(settings["Blobs:S3:SecretKeyFile"], secret);
        await using var registry = await RegistryHost.StartAsync(settings);
        Assert.Contains("blobs: ", await ReadyAsync(registry), StringComparison.Ordinal);
        _server = await S3Server.StartAsync("s3rver", port, _folder);
        Assert.DoesNotContain("blobs: ", await ReadyAsync(registry), StringComparison.Ordinal);
    }

    private static async Task<string> ReadyAsync(RegistryHost registry)
    {
        var answer = await registry.Anonymous.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("degraded").ToString();
    }
}
