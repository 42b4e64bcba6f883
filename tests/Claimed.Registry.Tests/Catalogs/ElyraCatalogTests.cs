using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Claimed.Components;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

[Trait("Database", "any")]
public sealed class ElyraCatalogTests : IAsyncLifetime
{
    private const string Root = "https://registry.example.org/api/v1/components/acme";

    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(new Dictionary<string, string>
    {
        ["Registry:PublicUrl"] = "https://registry.example.org",
    });

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task<JsonElement> CatalogAsync(string query)
    {
        using var answer = await _host.Anonymous.GetAsync("/catalogs/elyra/acme/url-catalog.json" + query);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        return JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync()).RootElement;
    }

    private async Task<string[]> PathsAsync(string query) =>
        [.. (await CatalogAsync(query)).GetProperty("metadata").GetProperty("paths").EnumerateArray().Select(path => path.GetString()!)];

    [Fact]
    public async Task The_instance_is_one_of_the_url_catalog_connector()
    {
        await _host.SeedAsync(new() { Name = "filter", Number = "1.2.0" });
        var catalog = await CatalogAsync("?runtime=kfp");
        Assert.Equal("url-catalog", catalog.GetProperty("schema_name").GetString());
        Assert.Equal("acme", catalog.GetProperty("display_name").GetString());
        var metadata = catalog.GetProperty("metadata");
        Assert.Equal("KUBEFLOW_PIPELINES", metadata.GetProperty("runtime_type").GetString());
        Assert.Equal(["acme"], metadata.GetProperty("categories").EnumerateArray().Select(category => category.GetString()));
        Assert.Equal([$"{Root}/filter/versions/~1/elyra.yaml"], metadata.GetProperty("paths").EnumerateArray().Select(path => path.GetString()));
    }

    [Fact]
    public async Task Airflow_gets_operators()
    {
        await _host.SeedAsync(new() { Name = "filter", Number = "1.2.0" });
        var metadata = (await CatalogAsync("?runtime=airflow")).GetProperty("metadata");
        Assert.Equal("APACHE_AIRFLOW", metadata.GetProperty("runtime_type").GetString());
        Assert.Equal($"{Root}/filter/versions/~1/operator.py", metadata.GetProperty("paths")[0].GetString());
    }

    [Fact]
    public async Task A_moving_URL_stays_within_the_major_and_serves_the_component()
    {
        await _host.SeedAsync(new() { Name = "early", Number = "0.9.0" });
        await _host.SeedAsync(new() { Name = "filter", Number = "1.2.0" });
        await _host.SeedAsync(new() { Name = "filter", Number = "2.1.0" });
        await _host.SeedAsync(new() { Name = "preview", Number = "1.0.0-rc.1" });
        string[] expected = [$"{Root}/early/versions/~0/elyra.yaml", $"{Root}/filter/versions/~2/elyra.yaml", $"{Root}/preview/versions/1.0.0-rc.1/elyra.yaml"];
        Assert.Equal(expected, await PathsAsync(""));
        foreach (var path in expected)
        {
            var version = path[..path.LastIndexOf('/')].Replace("https://registry.example.org", "", StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await _host.Anonymous.GetAsync(version)).StatusCode);
        }
    }

    [Fact]
    public async Task A_pinned_catalog_names_exact_versions()
    {
        await _host.SeedAsync(new() { Name = "filter", Number = "1.2.0" });
        await _host.SeedAsync(new() { Name = "filter", Number = "1.10.0" });
        Assert.Equal([$"{Root}/filter/versions/1.10.0/elyra.yaml"], await PathsAsync("?pinned=true"));
    }

    [Fact]
    public async Task A_channel_takes_the_components_that_have_it_and_follows_it()
    {
        await _host.SeedAsync(new() { Name = "filter", Number = "1.2.0", Channel = "stable" });
        await _host.SeedAsync(new() { Name = "filter", Number = "1.3.0" });
        await _host.SeedAsync(new() { Name = "train", Number = "1.0.0" });
        Assert.Equal([$"{Root}/filter/versions/stable/elyra.yaml"], await PathsAsync("?channel=stable"));
        Assert.Equal([$"{Root}/filter/versions/1.2.0/elyra.yaml"], await PathsAsync("?channel=stable&pinned=true"));
    }

    [Fact]
    public async Task A_category_is_one_catalog_with_a_name_that_Elyra_takes()
    {
        await _host.SeedAsync(new() { Name = "filter", Category = "Transformations of tables" });
        await _host.SeedAsync(new() { Name = "train", Category = "Models" });
        var metadata = (await CatalogAsync("?category=Transformations%20of%20tables")).GetProperty("metadata");
        Assert.Equal("Transformations of", metadata.GetProperty("categories")[0].GetString());
        Assert.Equal([$"{Root}/filter/versions/~1/elyra.yaml"], metadata.GetProperty("paths").EnumerateArray().Select(path => path.GetString()));
    }

    [Fact]
    public async Task A_tag_takes_the_components_that_have_it()
    {
        await _host.SeedAsync(new() { Name = "filter", Tags = ["csv", "Rows"] });
        await _host.SeedAsync(new() { Name = "train", Tags = ["model"] });
        Assert.Equal([$"{Root}/filter/versions/~1/elyra.yaml"], await PathsAsync("?tag=rows"));
    }

    [Fact]
    public async Task It_says_that_it_is_a_snapshot_and_which_lines_bring_a_newer_one()
    {
        await _host.SeedAsync(new() { Name = "filter", Category = "It's" });
        var text = (await CatalogAsync("?runtime=kfp&category=It%27s&pinned=true")).GetProperty("metadata").GetProperty("description").GetString()!;
        Assert.StartsWith("Components of acme: It's from https://registry.example.org, as they were when this file was made.", text, StringComparison.Ordinal);
        Assert.Contains("curl -fsS -o claimed-catalogs/acme-category-it-s-1d315be9-pinned.json 'https://registry.example.org/catalogs/elyra/acme/url-catalog.json?runtime=kfp&category=It%27s&pinned=true' "
            + "&& elyra-metadata import component-catalogs --directory claimed-catalogs --overwrite", text, StringComparison.Ordinal);
        Assert.DoesNotContain("private", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acme", "", "acme", "acme.json")]
    [InlineData("acme", "?pinned=true", "acme pinned", "acme-pinned.json")]
    [InlineData("acme", "?channel=stable", "acme stable", "acme-channel-stable.json")]
    [InlineData("acme", "?channel=stable&pinned=true&runtime=airflow", "acme …ble pinned", "acme-airflow-channel-stable-pinned.json")]
    [InlineData("acme", "?channel=release-2026-11", "acme …se-2026-11", "acme-channel-release-2026-11.json")]
    [InlineData("acme", "?category=Transformations%20of%20tables&pinned=true", "Transforma… pinned", "acme-category-transformations-of-tables-pinned.json")]
    [InlineData("acme", "?tag=C%2B%2B", "acme", "acme-tag-c-f1deb75f.json")]
    [InlineData("machine-learning", "", "machine-learning", "machine-learning.json")]
    [InlineData("machine-learning", "?pinned=true", "machine pinned", "machine-learning-pinned.json")]
    [InlineData("machinelearningdepartment", "?pinned=true", "machinelea… pinned", "machinelearningdepartment-pinned.json")]
    [InlineData("machinelearningdepartment", "", "machinelearningde…", "machinelearningdepartment.json")]
    [InlineData("3d-models", "", "3d-models", "ns-3d-models.json")]
    public async Task Catalogs_that_may_stand_side_by_side_have_categories_and_files_of_their_own(string space, string query, string category, string file)
    {
        await _host.SeedAsync(new() { Namespace = space, Name = "filter" });
        using var answer = await _host.Anonymous.GetAsync($"/catalogs/elyra/{space}/url-catalog.json{query}");
        var metadata = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("metadata");
        Assert.Equal(category, Assert.Single(metadata.GetProperty("categories").EnumerateArray()).GetString());
        Assert.InRange(category.Length, 1, 18);
        Assert.Equal(file, answer.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
        Assert.Contains($"curl -fsS -o claimed-catalogs/{file} ", metadata.GetProperty("description").GetString(), StringComparison.Ordinal);
        using var whole = await _host.Anonymous.GetAsync($"/catalogs/elyra/{space}/catalog.json{query}");
        Assert.Equal(file, whole.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
    }

    [Fact]
    public async Task A_pinned_catalog_says_so_in_its_title()
    {
        await _host.SeedAsync(new() { Name = "filter" });
        Assert.Equal(("acme", "acme (pinned)"), ((await CatalogAsync("")).GetProperty("display_name").GetString(), (await CatalogAsync("?pinned=true")).GetProperty("display_name").GetString()));
    }

    [Fact]
    public async Task Of_a_private_namespace_it_says_where_the_token_goes()
    {
        await _host.CreateNamespaceAsync("acme", isPrivate: true);
        await _host.PublishReadyAsync("acme", "filter", "1.0.0");
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync("/catalogs/elyra/acme/url-catalog.json")).Status);
        var answer = await _host.Admin.SendAsync(HttpMethod.Get, "/catalogs/elyra/acme/url-catalog.json");
        Assert.Contains("under Source credentials, write any user id, and a token with the scope pull as the password", answer["metadata.description"], StringComparison.Ordinal);
        Assert.DoesNotContain(RegistryHost.AdminToken, answer.Text, StringComparison.Ordinal);
        var url = new Uri(answer.Json.GetProperty("metadata").GetProperty("paths")[0].GetString()!);
        using var basic = new HttpRequestMessage(HttpMethod.Get, url.PathAndQuery);
        basic.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes("anyone:" + RegistryHost.AdminToken)));
        Assert.Equal("application/yaml; charset=utf-8", (await _host.Anonymous.SendAsync(basic)).Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task Only_components_that_Elyra_can_load_are_named()
    {
        await _host.SeedAsync(new() { Name = "building", State = "building" });
        await _host.SeedAsync(new() { Name = "failed", State = "failed" });
        await _host.SeedAsync(new() { Name = "gone", Yanked = true });
        await _host.SeedAsync(new() { Name = "flow", Kind = "pipeline", Language = SourceLanguage.Container });
        await _host.SeedAsync(new() { Name = "formless", Forms = ["component.yaml"] });
        await _host.SeedAsync(new() { Namespace = "other", Name = "foreign" });
        Assert.Empty(await PathsAsync(""));
    }

    [Theory]
    [InlineData("acme", "?runtime=argo", 400, "runtime can be kfp or airflow")]
    [InlineData("acme", "?pinned=yes", 400, "pinned can be true or false")]
    [InlineData("acme", "?channel=%7E1", 400, "channel is not a channel name")]
    [InlineData("nobody", "?runtime=kfp", 404, "/api/v1/components")]
    public async Task What_cannot_be_answered_is_a_problem_that_says_why(string space, string query, int status, string detail)
    {
        await _host.SeedAsync(new() { Name = "filter" });
        using var answer = await _host.Anonymous.GetAsync($"/catalogs/elyra/{space}/url-catalog.json{query}");
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains(detail, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_a_file_to_keep_with_an_ETag_that_changes_with_the_catalog()
    {
        const string path = "/catalogs/elyra/acme/url-catalog.json?runtime=kfp";
        await _host.SeedAsync(new() { Name = "filter" });
        using var first = await _host.Anonymous.GetAsync(path);
        Assert.Equal("acme.json", first.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
        using var conditional = new HttpRequestMessage(HttpMethod.Head, path);
        conditional.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(first.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, (await _host.Anonymous.SendAsync(conditional)).StatusCode);
        await _host.SeedAsync(new() { Name = "train" });
        Assert.NotEqual(first.Headers.ETag, (await _host.Anonymous.GetAsync(path)).Headers.ETag);
    }
}
