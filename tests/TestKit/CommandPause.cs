using System.Data.Common;
using Claimed.Database;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Claimed.TestKit;

/// <summary>Holds one statement of a registry just before the database gets it, so that a test decides what happens in this moment.</summary>
public sealed class CommandPause : DbCommandInterceptor
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string[]? _words;
    private string[]? _wordsAfter;

    /// <summary>Ends when the statement is held.</summary>
    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>For <c>RegistryHost.StartAsync</c>.</summary>
    public void Adjust(WebApplicationBuilder builder) =>
        builder.Services.ConfigureDbContext<RegistryContext>((_, options) => options.AddInterceptors(this));

    /// <summary>The next statement that holds all these words, and it alone, is held.</summary>
    public void Arm(params string[] words) => Volatile.Write(ref _words, words);

    /// <summary>The next query that holds all these words is held when the database has answered it.</summary>
    public void ArmAfter(params string[] words) => Volatile.Write(ref _wordsAfter, words);

    public void Release() => _released.TrySetResult();

    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        await HoldAsync(command, cancellationToken);
        return result;
    }

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        await HoldAsync(command, cancellationToken);
        return result;
    }

    public override async ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        if (IsMeant(ref _wordsAfter, command))
            await WaitAsync(cancellationToken);
        return result;
    }

    private Task HoldAsync(DbCommand command, CancellationToken cancellation) => IsMeant(ref _words, command) ? WaitAsync(cancellation) : Task.CompletedTask;

    private static bool IsMeant(ref string[]? armed, DbCommand command) => Volatile.Read(ref armed) is { } words
        && words.All(word => command.CommandText.Contains(word, StringComparison.Ordinal)) && Interlocked.CompareExchange(ref armed, null, words) == words;

    private async Task WaitAsync(CancellationToken cancellation)
    {
        _reached.SetResult();
        await _released.Task.WaitAsync(cancellation);
    }
}
