using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

/// <summary>Sources that can be read, and of which this registry cannot make a component.</summary>
[Trait("Database", "any")]
public sealed class UnfitSourceTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    private async Task<Answer> ValidateAsync(Multipart upload)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/components/unfit/validate") { Content = upload.ToContent() };
        return await Answer.ReadAsync(await _host.Anonymous.SendAsync(request));
    }

    private static Multipart Upload(string path, string text) => new Multipart().Source(path, text);

    [Fact]
    public async Task A_file_name_that_names_no_component_is_an_error() =>
        Assert.Contains("name-invalid", (await ValidateAsync(Upload("___.py", "x = 1"))).FindingCodes);

    [Fact]
    public async Task A_language_without_a_base_image_is_an_error_unless_the_publisher_names_one()
    {
        Assert.Contains("no-base-image", (await ValidateAsync(Upload("count.R", "x <- 1"))).FindingCodes);
        Assert.DoesNotContain("no-base-image", (await ValidateAsync(Upload("count.R", "x <- 1").Field("baseImage", "team/r:4"))).FindingCodes);
    }

    [Fact]
    public async Task A_port_that_is_no_variable_of_a_shell_cannot_be_built() =>
        Assert.Contains("not-buildable", (await ValidateAsync(Upload("rows.sh", "# @output a-b text\necho a-b").Field("baseImage", "team/shell:1"))).FindingCodes);

    [Fact]
    public async Task A_dockerfile_beside_a_script_is_said_to_be_of_no_use() =>
        Assert.Contains("dockerfile-unused", (await ValidateAsync(Upload("step.py", "x = 1").Source("Dockerfile", "FROM a:1"))).FindingCodes);
}
