using Claimed.Database.Catalog;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Http.Documents;

/// <summary>How often a version was read: downloads of its document and forms, and pulls of its image. What was counted in the last seconds is still to come.</summary>
/// <param name="Total">As far back as counts are kept, 400 days.</param>
/// <param name="Last30Days">Today and the 29 days before, UTC.</param>
/// <param name="Clients">Those that read it, the most frequent of the last 30 days first.</param>
/// <param name="Days">Those of the last 30 on which it was read, in order.</param>
public sealed record ReadsDocument(long Total, long Last30Days, IReadOnlyList<ClientReadsDocument> Clients, IReadOnlyList<DayReadsDocument> Days)
{
    public static ReadsDocument From(IReadOnlyList<VersionRead> rows, long now)
    {
        var first = ReadRows.DayOf(now) - ReadRows.Recent + 1;
        var recent = rows.Where(row => row.Day >= first).ToList();
        return new ReadsDocument(
            rows.Sum(row => row.Count), recent.Sum(row => row.Count),
            [.. rows.GroupBy(row => row.Client, StringComparer.Ordinal)
                .Select(client => new ClientReadsDocument(client.Key, client.Sum(row => row.Count), client.Where(row => row.Day >= first).Sum(row => row.Count)))
                .OrderByDescending(client => client.Last30Days).ThenByDescending(client => client.Total).ThenBy(client => client.Client, StringComparer.Ordinal)],
            [.. recent.GroupBy(row => row.Day).OrderBy(day => day.Key).Select(day => new DayReadsDocument(DateOnly.FromDayNumber(Epoch + day.Key), day.Sum(row => row.Count)))]);
    }

    // Days of the calendar before 1970-01-01.
    private static int Epoch { get; } = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
}

/// <summary>Reads of one kind of client.</summary>
/// <param name="Client"><c>kfp</c>, <c>elyra</c>, <c>airflow</c>, <c>docker</c> (pulls of the image by any engine), <c>browser</c>, <c>api</c> (tools and scripts) or <c>other</c>.</param>
public sealed record ClientReadsDocument(string Client, long Total, long Last30Days);

/// <summary>Reads of one day, UTC.</summary>
public sealed record DayReadsDocument(DateOnly Day, long Count);
