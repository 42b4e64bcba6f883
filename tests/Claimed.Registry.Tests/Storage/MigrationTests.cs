using Claimed.Registry.Words;
using Claimed.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Xunit;
using PostgresFactory = Claimed.Migrations.Postgres.DesignTimeFactory;
using SqliteFactory = Claimed.Migrations.Sqlite.DesignTimeFactory;

namespace Claimed.Registry.Tests.Storage;

public sealed class MigrationTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("claimed-test-");

    private const string Mend = "The model changed: run \"dotnet ef migrations add NAME\" in migrations/Sqlite and in migrations/Postgres.";

    [Fact]
    public void The_SQLite_migrations_are_complete()
    {
        using var db = new SqliteFactory().CreateDbContext([]);
        Assert.False(db.Database.HasPendingModelChanges(), Mend);
    }

    [Fact]
    public void The_PostgreSQL_migrations_are_complete()
    {
        using var db = new PostgresFactory().CreateDbContext([]);
        Assert.False(db.Database.HasPendingModelChanges(), Mend);
    }

    [Fact]
    public async Task A_fresh_data_folder_gets_the_whole_schema()
    {
        await using var host = await RegistryHost.StartAsync();
        Assert.Equal("ok", (await host.GetAsync("/health/ready"))["status"]);
        // One row: the namespace "claimed" exists from the start.
        Assert.Equal(new StoredThings(1, 0), await StoredThings.InAsync(host));
        Assert.Equal(System.Net.HttpStatusCode.OK, (await host.GetAsync("/catalogs/elyra/claimed/catalog.json?runtime=kfp")).Status);
    }

    [Fact]
    public async Task A_lock_row_left_by_a_killed_migration_does_not_hang_the_next_start()
    {
        await using (var host = await OnSqliteAsync())
            Assert.Equal("ok", (await host.GetAsync("/health/ready"))["status"]);
        await using (var database = new SqliteConnection(OnSqlite["Database:ConnectionString"] + ";Pooling=false"))
        {
            await database.OpenAsync();
            await using var command = database.CreateCommand();
            command.CommandText = """
                CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER NOT NULL PRIMARY KEY, "Timestamp" TEXT NOT NULL);
                INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01');
                """;
            await command.ExecuteNonQueryAsync();
        }
        var again = OnSqliteAsync();
        Assert.Same(again, await Task.WhenAny(again, Task.Delay(TimeSpan.FromSeconds(30))));
        await using var second = await again;
        Assert.Equal("ok", (await second.GetAsync("/health/ready"))["status"]);
    }

    [Fact]
    public async Task An_empty_database_file_that_a_killed_first_start_left_is_filled()
    {
        await File.WriteAllBytesAsync(Path.Combine(_data.FullName, "registry.db"), []);
        await using var host = await OnSqliteAsync();
        Assert.Equal("ok", (await host.GetAsync("/health/ready"))["status"]);
    }

    [Fact]
    public async Task A_second_registry_on_the_same_data_folder_is_refused()
    {
        await using var host = await OnSqliteAsync();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(OnSqliteAsync);
        Assert.Contains("Another registry uses", refused.Message, StringComparison.Ordinal);
        Assert.Equal("ok", (await host.GetAsync("/health/ready"))["status"]);
    }

    [Fact]
    public async Task The_program_itself_ends_with_1_when_another_holds_the_data_folder()
    {
        await using var host = await OnSqliteAsync();
        Assert.Equal(1, await CommandLine.RunAsync(["--urls=http://127.0.0.1:0", $"--Registry:DataPath={host.DataPath}"]));
    }

    public void Dispose() => _data.Delete(recursive: true);

    private IReadOnlyDictionary<string, string> OnSqlite => TestDatabase.OnSqlite(_data.FullName);

    private Task<RegistryHost> OnSqliteAsync() => RegistryHost.StartAsync(OnSqlite, _data.FullName);
}
