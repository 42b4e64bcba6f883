using System.Buffers.Binary;
using System.Text;

namespace Claimed.Registry.Evidence.Packages;

/// <summary>The packages of an <c>rpmdb.sqlite</c>: one header per row, in the form that rpm has had for decades.</summary>
internal static class RpmDatabase
{
    private const int Name = 1000;
    private const int Version = 1001;
    private const int Release = 1002;
    private const int Epoch = 1003;
    private const int License = 1014;
    private const int Architecture = 1022;
    private const int MaxEntries = 10_000;

    /// <exception cref="InvalidDataException">It is no such database.</exception>
    public static IEnumerable<InstalledPackage> Read(byte[] database, CancellationToken cancellation = default) => SqliteTable.Rows(database, "Packages", cancellation)
        .Select(row => row is [_, byte[] header] ? ReadHeader(header) : null).OfType<InstalledPackage>();

    private static InstalledPackage? ReadHeader(byte[] header)
    {
        if (header.Length < 8)
            return null;
        var entries = BinaryPrimitives.ReadInt32BigEndian(header);
        var data = 8L + (16L * entries);
        if (entries is < 0 or > MaxEntries || data > header.Length)
            return null;
        var found = new Dictionary<int, string>();
        for (var index = 0; index < entries; index++)
        {
            var entry = header.AsSpan(8 + (16 * index), 16);
            var (tag, type, offset) = (BinaryPrimitives.ReadInt32BigEndian(entry), BinaryPrimitives.ReadInt32BigEndian(entry[4..]), BinaryPrimitives.ReadInt32BigEndian(entry[8..]));
            if (tag is not (Name or Version or Release or Epoch or License or Architecture) || offset < 0 || data + offset >= header.Length)
                continue;
            var value = header.AsSpan((int)data + offset);
            // 4 is a number, 6 a text, 9 a text in several languages, the first of which has none.
            if (type == 4 && value.Length >= 4)
                found.TryAdd(tag, BinaryPrimitives.ReadInt32BigEndian(value).ToString(System.Globalization.CultureInfo.InvariantCulture));
            else if (type is 6 or 9 && value.IndexOf((byte)0) is var end and >= 0)
                found.TryAdd(tag, Encoding.UTF8.GetString(value[..end]));
        }
        var number = found.GetValueOrDefault(Version) is { } version && found.GetValueOrDefault(Release) is { } release
            ? $"{(found.GetValueOrDefault(Epoch) is { } epoch and not "0" ? epoch + ":" : "")}{version}-{release}" : null;
        return InstalledPackage.Of(PackageKind.Rpm, found.GetValueOrDefault(Name), number, found.GetValueOrDefault(Architecture), found.GetValueOrDefault(License));
    }
}
