using Claimed.Registry.Access;
using Claimed.TestKit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>The table of docs/api.md that says who may use which endpoint is made from what the endpoints say of themselves.</summary>
[Trait("Database", "any")]
public sealed class PolicyTableTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private const string Begin = "<!-- made from the endpoints' policies: UPDATE_POLICIES=1 dotnet test tests/Claimed.Registry.Tests -->\n";
    private const string End = "<!-- end -->\n";

    [Fact]
    public async Task The_table_of_the_documentation_is_what_the_endpoints_say()
    {
        var path = Path.Combine(RepositoryFolder.Path, "docs", "api.md");
        var text = await File.ReadAllTextAsync(path);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.True(from >= 0 && to > from, $"docs/api.md has no place for the table:\n{Begin}{End}");
        var whole = text[..(from + Begin.Length)] + Table() + text[to..];
        if (Environment.GetEnvironmentVariable("UPDATE_POLICIES") == "1")
            await File.WriteAllTextAsync(path, text = whole);
        Assert.Equal(whole, text);
    }

    private string Table()
    {
        var lines = registry.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]).Where(method => method != "HEAD")
                .Select(method => (Path: "/" + endpoint.RoutePattern.RawText!.Trim('/'), Method: method, Who: endpoint.Metadata.GetMetadata<EndpointPolicy>()!.Text)))
            .OrderBy(line => line.Path, StringComparer.Ordinal).ThenBy(line => line.Method, StringComparer.Ordinal)
            .Select(line => $"| `{line.Method} {line.Path.Replace("|", "\\|", StringComparison.Ordinal)}` | {line.Who} |\n");
        return "| endpoint | who |\n|---|---|\n" + string.Concat(lines);
    }
}
