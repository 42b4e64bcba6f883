using System.Data.Common;
using Claimed.Database;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Claimed.Registry.Storage;

/// <summary>
/// Statements that both databases word alike, sent as they are. For what every publish does: translating a query and tracking its rows
/// costs more than the database takes for it, and several statements in one text are one round trip.
/// </summary>
internal static class Statements
{
    /// <summary>Runs the text and hands the rows of each of its results to the reader of that place.</summary>
    public static async Task RunAsync(
        this RegistryContext db, FormattableString sql, CancellationToken cancellation, params IReadOnlyList<Func<DbDataReader, CancellationToken, Task>> results)
    {
        var command = db.GetService<IRawSqlCommandBuilder>().Build(sql.Format, sql.GetArguments()!, db.Model);
        var place = new RelationalCommandParameterObject(
            db.GetService<IRelationalConnection>(), command.ParameterValues, null, db, db.GetService<IRelationalCommandDiagnosticsLogger>());
        await using var reader = await command.RelationalCommand.ExecuteReaderAsync(place, cancellation);
        var result = 0;
        do
        {
            if (result < results.Count)
                await results[result++](reader.DbDataReader, cancellation);
        }
        while (await reader.DbDataReader.NextResultAsync(cancellation));
    }

    /// <summary>The rows of a text with one result.</summary>
    public static async Task<List<T>> QueryAsync<T>(this RegistryContext db, FormattableString sql, Func<DbDataReader, T> read, CancellationToken cancellation)
    {
        var rows = new List<T>();
        await db.RunAsync(sql, cancellation, Into(rows, read));
        return rows;
    }

    /// <summary>Reads a result to its end.</summary>
    public static Func<DbDataReader, CancellationToken, Task> Into<T>(List<T> rows, Func<DbDataReader, T> read) => async (reader, cancellation) =>
    {
        while (await reader.ReadAsync(cancellation))
            rows.Add(read(reader));
    };
}
