using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Events;

public sealed class EventTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task Serials_have_no_gaps_however_many_publish_at_once()
    {
        await Task.WhenAll(Enumerable.Range(1, 8).Select(number => _host.PublishReadyAsync($"space-{number % 3}", $"greet-{number}", null)));
        // Refusals and repeats leave no event.
        await _host.PublishAsync("space-1", "greet-1", "9.9.9", ("component.yaml", "name: ["));
        await _host.PublishReadyAsync("space-1", "greet-1", null);
        var events = (await _host.GetAsync("/api/v1/events?limit=500")).Items;
        Assert.Equal(Enumerable.Range(1, events.Count).Select(serial => (long)serial), events.Select(entry => entry.GetProperty("serial").GetInt64()));
        // The other tests of this class publish here too.
        var ours = events.Where(entry => entry.GetProperty("subject").GetString()!.StartsWith("space-", StringComparison.Ordinal)).ToList();
        Assert.Equal(8, ours.Count(entry => entry.GetProperty("kind").GetString() == "version.ready"));
        Assert.Equal(8, ours.Count(entry => entry.GetProperty("kind").GetString() == "version.published"));
    }

    [Fact]
    public async Task A_reader_that_waits_gets_the_next_event_as_it_comes()
    {
        var last = (await _host.GetAsync("/api/v1/events?limit=500"))["next"];
        var waiting = _host.GetAsync($"/api/v1/events?after={last}&wait=50");
        Assert.False(waiting.IsCompleted);
        await _host.PublishReadyAsync("waited", "greet", "1.0.0");
        var answer = await waiting;
        Assert.Equal("waited/greet", answer.Items[0].GetProperty("subject").GetString());
        Assert.Equal("version.published", answer.Items[0].GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Paging_by_serial_gives_each_event_once()
    {
        await _host.PublishReadyAsync("paged", "greet", "1.0.0");
        var all = (await _host.GetAsync("/api/v1/events?limit=500")).Items.Count;
        var seen = new List<long>();
        for (var after = "0"; ;)
        {
            var page = await _host.GetAsync($"/api/v1/events?after={after}&limit=1");
            if (page.Items.Count == 0)
                break;
            seen.AddRange(page.Items.Select(entry => entry.GetProperty("serial").GetInt64()));
            after = page["next"]!;
        }
        Assert.True(seen.Count >= all);
        Assert.Equal(seen.Distinct().Order(), seen);
    }

    [Theory]
    [InlineData("after=-1")]
    [InlineData("wait=61")]
    [InlineData("wait=-1")]
    public async Task A_query_out_of_range_is_refused(string query) =>
        Assert.Equal("bad-query", (await _host.GetAsync($"/api/v1/events?{query}"))["type"]);
}
