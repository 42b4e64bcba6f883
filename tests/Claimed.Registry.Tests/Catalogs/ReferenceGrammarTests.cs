using System.Diagnostics;
using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>Every kind of reference over one ladder of versions. That ranges mean what npm says is shown in the tests of Claimed.Components.</summary>
[Trait("Database", "any")]
public sealed class ReferenceGrammarTests(ReferenceGrammarTests.Ladder registry) : IClassFixture<ReferenceGrammarTests.Ladder>
{
    /// <summary>refs/ladder: stable and pre-release versions, 2.1.0 yanked, 4.0.0 queued; refs/previews: pre-releases alone; refs/huge.</summary>
    public sealed class Ladder : SharedRegistry, IAsyncLifetime
    {
        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await base.InitializeAsync();
            foreach (var version in (string[])["0.1.0", "0.1.4", "0.2.0", "1.0.0-rc.1", "1.0.0", "1.2.0", "1.2.3", "1.10.0", "2.0.0", "2.1.0", "3.0.0-alpha.1", "3.0.0-alpha.2"])
                await Host.PublishReadyAsync("refs", "ladder", version, version);
            await Host.PublishAsync("refs", "ladder", "4.0.0", ("step.py", Samples.Script()));
            await Host.PatchAsync("refs/ladder/versions/2.1.0", """{"yanked": true}""");
            await Host.SetChannelAsync("refs/ladder", "stable", "1.2.3");
            await Host.SetChannelAsync("refs/ladder", "next.big_thing-2", "3.0.0-alpha.2");
            await Host.PublishReadyAsync("refs", "previews", "1.0.0-beta.1", "p");
            await Host.PublishReadyAsync("refs", "huge", "9007199254740991.9007199254740991.9007199254740991", "h");
        }
    }

    private readonly RegistryHost _host = registry.Host;

    [Theory]
    [InlineData("*", "2.0.0")]
    [InlineData("^0.1", "0.1.4")]
    [InlineData("^0.1.0", "0.1.4")]
    [InlineData("~0", "0.2.0")]
    [InlineData("^0", "0.2.0")]
    [InlineData("^1", "1.10.0")]
    [InlineData("~1", "1.10.0")]
    [InlineData("~1.2", "1.2.3")]
    [InlineData("~1.x", "1.10.0")]
    [InlineData("=1.2", "1.2.3")]
    [InlineData("=1.2.0", "1.2.0")]
    [InlineData("<1.2", "1.0.0")]
    [InlineData("<=1.2", "1.2.3")]
    [InlineData(">1.2 <2", "1.10.0")]
    [InlineData(">=1.0.0  <1.2.3", "1.2.0")]
    [InlineData("~0.1 || ~1.2", "1.2.3")]
    [InlineData("~0.1||~9", "0.1.4")]
    [InlineData("^1.0.0-rc.0 <1.0.0", "1.0.0-rc.1")]
    [InlineData("^3.0.0-alpha.1", "3.0.0-alpha.2")]
    [InlineData(">2", null)]
    [InlineData("~2.1", null)]
    [InlineData("=2.1.0", null)]
    [InlineData("^3", null)]
    [InlineData("^4", null)]
    [InlineData("^1.0.0-0 <1.0.0-rc", null)]
    public async Task A_range_finds_the_highest_listed_version_in_it_raw_and_percent_encoded(string range, string? version)
    {
        var raw = range.Replace(" ", "%20", StringComparison.Ordinal).Replace("<", "%3C", StringComparison.Ordinal).Replace(">", "%3E", StringComparison.Ordinal);
        foreach (var reference in (string[])[raw, Uri.EscapeDataString(range), string.Concat(range.Select(letter => $"%{(int)letter:x2}"))])
        {
            var answer = await _host.ComponentAsync($"refs/ladder/versions/{reference}");
            Assert.Equal($"{reference} {version}", $"{reference} {answer["version"]}");
            Assert.Equal(version is null ? "version-not-found" : null, answer["type"]);
            if (version is not null)
                Assert.EndsWith($"/refs/ladder/versions/{version}", answer.Message.Content.Headers.ContentLocation!.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ladder", "0.1.0", "0.1.0")]
    [InlineData("ladder", "1.2", "1.2.0")]
    [InlineData("ladder", "1.0.0-rc.1", "1.0.0-rc.1")]
    [InlineData("ladder", "2.1.0", "2.1.0")]
    [InlineData("ladder", "4.0.0", "4.0.0")]
    [InlineData("ladder", "latest", "2.0.0")]
    [InlineData("ladder", "stable", "1.2.3")]
    [InlineData("ladder", "next.big_thing-2", "3.0.0-alpha.2")]
    [InlineData("previews", "1.0.0-beta.1", "1.0.0-beta.1")]
    [InlineData("previews", "^1.0.0-beta", "1.0.0-beta.1")]
    [InlineData("huge", "9007199254740991.9007199254740991.9007199254740991", "9007199254740991.9007199254740991.9007199254740991")]
    [InlineData("huge", "*", "9007199254740991.9007199254740991.9007199254740991")]
    public async Task A_version_or_channel_finds_what_it_names(string component, string reference, string version) =>
        Assert.Equal(version, (await _host.ComponentAsync($"refs/{component}/versions/{reference}"))["version"]);

    [Theory]
    [InlineData("previews", "latest")]
    [InlineData("previews", "*")]
    [InlineData("previews", "^1")]
    [InlineData("ladder", "beta")]
    [InlineData("ladder", "1.1.0")]
    [InlineData("ladder", "1.1")]
    [InlineData("ladder", "1.0.0-RC.1")]
    public async Task What_nothing_answers_to_is_a_404(string component, string reference) =>
        Assert.Equal("version-not-found", (await _host.ComponentAsync($"refs/{component}/versions/{reference}"))["type"]);

    [Theory]
    [InlineData("1", "~1 ")]
    [InlineData("1.x", "~1 ")]
    [InlineData("1.X", "~1 ")]
    [InlineData("1.*", "~1 ")]
    [InlineData("1.x.x", "~1 ")]
    [InlineData("1.2.x", "~1.2 ")]
    [InlineData("1.2.*", "~1.2 ")]
    [InlineData("1.0.0 - 2.0.0", ">=1.0.0 <=2.0.0")]
    [InlineData("1.0.0 || 2.0.0", "=1.0.0 || =2.0.0")]
    [InlineData("1.0.0 <2", "1.2.0")]
    [InlineData("01.0.0", "1.2.0")]
    [InlineData("1.00", "1.2.0")]
    [InlineData("1.0.0-01", "1.2.0")]
    [InlineData("1.0.0+build.1", "build metadata")]
    [InlineData("1.0.0-rc..1", "1.2.0")]
    [InlineData("1.0.0-", "1.2.0")]
    [InlineData("1.0.0.0", "1.2.0")]
    [InlineData("9007199254740992.0.0", "1.2.0")]
    [InlineData("99999999999999999999999999999999999999.0.0", "1.2.0")]
    [InlineData("^99999999999999999999999999999999999999", "range")]
    [InlineData(">=1.99999999999999999999", "range")]
    [InlineData("^1.2.3.4", "range")]
    [InlineData("^", "range")]
    [InlineData(">=", "range")]
    [InlineData("^^1", "range")]
    [InlineData("^1 | ^2", "range")]
    [InlineData("V1", "without v")]
    [InlineData("x", "channel")]
    [InlineData("Latest", "channel")]
    [InlineData("stable ", "channel")]
    [InlineData("stäble", "channel")]
    [InlineData("|| ^1", "channel")]
    [InlineData("sha256:", "64")]
    [InlineData("sha256:9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08", "64")]
    [InlineData("sha512:00", "channel")]
    public async Task What_cannot_be_read_is_a_400_that_says_what_to_write(string reference, string hint)
    {
        foreach (var path in (string[])["", "/elyra.yaml"])
        {
            var answer = await _host.ComponentAsync($"refs/ladder/versions/{Uri.EscapeDataString(reference)}{path}");
            Assert.Equal((HttpStatusCode.BadRequest, "bad-reference"), (answer.Status, answer["type"]));
            Assert.Contains(hint, answer["detail"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_version_with_a_v_is_a_channel_that_is_not_there_and_the_answer_says_how_a_version_is_written()
    {
        var answer = await _host.ComponentAsync("refs/ladder/versions/v1.2.0");
        Assert.Equal((HttpStatusCode.NotFound, "version-not-found"), (answer.Status, answer["type"]));
        Assert.Contains("without v: 1.2.0.", answer["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.0.0-", "a")]
    [InlineData("1.", "1")]
    [InlineData("^1", " || ^1")]
    [InlineData("^1", " ")]
    [InlineData(">=1.0.0-", "a.")]
    [InlineData("", "a")]
    [InlineData("a", "-")]
    [InlineData("sha256:", "0")]
    public async Task A_reference_of_kilobytes_is_refused_at_once(string start, string repeated)
    {
        foreach (var length in (int[])[2_000, 7_000, 10_000])
        {
            var reference = start + string.Concat(Enumerable.Repeat(repeated, length / repeated.Length));
            var began = Stopwatch.GetTimestamp();
            var answer = await _host.ComponentAsync($"refs/ladder/versions/{reference.Replace(" ", "%20", StringComparison.Ordinal)}");
            Assert.InRange((int)answer.Status, 400, 499);
            Assert.True(answer.Bytes.Length < 2_000, "The answer repeats what was sent.");
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(2));
        }
    }

    [Theory]
    [InlineData("refs/huge", "9007199254740991.9007199254740992.0")]
    [InlineData("refs/huge", "1.0.0+build")]
    [InlineData("refs/huge", "01.0.0")]
    [InlineData("refs/huge", "1")]
    public async Task A_version_that_no_reference_could_name_is_not_published(string component, string version)
    {
        var parts = component.Split('/');
        var answer = await _host.PublishAsync(parts[0], parts[1], version, ("component.yaml", Samples.ExistingImage("no")));
        Assert.Equal((HttpStatusCode.BadRequest, "bad-version"), (answer.Status, answer["type"]));
    }
}
