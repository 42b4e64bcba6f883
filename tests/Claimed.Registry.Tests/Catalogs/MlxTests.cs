using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Text;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>What the published connector for Machine Learning Exchange reads, and what its API takes.</summary>
[Trait("Database", "any")]
public sealed class MlxTests : IAsyncLifetime
{
    private const string Components = "/apis/v1alpha1/components";

    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Publish:FetchFromPrivateHosts"] = "true", ["Publish:MaxFetchedBytes"] = "100000" });

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task<(string Id, string Name)[]> ListAsync(string query = "", HttpClient? client = null)
    {
        var answer = await (client ?? _host.Anonymous).SendAsync(HttpMethod.Get, Components + query);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        // Letter by letter: a charset makes the connector refuse it, silently.
        Assert.Equal("application/json", answer.ContentType);
        return [.. answer.Json.GetProperty("components").EnumerateArray().Select(component => (component.GetProperty("id").GetString()!, component.GetProperty("name").GetString()!))];
    }

    private async Task<string> DownloadAsync(string id)
    {
        var answer = await _host.GetAsync($"{Components}/{id}/download");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal("application/gzip", answer.ContentType);
        using var tar = new TarReader(new GZipStream(new MemoryStream(answer.Bytes), CompressionMode.Decompress));
        using var reader = new StreamReader(tar.GetNextEntry(copyData: true)!.DataStream!);
        var text = reader.ReadToEnd();
        Assert.Null(tar.GetNextEntry());
        return text;
    }

    private static Multipart File(string text, string field = "uploadfile", string name = "component.yaml") =>
        new Multipart().Part($"form-data; name=\"{field}\"; filename=\"{name}\"", Encoding.UTF8.GetBytes(text));

    [Fact]
    public async Task Ids_move_within_a_major_and_labels_are_told_apart()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "größer");
        await _host.PublishReadyAsync("acme", "hello", "0.1.0", "three");
        await _host.PublishReadyAsync("other", "greet", "1.0.0", "four");
        Assert.Equal([("acme--greet", "Greet (acme)"), ("acme--hello", "Greet (acme/hello)"), ("other--greet", "Greet (other)")], await ListAsync());
        var before = await DownloadAsync("acme--greet");
        await _host.PublishReadyAsync("acme", "greet", "2.0.0", "five");
        Assert.Equal([("acme--greet--2", "Greet 2.x (acme)"), ("acme--greet", "Greet (acme)")], (await ListAsync())[..2]);
        Assert.Equal(before, await DownloadAsync("acme--greet"));
        Assert.Contains("Says größer.", before, StringComparison.Ordinal);
        Assert.StartsWith("name: 'Greet 2.x (acme)'\n", await DownloadAsync("acme--greet--2"), StringComparison.Ordinal);
        Assert.StartsWith("name: 'Greet 1.0.0 (acme)'\n", await DownloadAsync("acme--greet--1.0.0"), StringComparison.Ordinal);
        // Beside the name it is what every Elyra gets.
        var served = (await _host.ComponentAsync("acme/greet/versions/1.1.0/elyra.yaml")).Text;
        Assert.Equal(served[served.IndexOf('\n', StringComparison.Ordinal)..], before[before.IndexOf('\n', StringComparison.Ordinal)..]);
    }

    [Fact]
    public async Task A_yanked_version_leaves_lists_and_stays_where_it_is_pinned()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "2.0.0", "two");
        await _host.PatchAsync("acme/greet/versions/1.0.0", """{"yanked": true, "reason": "Wrong."}""");
        Assert.Equal(["acme--greet--2"], (await ListAsync()).Select(component => component.Id));
        Assert.Contains("Says one.", await DownloadAsync("acme--greet--1.0.0"), StringComparison.Ordinal);
        // The first major is the first for ever: the id does not become another one's.
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync($"{Components}/acme--greet/download")).Status);
    }

    [Fact]
    public async Task Private_components_are_listed_for_those_who_see_them_alone()
    {
        await _host.CreateNamespaceAsync("hidden", isPrivate: true);
        await _host.PublishReadyAsync("hidden", "greet", "1.0.0");
        Assert.Empty(await ListAsync());
        Assert.Equal(["hidden--greet"], (await ListAsync(client: _host.Admin)).Select(component => component.Id));
        var answer = await _host.GetAsync($"{Components}/hidden--greet/download");
        Assert.Equal((HttpStatusCode.NotFound, "application/json"), (answer.Status, answer.ContentType));
        Assert.Equal("404", answer["code"]);
    }

    [Fact]
    public async Task A_component_says_its_parameters_and_what_it_is_for()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PatchAsync("acme/greet", """{"category": "Talk", "tags": ["text"]}""");
        await _host.PatchAsync("acme/greet/versions/1.0.0", """{"deprecated": true}""");
        var found = await _host.GetAsync($"{Components}/acme--greet");
        Assert.Equal("application/json", found.ContentType);
        Assert.Equal(("1.0.0", "true", "Talk"), (found["metadata.annotations.version"], found["metadata.annotations.deprecated"], found["filter_categories.category"]));
        Assert.Equal(("greeting", "one"), (found.Json.GetProperty("parameters")[0].GetProperty("name").GetString(), found.Json.GetProperty("parameters")[0].GetProperty("default").GetString()));
        Assert.Equal(await DownloadAsync("acme--greet"), (await _host.GetAsync($"{Components}/acme--greet/templates"))["template"]);
        Assert.Contains("load_component_from_url", (await _host.GetAsync($"{Components}/acme--greet/generate_code"))["script"], StringComparison.Ordinal);
        var catalog = await _host.GetAsync("/apis/v1alpha1/catalog");
        Assert.Equal((1, 0), (catalog.Json.GetProperty("components").GetArrayLength(), catalog.Json.GetProperty("models").GetArrayLength()));
        foreach (var path in (string[])["/apis/v1alpha1/health_check", $"{Components}/acme--greet/templates", $"{Components}/acme--greet/generate_code", "/apis/v1alpha1/catalog"])
            Assert.Equal((path, HttpStatusCode.OK, "application/json"), await _host.GetAsync(path) is var answer ? (path, answer.Status, answer.ContentType) : default);
    }

    [Fact]
    public async Task Lists_have_pages_an_order_and_a_filter()
    {
        foreach (var name in (string[])["a", "b", "c"])
            await _host.PublishReadyAsync("acme", name, "1.0.0", name);
        var first = await _host.GetAsync(Components + "?page_size=2&sort_by=id%20desc");
        Assert.Equal(("3", "acme--c"), (first["total_size"], first.Json.GetProperty("components")[0].GetProperty("id").GetString()));
        Assert.Equal(["acme--a"], (await ListAsync($"?page_size=2&sort_by=id%20desc&page_token={first["next_page_token"]}")).Select(component => component.Id));
        Assert.Equal(["acme--b"], (await ListAsync("?filter=" + Uri.EscapeDataString("""{"id":"acme--b"}"""))).Select(component => component.Id));
        foreach (var bad in (string[])["?filter=[]", "?filter=%7B%22x%22:1%7D", "?sort_by=size", "?page_size=0", "?page_token=x"])
            Assert.Equal(HttpStatusCode.BadRequest, (await _host.GetAsync(Components + bad)).Status);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("acme--none")]
    [InlineData("acme--greet--")]
    [InlineData("acme--greet--x")]
    [InlineData("acme--greet--7")]
    [InlineData("acme--greet--9.9.9")]
    [InlineData("%2e%2e--x")]
    public async Task What_is_not_there_is_an_error_of_this_API(string id)
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        foreach (var path in (string[])[$"{Components}/{id}", $"{Components}/{id}/download", $"{Components}/{id}/templates"])
        {
            var answer = await _host.GetAsync(path);
            Assert.InRange((int)answer.Status, 400, 410);
            Assert.NotEmpty(answer["error"] ?? answer["title"]!);
        }
    }

    [Fact]
    public async Task An_upload_is_a_publish_of_the_next_version()
    {
        await _host.CreateNamespaceAsync("acme");
        var upload = File(Samples.ExistingImage("one"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.Anonymous.SendAsync(HttpMethod.Post, $"{Components}/upload?name=acme--greet", upload.ToContent())).Status);
        var first = await _host.PostAsync($"{Components}/upload?name=acme--greet", upload);
        Assert.Equal((HttpStatusCode.Created, "application/json", "acme--greet--0.1.0"), (first.Status, first.ContentType, first["id"]));
        // A name without a namespace, the namespace beside it, and the name of the file's component.
        Assert.Equal("acme--tell--0.1.0", (await _host.PostAsync($"{Components}/upload?name=Tell&namespace=acme", File(Samples.ExistingImage("two"))))["id"]);
        Assert.Equal("acme--greet--0.2.0", (await _host.PostAsync($"{Components}/upload?namespace=acme", File(Samples.ExistingImage("three"))))["id"]);
        Assert.Equal("acme--greet--0.3.0", (await _host.PostAsync($"{Components}/acme--greet/upload", File(Samples.ExistingImage("four"))))["id"]);
        var archive = new Multipart().Part("form-data; name=\"uploadfile\"; filename=\"greet.tgz\"", Archives.TarGz(("component.yaml", Samples.ExistingImage("five"))));
        Assert.Equal("acme--greet--0.4.0", (await _host.PostAsync($"{Components}/upload?name=acme/greet", archive))["id"]);
        Assert.Equal(HttpStatusCode.BadRequest, (await _host.PostAsync($"{Components}/upload", upload)).Status);
        var bad = await _host.PostAsync($"{Components}/upload?name=acme--greet", File("name: [", name: "x.yaml"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "422"), (bad.Status, bad["code"]));
        Assert.Contains("component.yaml:", bad["error"], StringComparison.Ordinal);
        using var stranger = _host.With(await _host.TokenAsync(await StrangerAsync()));
        Assert.Equal(HttpStatusCode.Forbidden, (await stranger.SendAsync(HttpMethod.Post, $"{Components}/upload?name=acme--greet", upload.ToContent())).Status);
        Assert.Contains("version.published", await _host.EventKindsAsync("acme/greet"));

        async Task<string> StrangerAsync()
        {
            await _host.CreateNamespaceAsync("elsewhere", isPrivate: false, ("sam", "owner"));
            return "sam";
        }
    }

    [Fact]
    public async Task A_component_is_published_by_its_address()
    {
        await _host.CreateNamespaceAsync("acme");
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        var from = $"{_host.Address}api/v1/components/acme/greet/versions/1.0.0/original.yaml";
        var made = await _host.PostAsync($"{Components}/upload_from_url?name=acme--copy", new Multipart().Field("url", from));
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        Assert.Equal("acme--copy--0.1.0", made["id"]);
        Assert.Equal(Samples.ExistingImage("one"), (await _host.ComponentAsync("acme/copy/versions/0.1.0/original.yaml")).Text);
        await _host.CreateNamespaceAsync("hidden", isPrivate: true);
        await _host.PublishReadyAsync("hidden", "greet", "1.0.0", "two");
        var hidden = from.Replace("/acme/", "/hidden/", StringComparison.Ordinal);
        var refused = await _host.PostAsync($"{Components}/upload_from_url?name=acme--secret", new Multipart().Field("url", hidden));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, true), (refused.Status, refused["error"]!.Contains("it answers 404", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Created, (await _host.PostAsync($"{Components}/upload_from_url?name=acme--secret", new Multipart().Field("url", hidden).Field("access_token", RegistryHost.AdminToken))).Status);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/component.yaml")]
    [InlineData("https://127.0.0.1:1/component.yaml")]
    [InlineData("https://[::1]:1/component.yaml")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://localhost:1/component.yaml")]
    [InlineData("http://93.184.216.34/component.yaml")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user:secret@registry.example.org/component.yaml")]
    [InlineData("component.yaml")]
    [InlineData("")]
    public async Task Nothing_is_fetched_from_this_network(string url)
    {
        await using var host = await RegistryHost.StartAsync();
        await host.CreateNamespaceAsync("acme");
        var answer = await host.PostAsync($"{Components}/upload_from_url?name=acme--greet", new Multipart().Field("url", url));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.DoesNotContain("refused", answer["error"], StringComparison.Ordinal);
        Assert.DoesNotContain("secret", answer["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_not_known_is_told_like_one_of_this_network()
    {
        await using var host = await RegistryHost.StartAsync();
        await host.CreateNamespaceAsync("acme");
        var told = new List<string>();
        foreach (var url in (string[])["https://localhost:1/component.yaml", "https://no-such-host.invalid/component.yaml"])
            told.Add((await host.PostAsync($"{Components}/upload_from_url?name=acme--greet", new Multipart().Field("url", url)))["error"]!.Replace(url, "", StringComparison.Ordinal));
        Assert.Equal(told[0], told[1]);
    }

    [Theory]
    [InlineData("multipart/form-data", "", 400)]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"url\"\r\n\r\nhttps://reg", 400)]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\ny\r\n--x--\r\n", 422)]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"access_token\"\r\n\r\ny\r\n--x--\r\n", 422)]
    [InlineData("application/json", "{}", 415)]
    public async Task A_form_that_is_not_well_formed_is_said(string type, string body, int status)
    {
        await _host.CreateNamespaceAsync("acme");
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        var answer = await _host.Admin.SendAsync(HttpMethod.Post, $"{Components}/upload_from_url?name=acme--greet", content);
        Assert.Equal((status, status.ToString(System.Globalization.CultureInfo.InvariantCulture)), ((int)answer.Status, answer["code"]));
        Assert.NotEmpty(answer["error"]!);
    }

    [Fact]
    public async Task What_is_fetched_counts_as_it_arrives()
    {
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Publish:FetchFromPrivateHosts"] = "true", ["Publish:MaxUnpackedBytes"] = "75000", ["Publish:MaxBufferedBytes"] = "150000" });
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await KfpApiServer.StartAsync();
        server.Before = async context =>
        {
            await context.Response.Body.WriteAsync(new byte[int.Parse(context.Request.Path.Value![1..], System.Globalization.CultureInfo.InvariantCulture)]);
            await context.Response.Body.FlushAsync();
            // A server that does not end its file: what came of it counts already.
            if (context.Request.QueryString.HasValue)
                await released.Task;
            return true;
        };
        Task<Answer> FetchAsync(RegistryHost by, string path) => by.PostAsync($"{Components}/upload_from_url?name=acme--greet", new Multipart().Field("url", $"{server.Url}/{path}"));
        foreach (var by in (RegistryHost[])[host, _host])
            await by.CreateNamespaceAsync("acme");
        var both = new[] { FetchAsync(host, "70000?waits"), FetchAsync(host, "70000?waits") };
        var busy = await await Task.WhenAny(both);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "5"), (busy.Status, busy.Message.Headers.RetryAfter?.ToString()));
        released.SetResult();
        await Task.WhenAll(both);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await FetchAsync(_host, "100001")).Status);
        Assert.Contains("it is empty", (await FetchAsync(_host, "0"))["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_size_everything_is_on_one_page()
    {
        foreach (var number in Enumerable.Range(0, 1001))
            await _host.SeedAsync(new() { Name = $"c{number}", DisplayName = $"C {number}" });
        Assert.Equal(1001, (await ListAsync()).Length);
        Assert.Equal(1000, (await ListAsync("?page_size=1000")).Length);
        Assert.Equal(HttpStatusCode.BadRequest, (await _host.GetAsync(Components + "?page_size=1001")).Status);
    }

    [Fact]
    public async Task The_list_of_everything_is_a_page_of_everything_letter_by_letter()
    {
        await SameAsync(_host.Anonymous, 0);
        await _host.CreateNamespaceAsync("hidden", isPrivate: true);
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "größer");
        await _host.PublishReadyAsync("acme", "greet", "2.0.0", "two");
        await _host.PublishReadyAsync("hidden", "greet", "1.0.0", "three");
        await SameAsync(_host.Anonymous, 2);
        await SameAsync(_host.Admin, 3);
        await _host.PatchAsync("acme/greet/versions/2.0.0", """{"yanked": true, "reason": "Wrong."}""");
        await SameAsync(_host.Anonymous, 1);
        await SameAsync(_host.Admin, 2);
    }

    private async Task SameAsync(HttpClient client, int count)
    {
        foreach (var path in (string[])[Components, "/apis/v1alpha1/catalog"])
        {
            var all = await client.SendAsync(HttpMethod.Get, path);
            Assert.Equal((await client.SendAsync(HttpMethod.Get, path + "?page_size=1000")).Text, all.Text);
            Assert.Equal($"{count}", all["total_size"]);
            var head = await client.SendAsync(HttpMethod.Head, path);
            Assert.Equal((HttpStatusCode.OK, 0, all.ETag, all.Bytes.LongLength, "application/json"), (head.Status, head.Bytes.Length, head.ETag, head.Message.Content.Headers.ContentLength, head.ContentType));
            Assert.Matches("^\"sha256:[0-9a-f]{64}\"$", all.ETag);
            Assert.Equal(HttpStatusCode.NotModified, (await client.SendAsync(HttpMethod.Get, path, null, ("If-None-Match", all.ETag!))).Status);
            Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(HttpMethod.Get, path, null, ("If-None-Match", "\"other\""))).Status);
            var packed = await client.SendAsync(HttpMethod.Get, path, null, ("Accept-Encoding", "gzip"));
            Assert.Equal(("application/json", "gzip"), (packed.ContentType, Assert.Single(packed.Message.Content.Headers.ContentEncoding)));
            using var unpacked = new StreamReader(new GZipStream(new MemoryStream(packed.Bytes), CompressionMode.Decompress));
            Assert.Equal(all.Text, await unpacked.ReadToEndAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Publishers_neither_give_nor_take_what_administrators_say()
    {
        await _host.PublishReadyAsync("acme", "a", "1.0.0", "one");
        foreach (var tags in (string[])["Featured", "text,publish-approved"])
        {
            var refused = await _host.PublishAsync("acme", "a", "1.1.0", new Multipart().Source("component.yaml", Samples.ExistingImage("two")).Field("tags", tags));
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "bad-field"), (refused.Status, refused["type"]));
        }
        Assert.Equal("bad-field", (await _host.PatchAsync("acme/a", """{"tags": ["publish-approved"]}"""))["type"]);
        foreach (var list in (string[])["featured", "publish_approved"])
            Assert.Equal(HttpStatusCode.OK, (await _host.Admin.SendAsync(HttpMethod.Post, $"{Components}/{list}", Changes.Json("""["acme--a"]"""))).Status);
        await _host.PatchAsync("acme/a", """{"tags": ["text"]}""");
        Assert.Equal("""["text","featured","publish-approved"]""", (await _host.ComponentAsync("acme/a"))["tags"]);
        // As it was read, and as a source says.
        Assert.Equal(HttpStatusCode.OK, (await _host.PatchAsync("acme/a", """{"tags": ["rows", "featured"]}""")).Status);
        Assert.Equal("""["rows","featured","publish-approved"]""", (await _host.ComponentAsync("acme/a"))["tags"]);
        var tagged = await _host.PublishAsync("acme", "b", "1.0.0", new Multipart().Source("step.py", "# claimed: tags=csv, featured\n" + Samples.Script()).Field("image", Samples.Image));
        Assert.True(tagged.Status == HttpStatusCode.Created, tagged.Text);
        Assert.Equal("""["csv"]""", (await _host.ComponentAsync("acme/b"))["tags"]);
    }

    [Fact]
    public async Task Administrators_say_what_is_featured_and_approved()
    {
        foreach (var name in (string[])["a", "b"])
            await _host.PublishReadyAsync("acme", name, "1.0.0", name);
        await _host.PatchAsync("acme/a", """{"tags": ["text"]}""");
        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.Anonymous.SendAsync(HttpMethod.Post, $"{Components}/featured", Changes.Json("""["acme--a"]"""))).Status);
        Assert.Equal(HttpStatusCode.OK, (await _host.Admin.SendAsync(HttpMethod.Post, $"{Components}/featured", Changes.Json("""["acme--a"]"""))).Status);
        Assert.Equal(["acme--a"], (await ListAsync("?filter=" + Uri.EscapeDataString("""{"featured":true}"""))).Select(component => component.Id));
        Assert.Equal("""["text","featured"]""", (await _host.ComponentAsync("acme/a"))["tags"]);
        Assert.Equal(HttpStatusCode.OK, (await _host.Admin.SendAsync(HttpMethod.Post, $"{Components}/featured", Changes.Json("""["acme--b"]"""))).Status);
        Assert.Equal(HttpStatusCode.OK, (await _host.Admin.SendAsync(HttpMethod.Post, $"{Components}/publish_approved", Changes.Json("""["acme--b"]"""))).Status);
        Assert.Equal("""["text"]""", (await _host.ComponentAsync("acme/a"))["tags"]);
        Assert.Equal("""["featured","publish-approved"]""", (await _host.ComponentAsync("acme/b"))["tags"]);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Admin.SendAsync(HttpMethod.Post, $"{Components}/featured", Changes.Json("""["acme--none"]"""))).Status);
        foreach (var bad in (string[])["{}", "[null]", "[1]", "", "null"])
            Assert.Equal(HttpStatusCode.BadRequest, (await _host.Admin.SendAsync(HttpMethod.Post, $"{Components}/featured", Changes.Json(bad))).Status);
    }
}
