using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Claimed.Registry.Storage;

/// <summary>Several statements in the making, with their values, that go to the database in one round trip.</summary>
internal sealed class StatementText
{
    private readonly StringBuilder _sql = new();
    private readonly List<object?> _values = [];
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>All of it, for <see cref="Statements"/>.</summary>
    public FormattableString Whole => FormattableStringFactory.Create(_sql.ToString(), [.. _values]);

    public bool IsEmpty => _sql.Length == 0;

    public void Clear()
    {
        _sql.Clear();
        _values.Clear();
        _texts.Clear();
    }

    /// <summary>Adds a value and returns what stands for it in the text.</summary>
    public string Value(object? value)
    {
        _values.Add(value);
        return $"{{{_values.Count - 1}}}";
    }

    /// <summary>The same for a text that comes again and again: it is one value, and SQLite looks for each value in each statement.</summary>
    public string Same(string? text)
    {
        if (text is null)
            return Value(null);
        if (!_texts.TryGetValue(text, out var place))
            _texts[text] = place = Value(text);
        return place;
    }

    public StatementText Add(string sql)
    {
        _sql.Append(sql).Append('\n');
        return this;
    }

    /// <summary>
    /// Inserts a row as it stands, every column of the model; a number that the database gives is the result. The context does not learn of
    /// the row: tracking one and asking what changed of it costs several times the statement.
    /// </summary>
    public StatementText Insert(IModel model, object row)
    {
        var shape = RowShape.Of(model, row);
        var values = shape.Columns.Select(column => Value(column.GetGetter().GetClrValue(row)));
        return Add($"{shape.InsertInto} VALUES ({string.Join(", ", values)}){shape.Returning};");
    }

    /// <summary>Sets every column of a row that is there to what the object says, but for those that say what it belongs to.</summary>
    public StatementText Update(IModel model, object row)
    {
        var shape = RowShape.Of(model, row);
        string Equal(IProperty column) => $"\"{column.GetColumnName()}\" = {Value(column.GetGetter().GetClrValue(row))}";
        var settings = shape.Columns.Where(column => !column.IsKey() && !column.IsForeignKey()).Select(Equal);
        return Add($"UPDATE {shape.Table} SET {string.Join(", ", settings)} WHERE {string.Join(" AND ", shape.Keys.Select(Equal))};");
    }

    /// <summary>What the model says of a table.</summary>
    /// <param name="Columns">Those that a statement gives values for.</param>
    /// <param name="Returning">Asks for the number that the database gives, where it gives one.</param>
    private sealed record RowShape(string Table, IReadOnlyList<IProperty> Columns, IReadOnlyList<IProperty> Keys, string InsertInto, string Returning)
    {
        private static readonly ConcurrentDictionary<IEntityType, RowShape> Known = new();

        public static RowShape Of(IModel model, object row) => Known.GetOrAdd(model.FindEntityType(row.GetType())!, static entity =>
        {
            var generated = entity.GetProperties().SingleOrDefault(column => column.IsPrimaryKey() && column.ValueGenerated == ValueGenerated.OnAdd);
            var columns = entity.GetProperties().Where(column => column != generated).ToList();
            var names = string.Join(", ", columns.Select(column => $"\"{column.GetColumnName()}\""));
            return new RowShape(entity.GetTableName()!, columns, entity.FindPrimaryKey()!.Properties, $"INSERT INTO {entity.GetTableName()} ({names})",
                generated is null ? "" : $" RETURNING \"{generated.GetColumnName()}\"");
        });
    }
}
