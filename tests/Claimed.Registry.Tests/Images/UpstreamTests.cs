using System.Net;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>
/// Registries that the operator named with an account: Debian's docker-registry, which wants name and password, and another of these
/// registries, which wants a pass. All else on this machine is as private as ever.
/// </summary>
[Trait("Database", "any")]
public sealed class UpstreamTests(UpstreamTests.Registries registries) : IClassFixture<UpstreamTests.Registries>
{
    public sealed class Registries : IAsyncLifetime
    {
        public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("claimed-upstream-");

        public DockerRegistry Docker { get; private set; } = null!;

        public ImageHost Other { get; } = new();

        public RegistryHost Host { get; private set; } = null!;

        public LogLines Log { get; } = new();

        public string OtherToken { get; private set; } = "";

        /// <summary>Manifest of the image <c>team/tool:1</c> at either.</summary>
        public string ImageDigest { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            Docker = await DockerRegistry.StartAsync();
            await Other.InitializeAsync();
            await Other.Registry.CreateNamespaceAsync("team", isPrivate: true, ("puller", "reader"));
            OtherToken = await Other.Registry.TokenAsync("puller", "pull", "team/*");
            ImageDigest = await Other.PushImageAsync("team/tool", "1");
            Assert.Equal(ImageDigest, await PushAsync(Docker, "team/tool", "1"));
            Assert.Equal(ImageDigest, await PushAsync(Docker, "secret/tool", "1"));
            await WriteAsync("docker", DockerRegistry.Password + "\n");
            await WriteAsync("other", OtherToken + "\n");
            Host = await RegistryHost.StartAsync(new Dictionary<string, string>
            {
                ["Images:AllowPrivateHosts"] = "false",
                ["Images:Upstreams:0:Host"] = Docker.Authority,
                ["Images:Upstreams:0:Username"] = DockerRegistry.User,
                ["Images:Upstreams:0:PasswordFile"] = FileOf("docker"),
                ["Images:Upstreams:0:Namespaces:0"] = "ml-*",
                ["Images:Upstreams:0:Repositories:0"] = "team/*",
                ["Images:Upstreams:1:Host"] = OtherAuthority,
                ["Images:Upstreams:1:Username"] = "anyone",
                ["Images:Upstreams:1:PasswordFile"] = FileOf("other"),
                ["Images:Upstreams:1:Namespaces:0"] = "*",
            }, adjust: builder => builder.Logging.AddProvider(Log));
        }

        public string OtherAuthority => Other.Registry.Address.Authority;

        public Task WriteAsync(string name, string password) => File.WriteAllTextAsync(FileOf(name), password);

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await Other.DisposeAsync();
            await Docker.DisposeAsync();
            Folder.Delete(recursive: true);
            Log.Dispose();
        }

        private string FileOf(string name) => Path.Combine(Folder.FullName, name);

        private static async Task<string> PushAsync(DockerRegistry docker, string repository, string tag)
        {
            var layer = "layer"u8.ToArray();
            foreach (var blob in new[] { layer, ImageHost.Config })
            {
                var begun = await docker.Client.PostAsync($"/v2/{repository}/blobs/uploads/", null);
                var put = await docker.Client.PutAsync($"{begun.Headers.Location}&digest={Digest.Of(blob)}", ImageHost.Bytes(blob));
                Assert.Equal(HttpStatusCode.Created, put.StatusCode);
            }
            var manifest = ImageHost.ImageOf(layer);
            var answer = await docker.Client.PutAsync($"/v2/{repository}/manifests/{tag}", ImageHost.Bytes(manifest, MediaTypes.OciManifest));
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            return Digest.Of(manifest);
        }
    }

    private static int _components;

    private readonly string _docker = registries.Docker.Authority;

    private string Image(string upstream) => $"{(upstream == "docker" ? _docker : registries.OtherAuthority)}/team/tool:1";

    private Task<Answer> PublishAsync(string space, string image) => PublishAsync(registries.Host, space, image);

    private static Task<Answer> PublishAsync(RegistryHost host, string space, string image) =>
        host.PublishAsync(space, $"tool-{Interlocked.Increment(ref _components)}", null, ("component.yaml", Samples.ExistingImage(image: image)));

    private static string? MessageOf(Answer answer, string code) => answer.Json.GetProperty("findings").EnumerateArray()
        .Where(finding => finding.GetProperty("code").GetString() == code).Select(finding => finding.GetProperty("message").GetString()).SingleOrDefault();

    [Theory]
    [InlineData("docker")]
    [InlineData("other")]
    public async Task A_tag_that_only_the_account_sees_is_pinned(string upstream)
    {
        var answer = await PublishAsync("ml-one", Image(upstream));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("true", answer["pinned"]);
        Assert.Equal($"{Image(upstream)[..^2]}@{registries.ImageDigest}", answer["image"]);
        Assert.DoesNotContain("image-not-pinned", answer.FindingCodes);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("other")]
    public async Task A_tag_that_the_account_does_not_find_either_is_refused(string upstream)
    {
        var answer = await PublishAsync("ml-one", Image(upstream) + "2");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("to the account that this registry has there", MessageOf(answer, "image-not-found"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker", DockerRegistry.Password)]
    [InlineData("other", null)]
    public async Task Credentials_that_are_refused_leave_a_version_unpinned_until_the_file_is_mended(string upstream, string? right)
    {
        const string wrong = "a-password-that-was-right-once";
        await registries.WriteAsync(upstream, wrong);
        var answer = await PublishAsync("ml-one", Image(upstream));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("false", answer["pinned"]);
        Assert.Contains("refused the credentials", MessageOf(answer, "image-not-pinned"), StringComparison.Ordinal);
        Assert.Contains(registries.Log.Lines, line => line.Contains("refused the credentials", StringComparison.Ordinal));

        await registries.WriteAsync(upstream, right ?? registries.OtherToken);
        Assert.Equal("true", (await PublishAsync("ml-one", Image(upstream)))["pinned"]);

        var events = await registries.Host.Admin.SendAsync(HttpMethod.Get, "/api/v1/events");
        var audit = await registries.Host.Admin.SendAsync(HttpMethod.Get, "/api/v1/audit?limit=200");
        var user = upstream == "docker" ? DockerRegistry.User : "anyone";
        foreach (var text in (string[])[answer.Text, events.Text, audit.Text, .. registries.Log.Lines])
        {
            Assert.DoesNotContain(wrong, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{wrong}")), text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_password_that_cannot_be_read_leaves_a_version_unpinned()
    {
        await registries.WriteAsync("docker", "");
        var answer = await PublishAsync("ml-one", Image("docker"));
        await registries.WriteAsync("docker", DockerRegistry.Password);
        Assert.Equal("false", answer["pinned"]);
        var message = MessageOf(answer, "image-not-pinned");
        Assert.Contains("cannot read its password", message, StringComparison.Ordinal);
        Assert.DoesNotContain(registries.Folder.FullName, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("another-space", "team/tool:1")]
    [InlineData("ml-one", "secret/tool:1")]
    public async Task For_other_namespaces_and_repositories_the_registry_is_as_private_as_without_an_entry(string space, string image)
    {
        var before = await PublishAsync("ml-one", Image("docker"));
        var answer = await PublishAsync(space, $"{_docker}/{image}");
        // Nor is what they are told remembered for those who may.
        var after = await PublishAsync("ml-one", Image("docker"));
        Assert.Equal(("true", "false", "true"), (before["pinned"], answer["pinned"], after["pinned"]));
        Assert.Contains("no public address", MessageOf(answer, "image-not-pinned"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("other")]
    public async Task Without_an_entry_it_is_asked_as_everyone_may(string upstream)
    {
        await using var host = await RegistryHost.StartAsync();
        var answer = await PublishAsync(host, "ml-one", Image(upstream));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("without credentials", MessageOf(answer, "image-not-found"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_who_may_publish_the_component_has_it_looked_up()
    {
        await registries.Host.CreateNamespaceAsync("ml-closed", isPrivate: false, ("ada", "publisher"), ("eve", "reader"));
        await registries.Host.CreateNamespaceAsync("ml-eve", isPrivate: false, ("eve", "publisher"));
        using var ada = registries.Host.With(await registries.Host.TokenAsync("ada"));
        using var eve = registries.Host.With(await registries.Host.TokenAsync("eve"));
        using var narrow = registries.Host.With(await registries.Host.TokenAsync("ada", pattern: "ml-closed/other"));
        Task<Answer> ValidateAsync(HttpClient client) => client.SendAsync(HttpMethod.Post, "/api/v1/components/ml-closed/validate?name=tool",
            new Multipart().Source("component.yaml", Samples.ExistingImage(image: Image("docker") + "9")).ToContent());

        Assert.Contains("image-not-found", (await ValidateAsync(ada)).FindingCodes);
        Assert.Contains("image-not-checked", (await ValidateAsync(eve)).FindingCodes);
        Assert.Contains("image-not-checked", (await ValidateAsync(narrow)).FindingCodes);
        Assert.Contains("image-not-checked", (await ValidateAsync(registries.Host.Anonymous)).FindingCodes);
    }
}
