using System.Diagnostics;
using System.Text;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Claimed.Faults.Kills;

/// <summary>A start after a crash takes no longer because there is much in the image store: nothing of it is read then.</summary>
public sealed class ManyBlobsKillTests
{
    private const int Starts = 3;

    /// <summary>What a start may take, on top of a registry with nothing in it on a machine that does much else meanwhile.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(2);

    private static int Blobs => Figures.IsLong ? 100_000 : 5_000;

    [Fact]
    public async Task A_start_after_a_kill_is_as_fast_with_all_those_blobs()
    {
        await using var registry = await RegistryProcess.StartAsync();
        await PushAsync(registry, "first");
        var empty = await KilledAsync(registry, "empty");
        await registry.StopAsync();
        await SeedAsync(registry, Blobs);
        await registry.StartAsync();
        var full = await KilledAsync(registry, "full");
        Assert.True(full < (Figures.IsLong ? _limit : empty + _limit), $"{full} with {Blobs} blobs, {empty} with none");

        var invariants = new Invariants(registry, Store.Sqlite);
        await invariants.CheckAsync([]);
        Assert.True(invariants.Hold, invariants.ToString());
        Assert.Equal("blob 7", await registry.Anonymous.GetStringAsync($"v2/acme/many/blobs/{Digest.Of("blob 7")}"));
        Figures.Add($"start with {Blobs} blobs", Store.Sqlite, invariants, full);
    }

    /// <summary>The fastest start of some after a kill in the middle of a push.</summary>
    private static async Task<TimeSpan> KilledAsync(RegistryProcess registry, string word)
    {
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < Starts; round++)
        {
            var pushing = PushAsync(registry, $"{word} {round}");
            registry.Kill();
            try
            {
                await pushing;
            }
            catch (Exception cut) when (cut is HttpRequestException or IOException or TaskCanceledException)
            {
                // Whether it got through does not matter here.
            }
            var began = Stopwatch.GetTimestamp();
            await registry.StartAsync();
            best = TimeSpan.FromTicks(Math.Min(best.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
        }
        return best;
    }

    private static async Task PushAsync(RegistryProcess registry, string content)
    {
        using var answer = await registry.Admin.PostAsync($"v2/acme/many/blobs/uploads/?digest={Digest.Of(content)}", new ByteArrayContent(Encoding.UTF8.GetBytes(content)));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Files and rows as pushes would leave them.</summary>
    private static async Task SeedAsync(RegistryProcess registry, int count)
    {
        var folder = Path.Combine(registry.DataPath, "blobs", "sha256");
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(registry.DataPath, "registry.db")};Pooling=false");
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction();
        await using var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = """
            INSERT INTO image_blobs ("RepositoryId", "Digest", "Size", "CreatedAt") SELECT "Id", $digest, $size, "CreatedAt" FROM image_repositories WHERE "Name" = 'acme/many'
            """;
        var (named, sized) = (insert.Parameters.Add("$digest", SqliteType.Text), insert.Parameters.Add("$size", SqliteType.Integer));
        for (var number = 0; number < count; number++)
        {
            var content = $"blob {number}";
            var digest = Digest.Of(content);
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, digest[7..9])).FullName, digest[7..]), content);
            (named.Value, sized.Value) = (digest, content.Length);
            insert.ExecuteNonQuery();
        }
        transaction.Commit();
    }
}
