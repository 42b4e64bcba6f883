using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Access;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

public sealed class AccessTests(ImageHost host) : IClassFixture<ImageHost>
{
    private readonly string _repository = ImageHost.NewRepository();

    [Fact]
    public async Task Reading_is_open()
    {
        await host.PushImageAsync(_repository, "one");
        Assert.Equal(HttpStatusCode.OK, (await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/one")).StatusCode);
    }

    [Theory]
    [InlineData("POST", "blobs/uploads/")]
    [InlineData("GET", "blobs/uploads/00000000000000000000000000000000")]
    [InlineData("PATCH", "blobs/uploads/00000000000000000000000000000000")]
    [InlineData("PUT", "manifests/one")]
    [InlineData("DELETE", "manifests/one")]
    [InlineData("DELETE", "blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Writing_without_a_token_is_401_with_a_challenge_that_names_the_repository(string method, string resource)
    {
        var answer = await host.Anonymous.SendAsync(new HttpRequestMessage(new HttpMethod(method), $"/v2/{_repository}/{resource}"));
        await ImageHost.AssertErrorAsync(answer, HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal($"realm=\"{host.Registry.Address}token\",service=\"localhost:8080\",scope=\"repository:{_repository}:pull,push\"",
            answer.Headers.WwwAuthenticate.Single(challenge => challenge.Scheme == "Bearer").Parameter);
    }

    [Fact]
    public async Task The_base_challenges_who_sends_nothing_and_welcomes_a_pass_or_token()
    {
        var first = await host.Anonymous.GetAsync("/v2/");
        await ImageHost.AssertErrorAsync(first, HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, "/v2/", "Bearer " + await PassAsync(null))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Admin.GetAsync("/v2/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, "/v2", Basic(RegistryHost.AdminToken))).StatusCode);
    }

    [Theory]
    [InlineData("Basic Og==")]
    [InlineData("Basic eDp3cm9uZw==")]
    [InlineData("Basic !")]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer clms_x.y")]
    [InlineData("Digest x")]
    public async Task A_wrong_credential_is_401_everywhere_and_no_pass(string authorization)
    {
        await host.PushImageAsync(_repository, "one");
        foreach (var path in new[] { "/v2/", $"/v2/{_repository}/manifests/one", "/token" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Get, path, authorization)).StatusCode);
    }

    [Fact]
    public async Task A_pass_for_a_token_writes_and_an_anonymous_one_reads_only()
    {
        var start = $"/v2/{_repository}/blobs/uploads/";
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(HttpMethod.Post, start, "Bearer " + await PassAsync(Basic(RegistryHost.AdminToken)))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Post, start, "Bearer " + await PassAsync(null))).StatusCode);
    }

    [Fact]
    public async Task A_build_s_ticket_pushes_the_tag_of_its_build_and_nothing_else_and_nobody_else_pushes_that()
    {
        var tickets = (PushTickets)host.Registry.Services.GetService(typeof(PushTickets))!;
        var ticket = Basic(tickets.Issue(_repository, "build-1-1", TimeSpan.FromMinutes(2)));
        foreach (var authorization in new[] { ticket, "Bearer " + await PassAsync(ticket) })
        {
            var manifest = await host.ManifestAsync(_repository);
            Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(HttpMethod.Post, $"/v2/{_repository}/blobs/uploads/", authorization)).StatusCode);
            await AssertPutAsync("build-1-1", HttpStatusCode.Created);
            await AssertPutAsync(Digest.Of(manifest), HttpStatusCode.Created);
            await AssertPutAsync("build-1-2", HttpStatusCode.Forbidden);
            await AssertPutAsync("1.0.0", HttpStatusCode.Forbidden);
            await AssertPutAsync("mine", HttpStatusCode.Forbidden);
            await AssertPutAsync(Digest.Of(manifest) + "?tag=mine", HttpStatusCode.Forbidden);
            var elsewhere = await SendAsync(HttpMethod.Post, $"/v2/{ImageHost.NewRepository()}/blobs/uploads/", authorization);
            // A pass is for one repository, and knows no other.
            Assert.Equal(authorization == ticket ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound, elsewhere.StatusCode);
            foreach (var reference in new[] { "build-1-1", Digest.Of(manifest) + "?tag=build-1-1" })
                await AssertPutAsync(reference, HttpStatusCode.Forbidden, "Bearer " + RegistryHost.AdminToken);
            await ImageHost.AssertErrorAsync(await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/build-1-1"), HttpStatusCode.Forbidden, "DENIED");
            await ImageHost.AssertErrorAsync(await SendAsync(HttpMethod.Delete, $"/v2/{_repository}/manifests/build-1-1", authorization), HttpStatusCode.Forbidden, "DENIED");

            async Task AssertPutAsync(string reference, HttpStatusCode status, string? other = null)
            {
                var request = new HttpRequestMessage(HttpMethod.Put, $"/v2/{_repository}/manifests/{reference}") { Content = ImageHost.Bytes(manifest, MediaTypes.OciManifest) };
                request.Headers.Authorization = AuthenticationHeaderValue.Parse(other ?? authorization);
                Assert.Equal(status, (await host.Anonymous.SendAsync(request)).StatusCode);
            }
        }
        var over = Basic(tickets.Issue(_repository, "build-1-1", TimeSpan.FromSeconds(-1)));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Post, $"/v2/{_repository}/blobs/uploads/", over)).StatusCode);
    }

    [Fact]
    public async Task A_pass_never_outlives_the_ticket_that_it_was_given_for()
    {
        var ticket = ((PushTickets)host.Registry.Services.GetService(typeof(PushTickets))!).Issue(_repository, "build-1-1", TimeSpan.FromSeconds(4));
        var answer = await SendAsync(HttpMethod.Get, $"/token?scope=repository:{_repository}:pull,push", Basic(ticket));
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.InRange(document.RootElement.GetProperty("expires_in").GetInt32(), 0, 4);
        var pass = "Bearer " + document.RootElement.GetProperty("token").GetString();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while ((await SendAsync(HttpMethod.Post, $"/v2/{_repository}/blobs/uploads/", pass)).StatusCode != HttpStatusCode.Unauthorized)
            await timer.WaitForNextTickAsync(limit.Token);
    }

    [Fact]
    public async Task Where_versions_come_from_trusted_jobs_alone_images_do_too()
    {
        await host.Registry.CreateNamespaceAsync("trusted-only");
        await host.PushImageAsync("trusted-only/tool", "one");
        await host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/trusted-only", new { onlyTrusted = true });
        var manifest = await host.ManifestAsync("trusted-only/tool", "two");
        foreach (var reference in new[] { "two", Digest.Of(manifest), Digest.Of(manifest) + "?tag=two" })
            await ImageHost.AssertErrorAsync(await host.PutManifestAsync("trusted-only/tool", reference, manifest), HttpStatusCode.Forbidden, "DENIED");
        Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync("trusted-only/tool", "build-1-1", manifest)).StatusCode);
    }

    [Theory]
    [InlineData("localhost:8080", null, "http://localhost:8080/token")]
    [InlineData("registry:8080", null, "http://registry:8080/token")]
    [InlineData("internal", "https", "http://internal/token")]
    public async Task The_challenge_sends_a_client_back_the_way_it_came_whatever_a_stranger_says_of_proxies(string hostName, string? forwarded, string realm)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v2/");
        request.Headers.Host = hostName;
        if (forwarded is not null)
            request.Headers.Add("X-Forwarded-Proto", forwarded);
        var answer = await host.Anonymous.SendAsync(request);
        Assert.StartsWith($"realm=\"{realm}\",", answer.Headers.WwwAuthenticate.Single().Parameter, StringComparison.Ordinal);
    }

    private async Task<string> PassAsync(string? authorization)
    {
        var answer = await SendAsync(HttpMethod.Get, $"/token?service=x&scope=repository:{_repository}:pull,push", authorization);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.True(document.RootElement.GetProperty("expires_in").GetInt32() >= 60);
        return document.RootElement.GetProperty("token").GetString()!;
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? authorization)
    {
        var request = new HttpRequestMessage(method, path);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return host.Anonymous.SendAsync(request);
    }

    private static string Basic(string token) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("anyone:" + token));
}
