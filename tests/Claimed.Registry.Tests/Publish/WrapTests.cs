using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

[Trait("Database", "any")]
public sealed class WrapTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    private static Multipart Upload(string wrap) => new Multipart().Source("step.py", Samples.Script()).Field("wrap", wrap);

    [Fact]
    public async Task A_wrapped_source_has_the_inputs_of_the_wrapper_in_place_of_the_one_it_sets()
    {
        var plain = await _host.PublishAsync("wraps", "plain", "1.0.0", ("step.py", Samples.Script()));
        var answer = await _host.PublishAsync("wraps", "rows", "1.0.0", Upload("grid:input_rows"));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(
            ["log_level", "wanted", "gw_batch_file", "gw_file_path_pattern", "gw_group_by", "gw_coordinator_path", "gw_lock_timeout", "gw_ignore_error_files", "gw_max_time_wait_staggering"],
            answer.Json.GetProperty("inputs").EnumerateArray().Select(port => port.GetProperty("name").GetString()));
        Assert.Empty(answer.Json.GetProperty("outputs").EnumerateArray());
        Assert.Contains("wrap-output-dropped", answer.FindingCodes);
        Assert.NotEqual(plain["bundleDigest"], answer["bundleDigest"]);
        // A version's interface is what its callers see: unwrapped it is another one.
        Assert.Equal(HttpStatusCode.OK, (await _host.PublishAsync("wraps", "rows", null, Upload("grid:input_rows"))).Status);
    }

    [Theory]
    [InlineData("grid")]
    [InlineData("grid:")]
    [InlineData("s3:input_rows")]
    public async Task Another_kind_of_wrapper_is_refused(string wrap)
    {
        var answer = await _host.PublishAsync("wraps", "kinds", "1.0.0", Upload(wrap));
        Assert.Equal("bad-field", answer["type"]);
        Assert.Contains("no wrapper for object stores", answer["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_wrapped_is_refused_with_a_finding()
    {
        Assert.Equal(["wrap-input-unknown"], (await _host.PublishAsync("wraps", "unknown", "1.0.0", Upload("grid:rows"))).FindingCodes.Where(code => code.StartsWith("wrap", StringComparison.Ordinal)));
        var container = await _host.PublishAsync("wraps", "container", "1.0.0", new Multipart().Source("component.yaml", Samples.ExistingImage()).Field("wrap", "grid:greeting"));
        Assert.Contains("wrap-container", container.FindingCodes);
        var image = await _host.PublishAsync("wraps", "image", "1.0.0", Upload("grid:input_rows").Field("image", Samples.Image));
        Assert.Equal("bad-field", image["type"]);
    }
}
