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
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(2);

    private static readonly DateTime _longAgo = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);

    private static int Blobs => Figures.IsLong ? 100_000 : 2_000;

    private static int Kills => Figures.IsLong ? 3 : 1;

    [Fact]
    public async Task A_start_after_a_kill_reads_none_of_all_those_blobs()
    {
        await using var registry = await RegistryProcess.StartAsync();
        await PushAsync(registry, "first");
        await registry.StopAsync();
        var files = await SeedAsync(registry, Blobs);
        await registry.StartAsync();
        var fastest = await KilledAsync(registry);
        var read = files.Where(file => File.GetLastAccessTimeUtc(file) != _longAgo).ToList();
        Assert.Empty(read);
        // Seconds say something only on a machine that does nothing else.
        Assert.True(!Figures.IsLong || fastest < _limit, $"{fastest} with {Blobs} blobs");

        var invariants = new Invariants(registry, Store.Sqlite);
        await invariants.CheckAsync([]);
        Assert.True(invariants.Hold, invariants.ToString());
        Assert.Equal("blob 7", await registry.Anonymous.GetStringAsync($"v2/acme/many/blobs/{Digest.Of("blob 7")}"));
        Figures.Add($"start with {Blobs} blobs", Store.Sqlite, invariants, fastest);
    }

    /// <summary>The fastest start of some after a kill in the middle of a push.</summary>
    private static async Task<TimeSpan> KilledAsync(RegistryProcess registry)
    {
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < Kills; round++)
        {
            var pushing = PushAsync(registry, $"round {round}");
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

    /// <summary>Files and rows as pushes would leave them; nobody has read the files, which their system notes.</summary>
    private static async Task<List<string>> SeedAsync(RegistryProcess registry, int count)
    {
        var folder = Path.Combine(registry.DataPath, "blobs", "sha256");
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(registry.DataPath, "registry.db")};Pooling=false");
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction();
        await using var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = """
            INSERT INTO image_blobs ("RepositoryId", "Digest", "Size", "CreatedAt") SELECT "Id", $digest, $size, "CreatedAt" FROM image_repositories WHERE "Name" = 'acme/many';
            UPDATE namespaces SET "UsedBytes" = "UsedBytes" + $size WHERE "Name" = 'acme'
            """;
        var files = new List<string>();
        var (named, sized) = (insert.Parameters.Add("$digest", SqliteType.Text), insert.Parameters.Add("$size", SqliteType.Integer));
        for (var number = 0; number < count; number++)
        {
            var content = $"blob {number}";
            var digest = Digest.Of(content);
            files.Add(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, digest[7..9])).FullName, digest[7..]));
            File.WriteAllText(files[^1], content);
            File.SetLastAccessTimeUtc(files[^1], _longAgo);
            (named.Value, sized.Value) = (digest, content.Length);
            insert.ExecuteNonQuery();
        }
        transaction.Commit();
        return files;
    }
}
