using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

public sealed class ComponentListTests(ComponentListTests.Components registry) : IClassFixture<ComponentListTests.Components>
{
    /// <summary>Four components in two namespaces, each found by another filter.</summary>
    public sealed class Components : SharedRegistry, IAsyncLifetime
    {
        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await base.InitializeAsync();
            await PublishAsync("acme", "alpha", "Transform", "Rows", "csv,rows", "Splits tables");
            await PublishAsync("acme", "bravo", "Transform", "Text", "text", "Counts words");
            await PublishAsync("zeta", "charlie", "Train", "Trees", "csv", "Grows trees");
            await Host.PublishAsync("zeta", "delta", "1.0.0", ("step.py", Samples.Script()));
        }

        private Task<Answer> PublishAsync(string space, string name, string category, string group, string tags, string title) =>
            Host.PublishAsync(space, name, "1.0.0", new Multipart().Source("component.yaml", Samples.ExistingImage(title))
                .Field("category", category).Field("group", group).Field("tags", tags).Field("displayName", title));
    }

    private readonly RegistryHost _host = registry.Host;

    [Theory]
    [InlineData("", "alpha bravo charlie delta")]
    [InlineData("namespace=acme", "alpha bravo")]
    [InlineData("category=transform", "alpha bravo")]
    [InlineData("category=Transform&group=Text", "bravo")]
    [InlineData("tag=csv", "alpha charlie")]
    [InlineData("tag=csv&namespace=zeta", "charlie")]
    [InlineData("output=Dataset", "alpha bravo charlie delta")]
    [InlineData("input=Dataset", "delta")]
    [InlineData("q=trees", "charlie")]
    [InlineData("q=words%20COUNTS", "bravo")]
    [InlineData("q=acme", "alpha bravo")]
    [InlineData("q=nowhere", "")]
    [InlineData("category=%27%20OR%201=1", "")]
    public async Task A_filter_leaves_what_it_says(string query, string names)
    {
        var found = (await _host.GetAsync($"/api/v1/components?{query}")).Items.Select(Name);
        Assert.Equal(names.Split(' ', StringSplitOptions.RemoveEmptyEntries), found.Where(name => !name.StartsWith("page-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Pages_neither_repeat_nor_lose_anything_while_others_publish()
    {
        foreach (var letter in "bdfh")
            await _host.PublishReadyAsync("pages", $"page-{letter}", "1.0.0");
        var first = await _host.GetAsync("/api/v1/components?namespace=pages&limit=2");
        Assert.Equal(["page-b", "page-d"], first.Items.Select(Name));
        // One before the cursor, one behind it.
        await _host.PublishReadyAsync("pages", "page-a", "1.0.0");
        await _host.PublishReadyAsync("pages", "page-e", "1.0.0");
        var second = await _host.GetAsync($"/api/v1/components?namespace=pages&limit=2&cursor={Uri.EscapeDataString(first["next"]!)}");
        Assert.Equal(["page-e", "page-f"], second.Items.Select(Name));
        var third = await _host.GetAsync($"/api/v1/components?namespace=pages&limit=2&cursor={Uri.EscapeDataString(second["next"]!)}");
        Assert.Equal(["page-h"], third.Items.Select(Name));
        Assert.Null(third["next"]);
    }

    [Fact]
    public async Task A_limit_that_is_no_number_is_a_400_with_a_problem()
    {
        var answer = await _host.GetAsync("/api/v1/components?limit=many");
        Assert.Equal(400, (int)answer.Status);
        Assert.Equal("application/problem+json", answer.ContentType);
    }

    private static string Name(System.Text.Json.JsonElement item) => item.GetProperty("name").GetString()!;
}
