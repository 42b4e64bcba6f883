using System.Net;
using Claimed.Registry.Http;
using Claimed.Registry.Search;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Search;

/// <summary>The index follows whatever changes a component; each answer is asked for right after the change.</summary>
public sealed class SearchIndexTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("claimed-index-").FullName;
    private readonly ShiftedClock _clock = new();
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await TestDatabase.DropAsync(_data);
        Directory.Delete(_data, recursive: true);
    }

    private Task<RegistryHost> StartAsync() => RegistryHost.StartAsync(dataPath: _data, adjust: builder => builder.Services.AddSingleton<TimeProvider>(_clock));

    private async Task<string> FindAsync(string words) =>
        string.Join(' ', (await _host.ComponentAsync($"?q={Uri.EscapeDataString(words)}")).Items.Select(item => item.GetProperty("name").GetString()));

    [Fact]
    public async Task Who_publishes_changes_yanks_moves_a_channel_or_purges_finds_what_it_did()
    {
        await _host.PublishReadyAsync("acme", "tool", "1.0.0", "aardvark");
        Assert.Equal("tool", await FindAsync("aardvark"));
        await _host.PublishReadyAsync("acme", "tool", "2.0.0", "badger");
        Assert.Equal(("", "tool"), (await FindAsync("aardvark"), await FindAsync("badger")));
        await _host.PatchAsync("acme/tool", """{"displayName": "Cheetah", "tags": ["dingo"]}""");
        Assert.Equal(("tool", "tool"), (await FindAsync("cheetah"), await FindAsync("dingo")));
        // What lists show falls back to the first version.
        await _host.PatchAsync("acme/tool/versions/2.0.0", """{"yanked": true, "reason": "Bites."}""");
        Assert.Equal("tool", await FindAsync("aardvark"));
        await _host.SetChannelAsync("acme/tool", "latest", "2.0.0");
        await _host.PatchAsync("acme/tool/versions/2.0.0", """{"yanked": false}""");
        Assert.Equal("", await FindAsync("aardvark says"));
        await _host.DeleteChannelAsync("acme/tool", "latest");
        await _host.PatchAsync("acme/tool/versions/1.0.0", """{"yanked": true}""");
        await _host.PatchAsync("acme/tool/versions/2.0.0", """{"yanked": true}""");
        Assert.Equal("", await FindAsync("tool"));
    }

    [Fact]
    public async Task What_a_purged_version_was_found_by_is_gone_from_the_index_and_from_its_file()
    {
        const string secret = "thepatientsname";
        await _host.PublishReadyAsync("clinic", "tool", "1.0.0", "harmless");
        await _host.PublishAsync("clinic", "tool", "2.0.0", ("component.yaml", Samples.ExistingImage("other")), ("README.md", $"# {secret}\n"));
        Assert.Equal("tool", await FindAsync(secret));
        Assert.NotEqual(0, await HitsAsync(secret));
        _clock.Shift += TimeSpan.FromMinutes(1);
        Assert.Equal(HttpStatusCode.OK, (await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/clinic/tool/versions/2.0.0/purge", new { reason = "Names a patient." })).Status);
        Assert.Equal(("", "tool"), (await FindAsync(secret), await FindAsync("harmless")));
        Assert.Equal(0, await HitsAsync(secret));
    }

    [Fact]
    public async Task An_index_that_was_left_behind_catches_up_at_the_next_start_and_one_of_another_making_is_made_anew()
    {
        await _host.PublishReadyAsync("acme", "early", "1.0.0", "aardvark");
        await _host.PublishReadyAsync("acme", "late", "1.0.0", "aardvark");
        Assert.Equal("early late", await FindAsync("aardvark"));
        var between = (await TestDatabase.QueryAsync(_data, """SELECT max("Serial") FROM events WHERE "Subject" = 'acme/early'""")).Single();
        // As a process leaves it that died after the first was written.
        await RestartAsync($"""UPDATE search_head SET "Serial" = {between}""", """DELETE FROM search_documents WHERE "Serial" > 0""", "DELETE FROM search_index");
        Assert.Equal("late", await FindAsync("aardvark"));
        await RestartAsync("""UPDATE search_head SET "Format" = 0""", """DELETE FROM search_documents""");
        Assert.Equal("early late", await FindAsync("aardvark"));
        Assert.Equal(2L, Convert.ToInt64((await TestDatabase.QueryAsync(_data, "SELECT count(*) FROM search_documents")).Single()));
    }

    [Fact]
    public async Task An_index_that_a_newer_program_keeps_is_left_alone_and_what_it_has_is_found()
    {
        await _host.PublishReadyAsync("acme", "tool", "1.0.0", "aardvark");
        Assert.Equal("tool", await FindAsync("aardvark"));
        await RestartAsync($"""UPDATE search_head SET "Format" = {SearchText.Format + 1}""");
        await _host.PublishReadyAsync("acme", "tool", "2.0.0", "badger");
        Assert.Equal(("tool", ""), (await FindAsync("aardvark"), await FindAsync("badger")));
        Assert.Equal(SearchText.Format + 1, Convert.ToInt32((await TestDatabase.QueryAsync(_data, """SELECT "Format" FROM search_head""")).Single()));
        // What was told with an index that is behind is not kept for the next reader.
        Assert.False(_host.Services.GetRequiredService<ReadCache>().TryFind("/api/v1/components/?q=badger", out _));
    }

    [Fact]
    public async Task An_answer_to_words_is_kept_until_the_catalog_changes()
    {
        const string path = "/api/v1/components?q=aardvark";
        await _host.PublishReadyAsync("acme", "tool", "1.0.0", "aardvark");
        await _host.GetAsync(path);
        Assert.True(_host.Services.GetRequiredService<ReadCache>().TryFind(path, out _));
        await _host.PublishReadyAsync("acme", "tool", "2.0.0", "aardvark again");
        Assert.False(_host.Services.GetRequiredService<ReadCache>().TryFind(path, out _));
    }

    private async Task RestartAsync(params string[] statements)
    {
        await _host.DisposeAsync();
        foreach (var statement in statements)
            await TestDatabase.ExecuteAsync(_data, statement);
        _host = await StartAsync();
    }

    /// <summary>Where the word stands in what the database stores of the index.</summary>
    private async Task<int> HitsAsync(string word)
    {
        var stored = await TestDatabase.QueryAsync(_data, TestDatabase.IsPostgres ? "SELECT \"Tokens\"::text FROM search_index" : "SELECT c0 FROM search_index_content UNION ALL SELECT CAST(block AS TEXT) FROM search_index_data");
        return stored.OfType<string>().Count(text => text.Contains(word, StringComparison.Ordinal));
    }
}
