using System.Text.Json;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>Catalogs of all namespaces, and of one by several filters at once, as Elyra imports them.</summary>
[Trait("Database", "any")]
public sealed class ElyraInstanceTests(ElyraInstanceTests.Spaces registry) : IClassFixture<ElyraInstanceTests.Spaces>
{
    /// <summary>alpha and beta are public, hidden is private; each has something of the category and the tag that the tests ask for.</summary>
    public sealed class Spaces : SharedRegistry, IAsyncLifetime
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Registry:PublicUrl"] = "https://registry.example.org" };

        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await InitializeAsync();
            await Host.SeedAsync(new() { Namespace = "alpha", Name = "filter", Number = "1.2.0", Channel = "stable", Category = "Tables", Tags = ["csv"] });
            await Host.SeedAsync(new() { Namespace = "alpha", Name = "filter", Number = "1.3.0", Category = "Tables", Tags = ["csv"] });
            await Host.SeedAsync(new() { Namespace = "alpha", Name = "join", Number = "2.0.0", Category = "Tables", Tags = ["sql"] });
            await Host.SeedAsync(new() { Namespace = "alpha", Name = "train", Number = "1.0.0", Category = "Models", Tags = ["csv"] });
            await Host.SeedAsync(new() { Namespace = "beta", Name = "sort", Number = "0.4.0", Channel = "stable", Category = "Tables", Tags = ["csv"] });
            await Host.SeedAsync(new() { Namespace = "beta", Name = "flow", Kind = "pipeline", Category = "Tables", Tags = ["csv"] });
            await Host.CreateNamespaceAsync("hidden", isPrivate: true);
            await Host.SeedAsync(new() { Namespace = "hidden", Name = "secret", Number = "1.0.0", Channel = "stable", Category = "Tables", Tags = ["csv"] });
        }
    }

    private const string Root = "https://registry.example.org/api/v1/components/";

    private readonly RegistryHost _host = registry.Host;

    private static string[] Paths(Answer answer) => [.. answer.Json.GetProperty("metadata").GetProperty("paths").EnumerateArray().Select(path => path.GetString()!)];

    private static string[] Keys(JsonElement json) => [.. json.EnumerateObject().Select(entry => entry.Name)];

    [Theory]
    [InlineData("", "alpha/filter/versions/~1 alpha/join/versions/~2 alpha/train/versions/~1 beta/sort/versions/~0")]
    [InlineData("?category=tables&tag=CSV", "alpha/filter/versions/~1 beta/sort/versions/~0")]
    [InlineData("?tag=csv&channel=stable", "alpha/filter/versions/stable beta/sort/versions/stable")]
    [InlineData("?category=Tables&tag=csv&channel=stable&pinned=true", "alpha/filter/versions/1.2.0 beta/sort/versions/0.4.0")]
    [InlineData("?category=Models&channel=stable", "")]
    [InlineData("?category=Tables&tag=sql&pinned=true", "alpha/join/versions/2.0.0")]
    [InlineData("?category=Models&pinned=true&runtime=airflow", "alpha/train/versions/1.0.0")]
    public async Task All_namespaces_that_the_caller_sees_are_in_one_instance_by_every_filter(string query, string expected)
    {
        var form = query.Contains("airflow", StringComparison.Ordinal) ? "operator.py" : "elyra.yaml";
        var answer = await _host.GetAsync("/catalogs/elyra/url-catalog.json" + query);
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(path => $"{Root}{path}/{form}"), Paths(answer));
        Assert.DoesNotContain("hidden", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Components", "components.json")]
    [InlineData("?pinned=true", "Components pinned", "components-pinned.json")]
    [InlineData("?channel=stable", "Components stable", "components-channel-stable.json")]
    [InlineData("?category=Tables&runtime=airflow", "Tables", "components-airflow-category-tables.json")]
    public async Task The_instance_of_all_namespaces_has_a_category_and_a_file_of_its_own(string query, string category, string file)
    {
        var answer = await _host.GetAsync("/catalogs/elyra/url-catalog.json" + query);
        Assert.Equal("application/json; charset=utf-8", answer.ContentType);
        Assert.Equal($"attachment; filename=\"{file}\"", answer.Message.Content.Headers.ContentDisposition!.ToString());
        Assert.Equal(category, Assert.Single(answer.Json.GetProperty("metadata").GetProperty("categories").EnumerateArray()).GetString());
        Assert.StartsWith("Components of ", answer["metadata.description"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_sees_a_private_namespace_gets_it_too() =>
        Assert.Contains($"{Root}hidden/secret/versions/~1/elyra.yaml", Paths(await _host.Admin.SendAsync(HttpMethod.Get, "/catalogs/elyra/url-catalog.json")));

    [Theory]
    [InlineData("/catalogs/elyra/url-catalog.json")]
    [InlineData("/catalogs/elyra/alpha/url-catalog.json")]
    [InlineData("/catalogs/elyra/alpha/url-catalog.json?runtime=airflow&category=Tables&tag=csv&channel=stable&pinned=true")]
    public async Task An_instance_has_the_keys_of_Elyra_s_schema_and_no_other(string path)
    {
        var instance = (await _host.GetAsync(path)).Json;
        Assert.Equal(["display_name", "schema_name", "metadata"], Keys(instance));
        Assert.Equal(["description", "runtime_type", "categories", "paths"], Keys(instance.GetProperty("metadata")));
        Assert.Equal("url-catalog", instance.GetProperty("schema_name").GetString());
    }

    [Theory]
    [InlineData("kfp", "")]
    [InlineData("airflow", "")]
    [InlineData("airflow", "category=Tables&tag=csv&pinned=true")]
    public Task A_runtime_may_stand_in_the_path(string runtime, string query) => AssertInPathAsync("url-catalog.json", runtime, query);

    [Theory]
    [InlineData("kfp", "")]
    [InlineData("airflow", "")]
    [InlineData("airflow", "category=Tables&tag=csv")]
    public Task The_same_of_the_whole_catalog(string runtime, string query) => AssertInPathAsync("catalog.json", runtime, query);

    private async Task AssertInPathAsync(string file, string runtime, string query)
    {
        foreach (var (asking, naming) in ((string, string)[])[($"alpha/{file}", $"alpha/{runtime}/{file}"), (file, $"~/{runtime}/{file}")])
            await AssertSameAsync($"/catalogs/elyra/{asking}?runtime={runtime}&{query}", $"/catalogs/elyra/{naming}?{query}");
    }

    private async Task AssertSameAsync(string asking, string naming)
    {
        var (asked, named) = (await _host.GetAsync(asking), await _host.GetAsync(naming));
        Assert.NotEmpty(Paths(asked));
        Assert.Equal((asked.Text, asked.ContentType, asked.Message.Content.Headers.ContentDisposition!.ToString()), (named.Text, named.ContentType, named.Message.Content.Headers.ContentDisposition!.ToString()));
    }
}
