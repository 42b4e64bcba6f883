using System.Net;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Channels;

public sealed class ChannelRaceTests(ImageHost host) : IClassFixture<ImageHost>
{
    private const int Racers = 12;

    private readonly RegistryHost _registry = host.Registry;

    [Fact]
    public async Task Of_many_moves_with_one_tag_one_counts()
    {
        for (var version = 1; version <= Racers; version++)
            await _registry.PublishReadyAsync("race", "moves", $"1.{version}.0", $"{version}");
        var made = await Race.RunAsync(Racers, number => _registry.SetChannelAsync("race/moves", "stable", $"1.{number + 1}.0", ("If-None-Match", "*")));
        Assert.Equal("1×201 11×412", made.Statuses());
        for (var round = 0; round < 5; round++)
        {
            var read = await _registry.ComponentAsync("race/moves/channels/stable");
            // The one that names where the channel already is would change nothing; all others want it elsewhere.
            var others = Enumerable.Range(1, Racers).Select(minor => $"1.{minor}.0").Where(version => version != read["version"]).ToList();
            var moved = await Race.RunAsync(others.Count, number => _registry.SetChannelAsync("race/moves", "stable", others[number], ("If-Match", read.ETag!)));
            Assert.Equal("1×200 10×412", moved.Statuses());
            var winner = moved.Single(answer => answer.Status == HttpStatusCode.OK);
            Assert.All(moved.Where(answer => answer != winner), answer => Assert.Equal((winner["version"], winner.ETag), (answer["current"], answer["etag"])));
            Assert.Equal(winner.Text, (await _registry.ComponentAsync("race/moves/channels/stable")).Text);
        }
    }

    [Fact]
    public async Task Of_many_changes_with_one_tag_one_counts()
    {
        await _registry.PublishReadyAsync("race", "changes", "1.0.0");
        for (var round = 0; round < 3; round++)
        {
            var (component, version) = (await _registry.ComponentAsync("race/changes"), await _registry.ComponentAsync("race/changes/versions/1.0.0"));
            var answers = await Race.RunAsync(Racers, number => _registry.PatchAsync("race/changes", $$"""{"description": "{{round}} {{number}}"}""", ("If-Match", component.ETag!)));
            Assert.Equal("1×200 11×412", answers.Statuses());
            answers = await Race.RunAsync(Racers, number => _registry.PatchAsync("race/changes/versions/1.0.0",
                $$"""{"deprecated": true, "successor": null, "yanked": true, "reason": "{{round}} {{number}}"}""", ("If-Match", version.ETag!)));
            Assert.Equal("1×200 11×412", answers.Statuses());
        }
    }

    [Fact]
    public async Task A_channel_and_a_yank_that_meet_leave_one_clear_outcome()
    {
        for (var round = 0; round < 6; round++)
        {
            var name = $"meet-{round}";
            await _registry.PublishReadyAsync("race", name, "1.0.0");
            var answers = await Race.RunAsync(2, number => number == 0
                ? _registry.SetChannelAsync($"race/{name}", "stable", "1.0.0")
                : _registry.PatchAsync($"race/{name}/versions/1.0.0", """{"yanked": true}"""));
            Assert.Equal(HttpStatusCode.OK, answers[1].Status);
            var channel = await _registry.ComponentAsync($"race/{name}/channels/stable");
            Assert.Equal(answers[0].Status == HttpStatusCode.Created ? HttpStatusCode.OK : HttpStatusCode.NotFound, channel.Status);
            Assert.Contains(answers[0].Status, (HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.Conflict]);
        }
    }

    [Fact]
    public async Task After_a_storm_of_yanks_moves_and_publishes_every_tag_names_what_its_channel_means()
    {
        var digests = new Dictionary<string, string>();
        for (var minor = 0; minor < 8; minor++)
        {
            digests[$"1.{minor}.0"] = await host.PushImageAsync("race/storm", $"push-{minor}", $"storm {minor}");
            if (minor < 4)
                await PublishAsync($"1.{minor}.0");
        }
        for (var round = 0; round < 4; round++)
        {
            await Race.RunAsync(Racers, number => (number % 6) switch
            {
                0 => _registry.PatchAsync($"race/storm/versions/1.{(number + round) % 4}.0", """{"yanked": true}"""),
                1 => _registry.PatchAsync($"race/storm/versions/1.{(number + round) % 4}.0", """{"yanked": false}"""),
                2 => _registry.SetChannelAsync("race/storm", "stable", $"1.{(number + round) % 4}.0"),
                3 => _registry.SetChannelAsync("race/storm", round % 2 == 0 ? "latest" : "beta", $"1.{number % 4}.0"),
                4 => _registry.DeleteChannelAsync("race/storm", "latest"),
                _ => PublishAsync($"1.{4 + round}.0"),
            });
            var channels = (await _registry.ComponentAsync("race/storm/channels")).Items
                .ToDictionary(item => item.GetProperty("channel").GetString()!, item => item.GetProperty("version").GetString()!);
            foreach (var tag in (string[])["latest", "stable", "beta"])
                Assert.Equal($"{tag} {(channels.TryGetValue(tag, out var version) ? digests[version] : null)}", $"{tag} {await TagAsync(tag)}");
        }

        Task<Answer> PublishAsync(string version) => _registry.PublishAsync("race", "storm", version,
            ("component.yaml", Samples.ExistingImage(version, $"localhost:8080/race/storm@{digests[version]}")));
    }

    private async Task<string?> TagAsync(string tag)
    {
        var answer = await _registry.Anonymous.SendAsync(HttpMethod.Head, $"/v2/race/storm/manifests/{tag}");
        return answer.Status == HttpStatusCode.OK ? answer.Message.Headers.GetValues("Docker-Content-Digest").Single() : null;
    }
}
