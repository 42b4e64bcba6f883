using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Claimed.Components.Renditions;
using Claimed.Database;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
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
        """(SELECT c."Id" FROM components c JOIN namespaces n ON n."Id" = c."NamespaceId" WHERE n."Name" = {0} AND c."Name" = {1})""";

    private const string Components =
        """
        SELECT c."Id", n."Name", c."Name", c."Kind", c."DisplayName", c."Description", c."Category", c."GroupName", c."Tags", c."CreatedAt", c."UpdatedAt"
        FROM components c JOIN namespaces n ON n."Id" = c."NamespaceId"
        """;

    private const string Channels = """SELECT "ComponentId", "Name", "VersionId", "Revision" FROM channels""";

    // Renditions are the most rows by far, and crossing over to the database costs more per value than the value: one text per version.
    private const string Versions =
        """
        SELECT v."ComponentId", v."Id", v."Number", v."State", v."BundleDigest" || v."BundleBlob" || v."DefinitionDigest", v."ImageDigest", v."Image",
          v."Yanked", v."Deprecated", v."CreatedAt", v."ReadyAt", v."Definition", v."Findings",
          (SELECT string_agg(r."Digest" || ' ' || r."Revision" || ' ' || r."Size" || ' ' || r."Form", '/') FROM renditions r WHERE r."VersionId" = v."Id"),
          b."Id", b."State", b."Attempt", b."Reason", b."Engine", b."QueuedAt", b."StartedAt", b."EndedAt", b."ImageDigest",
          coalesce(v."Reason", v."YankReason", v."Successor", v."Repository", v."Revision", v."SourcePath", v."Message", v."TrustClaims"),
          v."Reason", v."YankReason", v."Successor", v."Repository", v."Revision", v."SourcePath", v."Message",
          CASE WHEN coalesce(v."Repository", v."Revision") IS NULL THEN NULL ELSE v."PublishedBy" END, v."TrustClaims", v."ExpiresAt", b."Platform", b."Failure", b."DockerfileBlob" IS NOT NULL, v."Withdrawn",
          b."ExpectedBytes", b."ExpectedSeconds"
        FROM versions v LEFT JOIN builds b ON b."Id" = (SELECT n."Id" FROM builds n WHERE n."VersionId" = v."Id"
          ORDER BY n."Round" DESC, CASE n."State" WHEN 'failed' THEN 0 ELSE 1 END, n."Id" DESC LIMIT 1)
        """;

    private const string OneComponent =
        $"""
        {Components} WHERE c."Id" = {OfComponent};
        {Channels} WHERE "ComponentId" = {OfComponent};
        {Versions} WHERE v."ComponentId" = {OfComponent}
        """;

    private readonly SharedTexts _texts = new();
    private readonly List<ComponentEntry> _components = [];
    private readonly List<(long Component, string Name, long Version, long Revision)> _channels = [];

    private CatalogReader()
    {
    }

    /// <summary>All components. The versions, most of the bytes, are read in two halves at the same time, each on a connection of its own.</summary>
    /// <param name="pack">Takes the texts of the versions; it is called by both halves.</param>
    public static async Task<IReadOnlyList<ComponentEntry>> ReadAllAsync(RegistryDatabase database, MakeBlock pack, CancellationToken cancellation)
    {
        var reader = new CatalogReader();
        await database.ReadAsync(
            db => db.RunAsync(FormattableStringFactory.Create($"""{Components} ORDER BY c."Id"; {Channels}"""), cancellation, reader.ReadComponentsAsync, reader.ReadChannelsAsync), cancellation);
        if (reader._components.Count == 0)
            return [];
        var middle = reader._components[reader._components.Count / 2].Id;
        var (byId, channels) = reader.Index();
        Task ReadHalfAsync(string half) => Task.Run(() => database.ReadAsync(db => db.RunAsync(
            FormattableStringFactory.Create($$"""{{Versions}} WHERE v."ComponentId" {{half}} {0} ORDER BY v."ComponentId" """, middle), cancellation,
            (row, stopping) => ReadVersionsAsync(row, byId, channels, pack, stopping)), cancellation), cancellation);
        await Task.WhenAll(ReadHalfAsync("<"), ReadHalfAsync(">="));
        return reader._components;
    }

    /// <summary>One component, in one round trip; null when there is none of that name.</summary>
    public static async Task<ComponentEntry?> ReadAsync(RegistryContext db, string space, string name, CancellationToken cancellation)
    {
        var reader = new CatalogReader();
        await db.RunAsync(FormattableStringFactory.Create(OneComponent, space, name), cancellation,
            reader.ReadComponentsAsync, reader.ReadChannelsAsync, (row, stopping) =>
            {
                var (byId, channels) = reader.Index();
                return ReadVersionsAsync(row, byId, channels, PackedBlock.Pack, stopping);
            });
        return reader._components.SingleOrDefault();
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

    private (Dictionary<long, ComponentEntry> Components, ILookup<long, (long Component, string Name, long Version, long Revision)> Channels) Index() =>
        (_components.ToDictionary(component => component.Id), _channels.ToLookup(channel => channel.Component));

    /// <summary>Packs each component as soon as its last row is read, so that little lives at the same time.</summary>
    private static async Task ReadVersionsAsync(
        DbDataReader row, Dictionary<long, ComponentEntry> components, ILookup<long, (long Component, string Name, long Version, long Revision)> channels,
        MakeBlock pack, CancellationToken cancellation)
    {
        // Halves are read at the same time, so each shares texts of its own.
        var texts = new SharedTexts();
        var blocks = new TextPacker(pack);
        var packer = new PackedVersions.Packer();
        var versions = new List<VersionEntry>();
        var last = 0L;
        void Complete()
        {
            blocks.Flush();
            if (components.TryGetValue(last, out var component))
                component.Take(versions, packer, channels[last]);
            versions.Clear();
        }
        while (await row.ReadAsync(cancellation))
        {
            if (row.GetInt64(0) is var next && next != last)
            {
                Complete();
                last = next;
            }
            var version = Version(row, texts);
            blocks.Add(version, row.GetFieldValue<byte[]>(11), row.GetFieldValue<byte[]>(12));
            versions.Add(version);
        }
        Complete();
    }

    private static VersionEntry Version(DbDataReader row, SharedTexts texts)
    {
        var digests = row.GetString(4).AsSpan();
        var image = ImageParts.Of(Text(row, 6), Text(row, 5));
        return new VersionEntry
        {
            Id = row.GetInt64(1),
            Number = texts.Number(row.GetString(2)),
            State = texts.Of(row.GetString(3)),
            Bundle = Sha256.Parse(digests[..Sha256.TextLength]),
            Blob = Sha256.Parse(digests[Sha256.TextLength..^Sha256.TextLength]),
            DefinitionHash = Sha256.Parse(digests[^Sha256.TextLength..]),
            ImageParts = image with { Name = image.Name is { } name ? texts.Of(name) : null },
            Yanked = row.GetBoolean(7),
            Withdrawn = row.GetBoolean(37),
            Deprecated = row.GetBoolean(8),
            CreatedAt = row.GetInt64(9),
            ReadyAt = Whole(row, 10),
            ExpiresAt = Whole(row, 33),
            Renditions = new RenditionSet(row.IsDBNull(13) ? [] : RenditionRows(row.GetString(13), texts)),
            Build = row.IsDBNull(14) ? null : new BuildEntry(row.GetInt64(14), texts.Of(row.GetString(15)), row.GetInt32(16), Text(row, 17),
                row.IsDBNull(18) ? null : texts.Of(row.GetString(18)), row.GetInt64(19), Whole(row, 20), Whole(row, 21), Text(row, 22), row.IsDBNull(34) ? null : texts.Of(row.GetString(34)))
            {
                Failure = Text(row, 35),
                HasDockerfile = row.GetBoolean(36),
                Estimate = BuildEstimate.Of(Whole(row, 38), Whole(row, 39)),
            },
            Notes = row.IsDBNull(23) ? VersionNotes.None : Notes(row, 24, texts),
        };
    }

    private static RenditionSet.Row[] RenditionRows(ReadOnlySpan<char> text, SharedTexts texts)
    {
        var rows = new RenditionSet.Row[text.Count('/') + 1];
        var index = 0;
        Span<Range> words = stackalloc Range[4];
        foreach (var entry in text.Split('/'))
        {
            var one = text[entry];
            one.Split(words, ' ');
            rows[index++] = new RenditionSet.Row(texts.Of(one[words[3]]), int.Parse(one[words[1]], CultureInfo.InvariantCulture),
                long.Parse(one[words[2]], CultureInfo.InvariantCulture), Sha256.Parse(one[words[0]]));
        }
        return rows;
    }

    private static VersionNotes Notes(DbDataReader row, int first, SharedTexts texts) => new(Text(row, first), Text(row, first + 1), Text(row, first + 2),
        Text(row, first + 3), Text(row, first + 4), Text(row, first + 5), Text(row, first + 6),
        row.IsDBNull(first + 7) ? null : texts.Of(row.GetString(first + 7)), Text(row, first + 8));

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Whole(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    /// <summary>One object for texts and numbers that many rows repeat.</summary>
    private sealed class SharedTexts
    {
        private static readonly string[] Known =
        [
            .. RenditionForm.Kept, VersionState.Queued, VersionState.Building, VersionState.Ready, VersionState.Failed,
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
