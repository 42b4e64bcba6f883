using System.Data.Common;
using System.Globalization;
using Claimed.Components.Renditions;
using Claimed.Database;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>
/// Reads components from the tables, column by column: the whole catalog at start, or one component after a change. Tracking entities
/// would cost many times the memory and the time. The tables may change between two statements; what then does not fit together is
/// left out, and the event of that change has the component read again.
/// </summary>
internal sealed class CatalogReader
{
    private const string OfComponent =
        """(SELECT c."Id" FROM components c JOIN namespaces n ON n."Id" = c."NamespaceId" WHERE n."Name" = @space AND c."Name" = @name)""";

    private const string Components =
        """
        SELECT c."Id", n."Name", c."Name", c."Kind", c."DisplayName", c."Description", c."Category", c."GroupName", c."Tags", c."CreatedAt", c."UpdatedAt"
        FROM components c JOIN namespaces n ON n."Id" = c."NamespaceId"
        """;

    private const string Channels = """SELECT "ComponentId", "Name", "VersionId", "Revision" FROM channels""";

    // The most rows by far, and crossing over to the database costs more per value than the value: one text per version instead.
    private const string Renditions =
        """SELECT "VersionId", string_agg("Digest" || ' ' || "Revision" || ' ' || "Size" || ' ' || "Form", '/') FROM renditions""";
    private const string RenditionsEnd = """ GROUP BY "VersionId" """;

    // In the order of their numbers, so that the last one of a version is its newest.
    private const string Builds =
        """SELECT "VersionId", "Id", "State", "Attempt", "Reason", "Engine", "QueuedAt", "StartedAt", "EndedAt", "ImageDigest" FROM builds""";

    private const string Versions =
        """
        SELECT "ComponentId", "Id", "Number", "State", "BundleDigest" || "BundleBlob" || "DefinitionDigest", "ImageDigest", "Image", "Yanked", "Deprecated",
          "CreatedAt", "ReadyAt", "Definition", "Findings", coalesce("Reason", "YankReason", "Successor", "Repository", "Revision", "SourcePath", "Message"),
          "Reason", "YankReason", "Successor", "Repository", "Revision", "SourcePath", "Message"
        FROM versions
        """;

    private readonly SharedTexts _texts = new();
    private readonly List<ComponentEntry> _components = [];
    private readonly List<(long Component, string Name, long Version, long Revision)> _channels = [];
    private readonly Dictionary<long, RenditionSet.Row[]> _renditions = [];
    private readonly Dictionary<long, BuildEntry> _builds = [];
    private readonly Dictionary<long, List<VersionEntry>> _versions = [];

    private CatalogReader()
    {
    }

    /// <summary>All components. The versions, most of the bytes, are read beside the other tables on a connection of their own.</summary>
    public static async Task<IReadOnlyList<ComponentEntry>> ReadAllAsync(RegistryDatabase database, CancellationToken cancellation)
    {
        var reader = new CatalogReader();
        var versions = Task.Run(() => database.ReadAsync(
            db => RunAsync(db, $"""{Versions} ORDER BY "ComponentId" """, [], cancellation, reader.ReadVersionsAsync), cancellation), cancellation);
        var others = database.ReadAsync(db => RunAsync(db, $"""{Components}; {Channels}; {Renditions}{RenditionsEnd}; {Builds} ORDER BY "Id" """, [], cancellation,
            reader.ReadComponentsAsync, reader.ReadChannelsAsync, reader.ReadRenditionsAsync, reader.ReadBuildsAsync), cancellation);
        await Task.WhenAll(versions, others);
        return reader.Assemble();
    }

    /// <summary>One component, in one round trip; null when there is none of that name.</summary>
    public static async Task<ComponentEntry?> ReadAsync(RegistryContext db, string space, string name, CancellationToken cancellation)
    {
        var reader = new CatalogReader();
        await RunAsync(db,
            $"""
            {Components} WHERE c."Id" = {OfComponent};
            {Channels} WHERE "ComponentId" = {OfComponent};
            {Renditions} WHERE "VersionId" IN (SELECT "Id" FROM versions WHERE "ComponentId" = {OfComponent}){RenditionsEnd};
            {Builds} WHERE "VersionId" IN (SELECT "Id" FROM versions WHERE "ComponentId" = {OfComponent}) ORDER BY "Id";
            {Versions} WHERE "ComponentId" = {OfComponent}
            """, [("@space", space), ("@name", name)], cancellation,
            reader.ReadComponentsAsync, reader.ReadChannelsAsync, reader.ReadRenditionsAsync, reader.ReadBuildsAsync, reader.ReadVersionsAsync);
        return reader.Assemble().SingleOrDefault();
    }

    private static async Task<bool> RunAsync(
        RegistryContext db, string sql, IReadOnlyList<(string Name, string Value)> parameters, CancellationToken cancellation,
        params IReadOnlyList<Func<DbDataReader, CancellationToken, Task>> results)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        foreach (var read in results)
        {
            await read(rows, cancellation);
            await rows.NextResultAsync(cancellation);
        }
        return true;
    }

    private async Task ReadComponentsAsync(DbDataReader row, CancellationToken cancellation)
    {
        while (await row.ReadAsync(cancellation))
        {
            var (space, name) = (_texts.Of(row.GetString(1)), row.GetString(2));
            _components.Add(new ComponentEntry
            {
                Id = row.GetInt64(0),
                Namespace = space,
                Name = name,
                Subject = $"{space}/{name}",
                Kind = _texts.Of(row.GetString(3)),
                DisplayName = row.GetString(4),
                Description = row.GetString(5),
                Category = row.IsDBNull(6) ? null : _texts.Of(row.GetString(6)),
                Group = row.IsDBNull(7) ? null : _texts.Of(row.GetString(7)),
                Tags = _texts.Tags(row.GetString(8)),
                CreatedAt = row.GetInt64(9),
                UpdatedAt = row.GetInt64(10),
            });
        }
    }

    private async Task ReadChannelsAsync(DbDataReader row, CancellationToken cancellation)
    {
        while (await row.ReadAsync(cancellation))
            _channels.Add((row.GetInt64(0), _texts.Of(row.GetString(1)), row.GetInt64(2), row.GetInt64(3)));
    }

    private async Task ReadRenditionsAsync(DbDataReader row, CancellationToken cancellation)
    {
        while (await row.ReadAsync(cancellation))
            _renditions[row.GetInt64(0)] = RenditionRows(row.GetString(1));
    }

    private RenditionSet.Row[] RenditionRows(ReadOnlySpan<char> text)
    {
        var rows = new RenditionSet.Row[text.Count('/') + 1];
        var index = 0;
        Span<Range> words = stackalloc Range[4];
        foreach (var entry in text.Split('/'))
        {
            var one = text[entry];
            one.Split(words, ' ');
            rows[index++] = new RenditionSet.Row(_texts.Of(one[words[3]]), int.Parse(one[words[1]], CultureInfo.InvariantCulture),
                long.Parse(one[words[2]], CultureInfo.InvariantCulture), Sha256.Parse(one[words[0]]));
        }
        return rows;
    }

    private async Task ReadBuildsAsync(DbDataReader row, CancellationToken cancellation)
    {
        while (await row.ReadAsync(cancellation))
        {
            _builds[row.GetInt64(0)] = new BuildEntry(row.GetInt64(1), _texts.Of(row.GetString(2)), row.GetInt32(3), Text(row, 4),
                row.IsDBNull(5) ? null : _texts.Of(row.GetString(5)), row.GetInt64(6), Time(row, 7), Time(row, 8), Text(row, 9));
        }
    }

    private async Task ReadVersionsAsync(DbDataReader row, CancellationToken cancellation)
    {
        // Read beside the other tables, so with shared texts of its own.
        var texts = new SharedTexts();
        var packer = new TextPacker();
        List<VersionEntry> versions = [];
        for (var last = 0L; await row.ReadAsync(cancellation);)
        {
            if (row.GetInt64(0) is var component && component != last)
            {
                packer.Flush();
                last = component;
                _versions[component] = versions = [];
            }
            var digests = row.GetString(4).AsSpan();
            var version = new VersionEntry
            {
                Id = row.GetInt64(1),
                Number = texts.Number(row.GetString(2)),
                State = texts.Of(row.GetString(3)),
                Bundle = Sha256.Parse(digests[..Sha256.TextLength]),
                Blob = Sha256.Parse(digests[Sha256.TextLength..^Sha256.TextLength]),
                DefinitionHash = Sha256.Parse(digests[^Sha256.TextLength..]),
                Yanked = row.GetBoolean(7),
                Deprecated = row.GetBoolean(8),
                CreatedAt = row.GetInt64(9),
                ReadyAt = Time(row, 10),
                Notes = row.IsDBNull(13) ? VersionNotes.None : Notes(row, 14),
            };
            version.SetImage(Text(row, 6), Text(row, 5), texts.Of);
            packer.Add(version, row.GetFieldValue<byte[]>(11), row.GetFieldValue<byte[]>(12));
            versions.Add(version);
        }
        packer.Flush();
    }

    private static VersionNotes Notes(DbDataReader row, int first) => new(Text(row, first), Text(row, first + 1), Text(row, first + 2),
        Text(row, first + 3), Text(row, first + 4), Text(row, first + 5), Text(row, first + 6));

    private List<ComponentEntry> Assemble()
    {
        var channels = _channels.ToLookup(channel => channel.Component);
        foreach (var component in _components)
        {
            var versions = _versions.GetValueOrDefault(component.Id) ?? [];
            foreach (var version in versions)
            {
                version.Build = _builds.GetValueOrDefault(version.Id);
                version.Renditions = new RenditionSet(_renditions.GetValueOrDefault(version.Id, []));
            }
            component.Take(
                [.. versions.OrderByDescending(version => version.Number, SemVersion.PrecedenceComparer)],
                channels[component.Id].Select(channel => (channel.Name, channel.Version, channel.Revision)));
        }
        return _components;
    }

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Time(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    /// <summary>One object for texts and numbers that many rows repeat.</summary>
    private sealed class SharedTexts
    {
        private static readonly string[] Known =
        [
            .. RenditionForm.All, VersionState.Queued, VersionState.Building, VersionState.Ready, VersionState.Failed,
            BuildState.Cancelled, BuildState.Succeeded, ComponentKind.Component, ComponentKind.Pipeline,
        ];

        private readonly Dictionary<string, string> _texts = Known.ToDictionary(text => text, StringComparer.Ordinal);
        private readonly Dictionary<string, SemVersion> _numbers = new(StringComparer.Ordinal);
        private readonly Dictionary<string, IReadOnlyList<string>> _tags = new(StringComparer.Ordinal) { ["[]"] = [] };

        public string Of(string text) => _texts.TryGetValue(text, out var shared) ? shared : _texts[text] = text;

        public string Of(ReadOnlySpan<char> text)
        {
            var bySpan = _texts.GetAlternateLookup<ReadOnlySpan<char>>();
            return bySpan.TryGetValue(text, out var shared) ? shared : Of(text.ToString());
        }

        public SemVersion Number(string text) =>
            _numbers.TryGetValue(text, out var shared) ? shared : _numbers[text] = SemVersion.Parse(text, SemVersionStyles.Strict);

        public IReadOnlyList<string> Tags(string json) => _tags.TryGetValue(json, out var shared) ? shared : _tags[json] = Http.Json.Read<string[]>(json);
    }
}
