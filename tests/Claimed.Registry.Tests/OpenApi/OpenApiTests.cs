using Claimed.TestKit;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Xunit;

namespace Claimed.Registry.Tests.OpenApi;

[Trait("Database", "any")]
public sealed class OpenApiTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private const string Rewrite = "UPDATE_OPENAPI=1 dotnet test tests/Claimed.Registry.Tests";

    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task The_file_at_the_top_is_the_served_document_byte_for_byte()
    {
        var served = await _host.GetAsync("/swagger/v1/openapi.yaml");
        var path = Path.Combine(TopFolder(), "openapi.yaml");
        if (Environment.GetEnvironmentVariable("UPDATE_OPENAPI") == "1")
            await File.WriteAllBytesAsync(path, served.Bytes);
        var kept = File.Exists(path) ? await File.ReadAllBytesAsync(path) : [];
        Assert.True(served.Bytes.AsSpan().SequenceEqual(kept), $"openapi.yaml is not what the service says of itself. Rewrite it with: {Rewrite}");
    }

    [Fact]
    public async Task The_document_is_valid_without_errors_or_warnings()
    {
        var (document, diagnostic) = await ReadAsync();
        Assert.True(diagnostic.Errors.Count == 0, string.Join("\n", diagnostic.Errors.Select(error => $"{error.Pointer}: {error.Message}")));
        Assert.True(diagnostic.Warnings.Count == 0, string.Join("\n", diagnostic.Warnings.Select(warning => $"{warning.Pointer}: {warning.Message}")));
        Assert.NotEmpty(document.Paths);
    }

    [Fact]
    public async Task Every_operation_has_a_summary_a_name_of_its_own_a_refusal_and_an_example()
    {
        var operations = await OperationsAsync();
        Assert.Empty(operations.GroupBy(each => each.Operation.OperationId).Where(group => group.Key is null || group.Count() > 1).Select(group => group.Key));
        Assert.Empty(operations.Where(each => string.IsNullOrWhiteSpace(each.Operation.Summary)).Select(each => each.Place));
        Assert.Empty(operations.Where(each => each.Operation.Parameters?.Count > 0 && !Answers(each.Operation, '4').Any()).Select(each => each.Place));
        Assert.Empty(operations.Where(each => !Answers(each.Operation, '2').Any()).Select(each => each.Place));
        Assert.Empty(operations.Where(each => Answers(each.Operation, '2').Any(answer =>
            answer.Content?.Count > 0 && answer.Content.Values.All(content => content.Example is null && content.Examples is not { Count: > 0 }))).Select(each => each.Place));
    }

    /// <summary>But for those whose body is what they go by: an upload that is only read, a job's token, a signed report.</summary>
    [Fact]
    public async Task Every_writing_operation_says_that_it_needs_a_token()
    {
        var writing = (await OperationsAsync()).Where(each => each.Method != HttpMethod.Get && each.Operation.OperationId is not ("validate" or "exchangeToken" or "reportLeaks")).ToList();
        Assert.NotEmpty(writing);
        Assert.Empty(writing.Where(each => each.Operation.Security is not { Count: > 0 }).Select(each => each.Place));
    }

    [Fact]
    public async Task The_document_also_comes_as_JSON()
    {
        var answer = await _host.GetAsync("/swagger/v1/openapi.json");
        Assert.Equal("Claimed.Registry", answer["info.title"]);
    }

    [Fact]
    public async Task The_page_to_browse_it_loads_nothing_from_other_hosts()
    {
        var page = await _host.GetAsync("/swagger/index.html");
        Assert.StartsWith("text/html", page.ContentType, StringComparison.Ordinal);
        var references = System.Text.RegularExpressions.Regex.Matches(page.Text, "(?:src|href)=\"([^\"]+)\"").Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(references);
        foreach (var reference in references)
        {
            Assert.DoesNotMatch("^([a-z]+:)?//", reference);
            Assert.Equal(200, (int)(await _host.GetAsync("/swagger/" + reference)).Status);
        }
    }

    private static IEnumerable<IOpenApiResponse> Answers(OpenApiOperation operation, char hundred) =>
        (operation.Responses ?? []).Where(answer => answer.Key[0] == hundred).Select(answer => answer.Value);

    private async Task<List<(string Place, HttpMethod Method, OpenApiOperation Operation)>> OperationsAsync() =>
        [.. from path in (await ReadAsync()).Document.Paths from operation in path.Value.Operations ?? []
            select ($"{operation.Key} {path.Key}", operation.Key, operation.Value)];

    private async Task<(OpenApiDocument Document, OpenApiDiagnostic Diagnostic)> ReadAsync()
    {
        var settings = new OpenApiReaderSettings();
        settings.AddYamlReader();
        using var bytes = new MemoryStream((await _host.GetAsync("/swagger/v1/openapi.yaml")).Bytes);
        var result = await OpenApiDocument.LoadAsync(bytes, "yaml", settings);
        return (result.Document!, result.Diagnostic!);
    }

    private static string TopFolder()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Claimed.Registry.sln")))
                return folder;
        }
        throw new DirectoryNotFoundException("The tests run outside the repository.");
    }
}
