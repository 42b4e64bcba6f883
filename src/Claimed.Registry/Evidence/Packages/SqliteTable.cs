using System.Buffers.Binary;
using System.Text;

namespace Claimed.Registry.Evidence.Packages;

/// <summary>
/// Reads the rows of one table out of the bytes of an SQLite database that a stranger wrote. No SQL of it is run, as a database engine would do for
/// views and checks; every number is held against what is there, and nothing is read twice.
/// </summary>
internal sealed class SqliteTable
{
    private const int MaxDepth = 20;

    // As many as the engine itself allows at first.
    private const int MaxColumns = 2000;

    private readonly byte[] _bytes;
    private readonly int _pageSize;
    private readonly int _usable;
    private readonly HashSet<int> _seen = [];
    private readonly CancellationToken _cancellation;

    private SqliteTable(byte[] bytes, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        if (bytes.Length < 512 || !bytes.AsSpan(0, 16).SequenceEqual("SQLite format 3\0"u8))
            throw Broken("it is no SQLite database");
        var size = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(16));
        (_bytes, _pageSize) = (bytes, size == 1 ? 65536 : size);
        _usable = _pageSize - bytes[20];
        if (_pageSize < 512 || (_pageSize & (_pageSize - 1)) != 0 || _usable < 480)
            throw Broken("its pages have an impossible size");
    }

    /// <summary>The rows of a table; a value is null, a long, a double, a text or bytes.</summary>
    /// <exception cref="InvalidDataException">It is no database, has no such table, or is broken.</exception>
    public static IEnumerable<object?[]> Rows(byte[] database, string table, CancellationToken cancellation)
    {
        var file = new SqliteTable(database, cancellation);
        var schema = file.Walk(1, 0).FirstOrDefault(row => row is ["table", string name, _, long, ..] && name == table) ?? throw Broken($"it has no table {table}");
        return file.Walk(checked((int)Math.Clamp((long)schema[3]!, 0, int.MaxValue)), 0);
    }

    private IEnumerable<object?[]> Walk(int page, int depth)
    {
        if (page <= 0 || (long)page * _pageSize > _bytes.Length || depth > MaxDepth || !_seen.Add(page))
            throw Broken("a page is not where it should be");
        var start = (page - 1) * _pageSize;
        var head = start + (page == 1 ? 100 : 0);
        var type = _bytes[head];
        if (type is not (5 or 13))
            throw Broken("a page is no page of a table");
        var cells = BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(head + 3));
        var pointers = head + (type == 5 ? 12 : 8);
        if (pointers + (2 * cells) > start + _pageSize)
            throw Broken("a page claims more rows than it holds");
        // Several pointers may name one row, and rows may lie over each other: a page would then have more of them than it has room for.
        var (used, room) = (new HashSet<int>(), start + _usable - pointers - (2 * cells));
        for (var index = 0; index < cells; index++)
        {
            _cancellation.ThrowIfCancellationRequested();
            var cell = start + BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(pointers + (2 * index)));
            if (cell + 4 > start + _usable)
                throw Broken("a row lies outside of its page");
            if (!used.Add(cell))
                throw Broken("a page names a row twice");
            if (type == 5)
            {
                foreach (var row in Walk(BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(cell)), depth + 1))
                    yield return row;
            }
            else
            {
                var (payload, taken) = Payload(cell, start + _usable);
                room -= taken;
                if (room < 0)
                    throw Broken("the rows of a page lie over each other");
                yield return Values(payload);
            }
        }
        if (type == 5)
        {
            foreach (var row in Walk(BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(head + 8)), depth + 1))
                yield return row;
        }
    }

    /// <summary>The bytes of a row: what lies in its page, and what goes on in others; and the room that it takes in its page.</summary>
    private (byte[] Payload, int Taken) Payload(int cell, int end)
    {
        var first = cell;
        var length = Varint(_bytes, ref cell, end);
        Varint(_bytes, ref cell, end);
        if (length < 0 || length > _bytes.Length)
            throw Broken("a row is longer than the database");
        var most = _usable - 35;
        var least = ((_usable - 12) * 32 / 255) - 23;
        var split = least + ((length - least) % (_usable - 4));
        var here = (int)(length <= most ? length : split <= most ? split : least);
        if (cell + here > end)
            throw Broken("a row lies outside of its page");
        var payload = new byte[length];
        _bytes.AsSpan(cell, here).CopyTo(payload);
        var next = here == length ? 0 : cell + here + 4 <= end ? BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(cell + here)) : -1;
        for (var filled = here; filled < length;)
        {
            if (next <= 0 || (long)next * _pageSize > _bytes.Length || !_seen.Add(next))
                throw Broken("the rest of a row is not where it should be");
            var page = (next - 1) * _pageSize;
            var part = (int)Math.Min(_usable - 4, length - filled);
            _bytes.AsSpan(page + 4, part).CopyTo(payload.AsSpan(filled));
            (filled, next) = (filled + part, BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(page)));
        }
        return (payload, cell + here + (here == length ? 0 : 4) - first);
    }

    private static object?[] Values(byte[] record)
    {
        var place = 0;
        var body = Varint(record, ref place, record.Length);
        if (body < place || body > record.Length)
            throw Broken("a row has an impossible head");
        var values = new List<object?>();
        for (var at = (int)body; place < body;)
        {
            var kind = Varint(record, ref place, (int)body);
            var size = kind switch { 0 or 8 or 9 => 0, >= 1 and <= 4 => kind, 5 => 6, 6 or 7 => 8, >= 12 => (kind - 12) / 2, _ => -1 };
            if (size < 0 || at + size > record.Length)
                throw Broken("a value lies outside of its row");
            if (values.Count == MaxColumns)
                throw Broken("a row has more values than a table has columns");
            var bytes = record.AsSpan(at, (int)size);
            values.Add(kind switch
            {
                0 => null,
                8 => 0L,
                9 => 1L,
                7 => BinaryPrimitives.ReadDoubleBigEndian(bytes),
                < 7 => Integer(bytes),
                _ when kind % 2 == 0 => bytes.ToArray(),
                _ => Encoding.UTF8.GetString(bytes),
            });
            at += (int)size;
        }
        return [.. values];
    }

    private static long Integer(ReadOnlySpan<byte> bytes)
    {
        long number = (sbyte)bytes[0];
        foreach (var one in bytes[1..])
            number = (number << 8) | one;
        return number;
    }

    private static long Varint(byte[] bytes, ref int place, int end)
    {
        long number = 0;
        for (var index = 0; index < 9; index++)
        {
            if (place >= end)
                throw Broken("a number is cut off");
            var one = bytes[place++];
            if (index == 8)
                return (number << 8) | one;
            number = (number << 7) | (uint)(one & 0x7f);
            if ((one & 0x80) == 0)
                return number;
        }
        return number;
    }

    private static InvalidDataException Broken(string what) => new(what);
}
