using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>Answers to <c>kfp.registry.RegistryClient</c> to the letter: keys, times, errors, types, and that no call is sent elsewhere.</summary>
[Trait("Database", "any")]
public sealed class KfpAnswerTests(KfpAnswerTests.Narrow registry) : IClassFixture<KfpAnswerTests.Narrow>
{
    private const int MostBytes = 20_000;

    /// <summary>With limits that a test can reach.</summary>
    public sealed class Narrow : SharedRegistry
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
        {
            ["Publish:MaxUploadBytes"] = MostBytes.ToString(CultureInfo.InvariantCulture),
            ["Limits:AnonymousWrites"] = "3",
        };
    }

    private readonly RegistryHost _host = registry.Host;

    private static string Text(string word, string name = "Greet") => Samples.ExistingImage(word).Replace("name: Greet", $"name: {name}", StringComparison.Ordinal);

    private static string DigestOf(string text) => Digest.Of(Encoding.UTF8.GetBytes(text));

    private static HttpContent Form(string text) => new Multipart().Part("form-data; name=\"content\"; filename=\"x.yaml\"", Encoding.UTF8.GetBytes(text)).ToContent();

    private Task<Answer> UploadAsync(string space, string text) => _host.Admin.SendAsync(HttpMethod.Post, $"/catalogs/kfp/{space}", Form(text));

    private async Task UploadedAsync(string space, string text)
    {
        var answer = await UploadAsync(space, text);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
    }

    private static string[] Keys(JsonElement json) => [.. json.EnumerateObject().Select(entry => entry.Name)];

    private static void AssertError(Answer answer, int code, string status)
    {
        Assert.Equal((code, "application/json"), ((int)answer.Status, answer.Message.Content.Headers.ContentType!.MediaType));
        Assert.Equal(["error"], Keys(answer.Json));
        var error = answer.Json.GetProperty("error");
        Assert.Equal(["code", "message", "status"], Keys(error));
        Assert.Equal((code, status), (error.GetProperty("code").GetInt32(), error.GetProperty("status").GetString()));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Theory]
    [InlineData("Bearer", "", "/catalogs/kfp/sent-bearer")]
    [InlineData("Basic", "anyone:", "/catalogs/kfp/sent-basic")]
    [InlineData("Basic", ":", "/catalogs/kfp/sent-slash/")]
    public async Task An_upload_is_answered_where_it_is_sent_with_plain_text_alone(string scheme, string user, string path)
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _host.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(scheme,
            user.Length == 0 ? RegistryHost.AdminToken : Convert.ToBase64String(Encoding.UTF8.GetBytes(user + RegistryHost.AdminToken)));
        var answer = await client.SendAsync(HttpMethod.Post, path, Form(Text(path)));
        Assert.Equal((HttpStatusCode.OK, "text/plain", $"greet/{DigestOf(Text(path))}"), (answer.Status, answer.ContentType, answer.Text));
    }

    [Fact]
    public async Task Packages_versions_and_tags_have_the_fields_and_times_of_the_API()
    {
        await UploadedAsync("timed", Text("one"));
        var first = (await _host.GetAsync("/catalogs/kfp/timed/packages/greet")).Json;
        await UploadedAsync("timed", Text("two"));
        var package = (await _host.GetAsync("/catalogs/kfp/timed/packages/greet")).Json;
        Assert.Equal(["name", "createTime", "updateTime"], Keys(package));
        Assert.Equal(Time(first, "createTime"), Time(package, "createTime"));
        Assert.InRange(Time(package, "updateTime"), Time(first, "updateTime"), TimeProvider.System.GetUtcNow().AddSeconds(1));
        Assert.Equal(package.GetRawText(), Assert.Single((await _host.GetAsync("/catalogs/kfp/timed/packages")).Json.GetProperty("packages").EnumerateArray()).GetRawText());

        var version = (await _host.GetAsync($"/catalogs/kfp/timed/packages/greet/versions/{DigestOf(Text("two"))}")).Json;
        Assert.Equal(["name", "createTime", "updateTime", "description"], Keys(version));
        Assert.Equal($"packages/greet/versions/{DigestOf(Text("two"))}", version.GetProperty("name").GetString());
        Assert.InRange(Time(version, "createTime"), Time(first, "createTime"), Time(version, "updateTime"));
        Assert.Equal(version.GetRawText(), (await _host.GetAsync("/catalogs/kfp/timed/packages/greet/versions")).Json.GetProperty("versions")[0].GetRawText());

        // RFC 3339, as protobuf's JSON has it.
        static DateTimeOffset Time(JsonElement document, string name) =>
            DateTimeOffset.ParseExact(document.GetProperty(name).GetString()!, ["yyyy-MM-ddTHH:mm:sszzz", "yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz"], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_tag_is_the_same_document_where_it_is_made_read_and_moved()
    {
        await UploadedAsync("tagged", Text("one"));
        await UploadedAsync("tagged", Text("two"));
        string Tag(string word) => $$"""{"name":"packages/greet/tags/stable","version":"packages/greet/versions/{{DigestOf(Text(word))}}"}""";
        const string Tags = "/catalogs/kfp/tagged/packages/greet/tags";
        Assert.Equal(Tag("one"), (await _host.Admin.SendAsync(HttpMethod.Post, Tags + "?tagId=stable", Changes.Json(Tag("one")))).Text);
        Assert.Equal(Tag("one"), (await _host.GetAsync(Tags + "/stable")).Text);
        Assert.Equal(Tag("two"), (await _host.Admin.SendAsync(HttpMethod.Patch, Tags + "/stable?updateMask=version", Changes.Json(Tag("two")))).Text);
        Assert.Equal(Tag("two"), (await _host.GetAsync(Tags + "/stable")).Text);
    }

    [Fact]
    public async Task Lists_are_empty_and_not_null_when_everything_is_yanked()
    {
        await UploadedAsync("empty", Text("one"));
        await UploadedAsync("empty", Text("two"));
        foreach (var number in (string[])["0.1.0", "0.2.0"])
            Assert.Equal(HttpStatusCode.OK, (await _host.PatchAsync($"empty/greet/versions/{number}", """{"yanked": true, "reason": "Wrong."}""")).Status);
        Assert.Equal("""{"versions":[]}""", (await _host.GetAsync("/catalogs/kfp/empty/packages/greet/versions")).Text);
        Assert.Equal("""{"tags":[]}""", (await _host.GetAsync("/catalogs/kfp/empty/packages/greet/tags")).Text);
        Assert.Equal("""{"packages":[]}""", (await _host.GetAsync("/catalogs/kfp/empty/packages")).Text);
        Assert.Equal(Text("two"), (await _host.GetAsync($"/catalogs/kfp/empty/greet/{DigestOf(Text("two"))}")).Text);
    }

    [Theory]
    [InlineData("Packages")]
    [InlineData("packages")]
    [InlineData("versions")]
    [InlineData("漢字")]
    public async Task A_name_that_is_no_package_s_is_refused(string name)
    {
        var answer = await UploadAsync("reserved", Text("one", name));
        AssertError(answer, 422, "INVALID_ARGUMENT");
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync("/catalogs/kfp/reserved/packages")).Status);
    }

    [Fact]
    public async Task What_is_not_allowed_too_large_or_no_form_is_an_error_as_Google_writes_one()
    {
        await UploadedAsync("errors", Text("one"));
        await _host.CreateNamespaceAsync("elsewhere");
        using var stranger = _host.With(await _host.NamespaceTokenAsync("elsewhere/*", "publish"));
        const string Root = "/catalogs/kfp/errors";
        AssertError(await stranger.SendAsync(HttpMethod.Post, Root, Form(Text("two"))), 403, "PERMISSION_DENIED");
        AssertError(await stranger.SendAsync(HttpMethod.Delete, $"{Root}/packages/greet"), 403, "PERMISSION_DENIED");
        AssertError(await _host.Admin.SendAsync(HttpMethod.Post, Root, Form(Text("two") + new string('#', MostBytes))), 413, "INVALID_ARGUMENT");
        AssertError(await _host.Admin.SendAsync(HttpMethod.Post, Root, Changes.Json("{}")), 415, "INVALID_ARGUMENT");
        AssertError(await _host.Admin.SendAsync(HttpMethod.Post, Root, new ByteArrayContent([])), 415, "INVALID_ARGUMENT");
        AssertError(await _host.Admin.SendAsync(HttpMethod.Post, $"{Root}/packages/greet/tags?tagId=stable", Changes.Json("{}", "text/plain")), 415, "INVALID_ARGUMENT");
        AssertError(await _host.Admin.SendAsync(HttpMethod.Post, $"{Root}/packages/greet/tags?tagId=stable", Changes.Json("{")), 400, "INVALID_ARGUMENT");
        Assert.Single((await _host.GetAsync($"{Root}/packages/greet/versions")).Json.GetProperty("versions").EnumerateArray());
    }

    [Fact]
    public async Task Who_writes_too_often_is_told_so_as_Google_does_and_when_to_try_again()
    {
        Answer answer;
        var tries = 0;
        do
            answer = await _host.Anonymous.SendAsync(HttpMethod.Post, "/catalogs/kfp/often", Form(Text("one")));
        while (answer.Status == HttpStatusCode.Unauthorized && ++tries < 10);
        AssertError(answer, 429, "RESOURCE_EXHAUSTED");
        Assert.InRange(answer.Message.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
    }

    [Fact]
    public async Task The_configuration_file_has_every_call_of_the_SDK_and_those_that_read_answer()
    {
        await UploadedAsync("context", Text("one"));
        var context = (await _host.GetAsync("/catalogs/kfp/context/context.json")).Json.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!);
        var host = context["host"];
        Assert.EndsWith("/catalogs/kfp/context", host, StringComparison.Ordinal);
        Assert.Equal(new Dictionary<string, string>
        {
            ["host"] = host,
            ["upload_url"] = "{host}",
            ["download_version_url"] = "{host}/{package_name}/{version}",
            ["download_tag_url"] = "{host}/{package_name}/{tag}",
            ["get_package_url"] = "{host}/packages/{package_name}",
            ["list_packages_url"] = "{host}/packages",
            ["delete_package_url"] = "{host}/packages/{package_name}",
            ["get_tag_url"] = "{host}/packages/{package_name}/tags/{tag}",
            ["list_tags_url"] = "{host}/packages/{package_name}/tags",
            ["delete_tag_url"] = "{host}/packages/{package_name}/tags/{tag}",
            ["create_tag_url"] = "{host}/packages/{package_name}/tags?tagId={tag}",
            ["update_tag_url"] = "{host}/packages/{package_name}/tags/{tag}?updateMask=version",
            ["get_version_url"] = "{host}/packages/{package_name}/versions/{version}",
            ["list_versions_url"] = "{host}/packages/{package_name}/versions",
            ["delete_version_url"] = "{host}/packages/{package_name}/versions/{version}",
            ["package_format"] = "packages/{package_name}",
            ["tag_format"] = "packages/{package_name}/tags/{tag}",
            ["version_format"] = "packages/{package_name}/versions/{version}",
        }, context);
        foreach (var (call, url) in context.Where(entry => entry.Key.StartsWith("get_", StringComparison.Ordinal) || entry.Key.StartsWith("list_", StringComparison.Ordinal) || entry.Key.StartsWith("download_", StringComparison.Ordinal)))
        {
            var path = url.Replace("{host}", "/catalogs/kfp/context", StringComparison.Ordinal).Replace("{package_name}", "greet", StringComparison.Ordinal)
                .Replace("{version}", DigestOf(Text("one")), StringComparison.Ordinal).Replace("{tag}", "latest", StringComparison.Ordinal);
            Assert.True((await _host.GetAsync(path)).Status == HttpStatusCode.OK, call);
        }
    }
}
