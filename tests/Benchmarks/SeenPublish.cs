using System.Data;
using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Claimed.Benchmarks;

/// <summary>A text as it was sent, with one statement or several. Those in the transaction come before those that read what it wrote.</summary>
internal sealed record Statement(string Sql, IReadOnlyList<(string Name, object? Value, DbType Type)> Parameters, bool InTransaction);

/// <summary>All that one publish did to the database and to the disk.</summary>
internal sealed partial class SeenPublish
{
    public List<Statement> Statements { get; } = [];

    /// <summary>New blobs by digest.</summary>
    public Dictionary<string, byte[]> Blobs { get; } = [];

    /// <summary>
    /// Gives the rows that the database numbers the numbers that they got, so that the statements fit together again in any order.
    /// </summary>
    /// <param name="numbers">Table → number of the row that this publish added.</param>
    public void Number(IReadOnlyDictionary<string, long> numbers)
    {
        for (var index = 0; index < Statements.Count; index++)
        {
            Statements[index] = Statements[index] with
            {
                Sql = Insert.Replace(Statements[index].Sql, found => numbers.TryGetValue(found.Groups["table"].Value.Trim('"'), out var number)
                    ? $"INSERT INTO {found.Groups["table"].Value} (\"Id\", {found.Groups["columns"].Value}) {found.Groups["from"].Value}{number}, "
                    : found.Value),
            };
        }
    }

    // VALUES or SELECT; a namespace is made by the first publish alone, and tables without a number of their own are left as they are.
    [GeneratedRegex("INSERT INTO (?<table>\"?(components|versions)\"?) \\((?<columns>[^)]*)\\)\\s*(?<from>VALUES \\(|SELECT )")]
    private static partial Regex Insert { get; }
}

/// <summary>Sees the statements of the requests that ask for it with the header <c>X-Seen</c>.</summary>
internal sealed class StatementLog : DbCommandInterceptor, IStartupFilter
{
    public const string Header = "X-Seen";

    private readonly AsyncLocal<SeenPublish?> _current = new();

    /// <summary>Where the next request that asks for it is noted.</summary>
    public SeenPublish Next { get; set; } = new();

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, rest) =>
        {
            if (context.Request.Headers.ContainsKey(Header))
                _current.Value = Next;
            return rest(context);
        });
        next(app);
    };

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Note(command);
        return ValueTask.FromResult(result);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Note(command);
        return ValueTask.FromResult(result);
    }

    private void Note(DbCommand command) => _current.Value?.Statements.Add(new Statement(command.CommandText,
        [.. command.Parameters.Cast<DbParameter>().Select(parameter => (parameter.ParameterName, parameter.Value, parameter.DbType))], command.Transaction is not null));
}
