using Microsoft.Extensions.Options;
using Npgsql;

namespace Claimed.Registry.Storage;

/// <summary>
/// Locks by name over all processes on one PostgreSQL: advisory locks of one connection, which the server frees when the process dies. A
/// connection that breaks loses them too, so they keep order and save work; nothing that must hold rests on them. On SQLite one process
/// serves, and a lock is among its own requests alone.
/// </summary>
public sealed class DatabaseLocks(IOptions<DatabaseOptions> options) : IAsyncDisposable, IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);

    // The server counts how often a connection has taken a lock, and gives it again to the same one.
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);
    private NpgsqlConnection? _connection;

    /// <summary>Null when another holds it, here or elsewhere.</summary>
    public async Task<IAsyncDisposable?> TryTakeAsync(string name, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (_held.Contains(name) || (!options.Value.IsSqlite && !await AskAsync("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", name)))
                return null;
            _held.Add(name);
            return new Held(this, name);
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        _one.Dispose();
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _one.Dispose();
    }

    private async Task ReleaseAsync(string name)
    {
        await _one.WaitAsync();
        try
        {
            _held.Remove(name);
            // Without the connection there is no lock either.
            if (_connection is not null)
                await AskAsync("SELECT pg_advisory_unlock(hashtextextended($1, 0))", name);
        }
        catch (Exception fault) when (DatabaseFaults.IsAway(fault))
        {
            await DropAsync();
        }
        finally
        {
            _one.Release();
        }
    }

    // To its end, also when the caller leaves: a question that is cut off costs the connection, and with it the locks of all.
    private async Task<bool> AskAsync(string question, string name)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (_connection is null)
                {
                    // Its own: a pool would hand it, and the locks, to someone else.
                    _connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(PostgresConnection.WithLimits(options.Value.ConnectionString!)) { Pooling = false }.ConnectionString);
                    await _connection.OpenAsync(CancellationToken.None);
                }
                await using var command = new NpgsqlCommand(question, _connection) { Parameters = { new NpgsqlParameter { Value = name } } };
                return (bool)(await command.ExecuteScalarAsync(CancellationToken.None))!;
            }
            catch (Exception fault) when (attempt == 1 && DatabaseFaults.IsAway(fault))
            {
                // Idle for long, or the server started anew.
                await DropAsync();
            }
            catch
            {
                await DropAsync();
                throw;
            }
        }
    }

    private async Task DropAsync()
    {
        if (_connection is { } broken)
            await broken.DisposeAsync();
        _connection = null;
    }

    private sealed class Held(DatabaseLocks locks, string name) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await locks.ReleaseAsync(name);
    }
}
