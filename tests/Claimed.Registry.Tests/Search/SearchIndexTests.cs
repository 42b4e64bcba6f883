using System.Data.Common;
using System.Net;
using System.Text;
using Claimed.Registry.Http;
using Claimed.Registry.Search;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
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
    public async Task A_follower_that_read_a_version_before_its_purge_brings_none_of_its_words_back()
    {
        const string secret = "thepatientsname";
        await _host.PublishReadyAsync("clinic", "tool", "1.0.0", "harmless");
        await _host.PublishAsync("clinic", "tool", "2.0.0", ("component.yaml", Samples.ExistingImage(secret)));
        Assert.Equal("tool", await FindAsync(secret));
        var before = _host.Services.GetRequiredService<SnapshotFeed>().Current;
        var component = before.Components["clinic/tool"];
        var read = SearchText.Of(component, component.Shown, null);
        Assert.Contains(secret, read.Words, StringComparison.Ordinal);
        // From here on nobody follows.
        await RestartAsync($"""UPDATE search_head SET "Format" = {SearchText.Format + 1}""");
        _clock.Shift += TimeSpan.FromMinutes(1);
        Assert.Equal(HttpStatusCode.OK, (await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/clinic/tool/versions/2.0.0/purge", new { reason = "Names a patient." })).Status);
        Task WriteAsync(SearchText text, long serial) => _host.Services.GetRequiredService<RegistryDatabase>().ChangeAsync(
            change => SearchRows.WriteAsync(change, _host.Services.GetRequiredService<ISearchIndex>(), [text], serial), TestContext.Current.CancellationToken);
        await WriteAsync(read, before.Serial);
        Assert.Equal(0, await HitsAsync(secret));
        // One that has seen the purge writes what is left.
        var now = _host.Services.GetRequiredService<SnapshotFeed>().Current;
        await WriteAsync(SearchText.Of(now.Components["clinic/tool"], now.Components["clinic/tool"].Shown, null), now.Serial);
        Assert.NotEqual(0, await HitsAsync("harmless"));
    }

    [Fact]
    public async Task A_README_that_could_not_be_read_is_found_by_its_words_once_it_can_be()
    {
        const string readme = "# Aardvarks\n";
        await _host.PublishAsync("acme", "tool", "1.0.0", ("component.yaml", Samples.ExistingImage()), ("README.md", readme));
        Assert.Equal("tool", await FindAsync("aardvarks"));
        var digest = Digest.Of(Encoding.UTF8.GetBytes(readme))[7..];
        var file = Path.Combine(_data, "blobs", "sha256", digest[..2], digest);
        File.Move(file, file + ".away");
        await RestartAsync("""UPDATE search_head SET "Format" = 0""", "DELETE FROM search_documents");
        Assert.Equal(("", "tool"), (await FindAsync("aardvarks"), await FindAsync("tool")));
        var follower = _host.Services.GetRequiredService<SearchFollower>();
        await follower.CompleteAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("", "tool"), (await FindAsync("aardvarks"), await FindAsync("tool")));
        File.Move(file + ".away", file);
        await follower.CompleteAsync(TestContext.Current.CancellationToken);
        Assert.Equal("tool", await FindAsync("aardvarks"));
    }

    [Fact]
    public async Task What_is_followed_while_an_answer_is_made_is_in_the_answer()
    {
        await _host.DisposeAsync();
        var index = new HeldIndex(TestDatabase.IsPostgres ? new PostgresSearchIndex() : new SqliteSearchIndex());
        _host = await RegistryHost.StartAsync(dataPath: _data, adjust: builder => builder.Services.AddSingleton<ISearchIndex>(index));
        index.Hold();
        // In one transaction: the next could not begin on SQLite.
        await _host.SeedAsync(new() { Name = "tool", Description = "aardvark" });
        var answer = FindAsync("aardvark");
        await index.Asked.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        index.LetWrite();
        Assert.True(await _host.Services.GetRequiredService<SearchFollower>()
            .WaitForAsync(_host.Services.GetRequiredService<SnapshotFeed>().Current.Serial, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        index.LetAnswer();
        Assert.Equal("tool", await answer);
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
        if (!TestDatabase.IsPostgres)
            // As bytes: pages of the index are no text.
            return Convert.ToInt32((await TestDatabase.QueryAsync(_data, $"SELECT count(*) FROM (SELECT c0 AS stored FROM search_index_content UNION ALL SELECT block FROM search_index_data) WHERE instr(CAST(stored AS BLOB), CAST('{word}' AS BLOB)) > 0")).Single());
        return (await TestDatabase.QueryAsync(_data, "SELECT \"Tokens\"::text FROM search_index")).OfType<string>().Count(text => text.Contains(word, StringComparison.Ordinal));
    }

    /// <summary>An index whose writes, and the first answer after, wait until the test lets them.</summary>
    private sealed class HeldIndex(ISearchIndex index) : ISearchIndex
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _write = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _holds;

        /// <summary>Done when a query has its answer.</summary>
        public Task Asked => _asked.Task;

        public void Hold() => _holds = true;

        public void LetWrite() => _write.SetResult();

        public void LetAnswer() => _answer.SetResult();

        public async Task WriteAsync(Change change, IReadOnlyList<SearchText> texts)
        {
            if (_holds)
                await _write.Task;
            await index.WriteAsync(change, texts);
        }

        public IReadOnlyList<long> Ids(DbDataReader row)
        {
            var ids = index.Ids(row);
            if (_holds && _asked.TrySetResult())
                _answer.Task.GetAwaiter().GetResult();
            return ids;
        }

        public void AskHead(StatementText text) => index.AskHead(text);

        public void AskComponents(StatementText text, SearchQuery query, SearchWeight worst) => index.AskComponents(text, query, worst);

        public void AskWords(StatementText text, IReadOnlyCollection<long> components) => index.AskWords(text, components);
    }
}
