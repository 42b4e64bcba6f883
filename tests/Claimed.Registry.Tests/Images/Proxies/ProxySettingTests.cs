using System.Net;
using Claimed.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Images.Proxies;

/// <summary>What the settings of a proxy open, and to whom.</summary>
[Trait("Database", "any")]
public sealed class ProxySettingTests(ProxySettingTests.Registries registries) : IClassFixture<ProxySettingTests.Registries>
{
    public sealed class Registries : IAsyncLifetime
    {
        public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("claimed-proxies-");

        public ImageHost Other { get; } = new();

        public string Authority => Other.Registry.Address.Authority;

        public async ValueTask InitializeAsync()
        {
            await Other.InitializeAsync();
            await Other.PushImageAsync("acme/open", "1");
            await Other.PushImageAsync("acme/kept", "1");
            await File.WriteAllTextAsync(Path.Combine(Folder.FullName, "password"), RegistryHost.AdminToken);
        }

        public async ValueTask DisposeAsync()
        {
            await Other.DisposeAsync();
            Folder.Delete(recursive: true);
        }
    }

    private Dictionary<string, string> WithAccount(params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["Images:Upstreams:0:Host"] = registries.Authority,
            ["Images:Upstreams:0:Username"] = "anyone",
            ["Images:Upstreams:0:PasswordFile"] = Path.Combine(registries.Folder.FullName, "password"),
            ["Images:Upstreams:0:Namespaces:0"] = "hub",
            ["Images:Upstreams:0:Repositories:0"] = "acme/open",
            ["Images:Proxies:0:Namespace"] = "hub",
            ["Images:Proxies:0:Upstream"] = registries.Authority,
        };
        foreach (var (name, value) in more)
            settings[name] = value;
        return settings;
    }

    [Fact]
    public async Task What_an_account_sees_is_for_those_who_may_read_the_namespace_until_it_is_opened_and_for_no_other_repository()
    {
        await using var host = await RegistryHost.StartAsync(WithAccount());
        await host.Admin.UntilAsync("/api/v1/namespaces/hub", answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Anonymous.GetAsync("/v2/hub/acme/open/manifests/1")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Admin.GetAsync("/v2/hub/acme/open/manifests/1")).StatusCode);
        await ImageHost.AssertErrorAsync(await host.Admin.GetAsync("/v2/hub/acme/kept/manifests/1"), HttpStatusCode.NotFound, "NAME_UNKNOWN");
        Assert.Equal(HttpStatusCode.OK, (await host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/hub", new { visibility = "public" })).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.Anonymous.GetAsync("/v2/hub/acme/open/manifests/1")).StatusCode);
    }

    [Fact]
    public async Task A_namespace_that_was_there_before_stays_what_it_was()
    {
        var data = Directory.CreateTempSubdirectory("claimed-before-").FullName;
        await using (var before = await RegistryHost.StartAsync(dataPath: data))
        {
            await before.CreateNamespaceAsync("hub");
            var put = await before.Admin.PostAsync($"/v2/hub/acme/open/blobs/uploads/?digest={Claimed.Registry.Storage.Digest.Of("own")}", ImageHost.Bytes("own"u8.ToArray()));
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        }
        using var log = new LogLines();
        await using (var after = await RegistryHost.StartAsync(WithAccount(), data, builder => builder.Logging.AddProvider(log)))
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (!log.Lines.Any(line => line.Contains("was there before Images__Proxies named it", StringComparison.Ordinal)))
                await Task.Delay(20, limit.Token);
            var answer = await after.Admin.GetAsync("/v2/hub/acme/open/manifests/1");
            await ImageHost.AssertErrorAsync(answer, HttpStatusCode.ServiceUnavailable, "UNAVAILABLE");
        }
        Directory.Delete(data, recursive: true);
    }

    [Theory]
    [InlineData("Images:Proxies:0:Namespace", "Hub", "Images__Proxies__0__Namespace is \"Hub\"")]
    [InlineData("Images:Proxies:0:Namespace", "token", "Images__Proxies__0__Namespace is \"token\"")]
    [InlineData("Images:Proxies:0:Upstream", "https://harbor.example.org", "Images__Proxies__0__Upstream is")]
    [InlineData("Images:Proxies:0:MaxBytes", "10", "Images__Proxies__0__MaxBytes is 10")]
    [InlineData("Images:Proxies:0:KeepUnused", "00:00:01", "KeepUnused below an hour")]
    [InlineData("Images:Upstreams:0:Namespaces:0", "ml-*", "does not name the namespace hub")]
    [InlineData("Images:ExternalRegistry:Url", "harbor.example.org/ml", "Images__ExternalRegistry__Url is")]
    [InlineData("Images:ExternalRegistry:Url", "http://harbor.example.org/ml", "by https")]
    public async Task A_wrong_setting_stops_the_start_with_a_sentence(string name, string value, string expected)
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => RegistryHost.StartAsync(WithAccount((name, value))));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }
}
