using System.Data.Common;

namespace Claimed.Registry.Storage;

/// <summary>
/// Statements that go to the database in one round trip, each with a verdict on its rows. A verdict may refuse by an exception, and the
/// first that was asked for refuses first; what the statements wrote goes with the change.
/// </summary>
internal sealed class Questions
{
    private readonly List<Func<DbDataReader, CancellationToken, Task>> _readers = [];
    private readonly List<Action> _verdicts = [];

    /// <summary>Takes the values of the statements.</summary>
    public StatementText Text { get; } = new();

    /// <param name="sql">Any number of statements, of which the last alone has rows.</param>
    public Questions Ask<T>(string sql, Func<DbDataReader, T> read, Action<List<T>> judge)
    {
        var rows = new List<T>();
        Text.Add(sql + ";");
        _readers.Add(Statements.Into(rows, read));
        _verdicts.Add(() => judge(rows));
        return this;
    }

    /// <summary>Has all answered that was asked so far.</summary>
    public async Task AnswerAsync(Change change)
    {
        if (Text.IsEmpty)
            return;
        await change.Db.RunAsync(Text.Whole, change.Cancellation, [.. _readers]);
        Text.Clear();
        _readers.Clear();
        var verdicts = _verdicts.ToList();
        _verdicts.Clear();
        verdicts.ForEach(judge => judge());
    }
}
