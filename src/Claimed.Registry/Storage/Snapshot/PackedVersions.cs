using System.Collections.Immutable;
using System.Text;
using Claimed.Components.Renditions;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Semver;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>What lists and references ask of a version before they want all of it.</summary>
internal readonly record struct VersionHead(SemVersion Number, int Start, bool IsReady, bool Yanked, bool Expires)
{
    public bool IsListed => IsReady && !Yanked && !Expires;
}

/// <summary>
/// The versions of one component in one array of bytes, because as objects they would weigh several times what they say. An entry is made
/// anew for each reader; most answers come from the read cache and ask for none.
/// </summary>
internal sealed class PackedVersions
{
    public static readonly PackedVersions None = new([], [], [], []);

    // Words that nearly every version says; their place in this list is stored.
    private static readonly string[] Known =
    [
        .. RenditionForm.Kept, VersionState.Queued, VersionState.Building, VersionState.Ready, VersionState.Failed,
        BuildState.Cancelled, BuildState.Succeeded,
    ];

    private readonly VersionHead[] _heads;
    private readonly byte[] _bytes;
    private readonly TextBlock[] _blocks;
    private readonly string[] _shared;

    private PackedVersions(VersionHead[] heads, byte[] bytes, TextBlock[] blocks, string[] shared) => (_heads, _bytes, _blocks, _shared) = (heads, bytes, blocks, shared);

    /// <summary>Highest precedence first.</summary>
    public ReadOnlySpan<VersionHead> Heads => _heads;

    /// <summary>Whether some version may have this digest: bytes are compared, wherever they stand.</summary>
    public bool MayHave(Sha256 digest)
    {
        Span<byte> wanted = stackalloc byte[Sha256.Bytes];
        digest.CopyTo(wanted);
        return _bytes.AsSpan().IndexOf(wanted) >= 0;
    }

    public ImmutableArray<VersionEntry> All()
    {
        var all = new VersionEntry[_heads.Length];
        for (var index = 0; index < all.Length; index++)
            all[index] = At(index);
        return ImmutableArray.Create(all);
    }

    public VersionEntry At(int index)
    {
        var head = _heads[index];
        using var reader = new BinaryReader(new MemoryStream(_bytes, head.Start, _bytes.Length - head.Start, writable: false), Encoding.UTF8);
        var id = reader.Read7BitEncodedInt64();
        var state = Shared(reader)!;
        var deprecated = reader.ReadBoolean();
        var withdrawn = head.Yanked && reader.ReadBoolean();
        var version = new VersionEntry
        {
            Id = id,
            Number = head.Number,
            State = state,
            Yanked = head.Yanked,
            Withdrawn = withdrawn,
            Deprecated = deprecated,
            CreatedAt = reader.Read7BitEncodedInt64(),
            ReadyAt = Time(reader),
            ExpiresAt = Time(reader),
            Bundle = Digest(reader),
            Blob = Digest(reader),
            DefinitionHash = Digest(reader),
            ImageParts = new ImageParts(Shared(reader), reader.ReadBoolean(), Text(reader), reader.ReadBoolean() ? Digest(reader) : null),
            Notes = reader.ReadBoolean()
                ? new VersionNotes(Text(reader), Text(reader), Text(reader), Text(reader), Text(reader), Text(reader), Text(reader), Shared(reader), Text(reader))
                : VersionNotes.None,
            Texts = new VersionTexts(_blocks[reader.Read7BitEncodedInt()], reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt()),
        };
        version.Build = reader.ReadBoolean() ? Build(reader, version.ImageDigest) : null;
        var rows = new RenditionSet.Row[reader.Read7BitEncodedInt()];
        for (var row = 0; row < rows.Length; row++)
            rows[row] = new RenditionSet.Row(Shared(reader)!, reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt64(), Digest(reader));
        version.Renditions = new RenditionSet(rows);
        return version;
    }

    private BuildEntry Build(BinaryReader reader, string? imageDigest) => new(
        reader.Read7BitEncodedInt64(), Shared(reader)!, reader.Read7BitEncodedInt(), Text(reader), Shared(reader), reader.Read7BitEncodedInt64(),
        Time(reader), Time(reader), reader.ReadBoolean() ? imageDigest : Text(reader), Shared(reader))
    {
        Failure = Text(reader),
        HasDockerfile = reader.ReadBoolean(),
        Estimate = reader.ReadBoolean() ? new BuildEstimate(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64()) : null,
    };

    private string? Shared(BinaryReader reader) => reader.Read7BitEncodedInt() switch
    {
        0 => null,
        var place when place <= Known.Length => Known[place - 1],
        var place => _shared[place - Known.Length - 1],
    };

    private static string? Text(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;

    private static long? Time(BinaryReader reader) => reader.Read7BitEncodedInt64() is var time and not 0 ? time - 1 : null;

    private static Sha256 Digest(BinaryReader reader)
    {
        Span<byte> bytes = stackalloc byte[Sha256.Bytes];
        reader.BaseStream.ReadExactly(bytes);
        return Sha256.From(bytes);
    }

    /// <summary>Packs one component after the other.</summary>
    internal sealed class Packer
    {
        private readonly MemoryStream _bytes = new();
        private readonly BinaryWriter _writer;
        private readonly List<string> _shared = [];
        private readonly List<TextBlock> _blocks = [];

        public Packer() => _writer = new BinaryWriter(_bytes, Encoding.UTF8);

        /// <param name="versions">Highest precedence first.</param>
        public PackedVersions Pack(IReadOnlyList<VersionEntry> versions)
        {
            _bytes.SetLength(0);
            _shared.Clear();
            _blocks.Clear();
            var heads = new VersionHead[versions.Count];
            for (var index = 0; index < heads.Length; index++)
            {
                var version = versions[index];
                heads[index] = new VersionHead(version.Number, (int)_bytes.Position, version.IsReady, version.Yanked, version.ExpiresAt is not null);
                Write(version);
            }
            return new PackedVersions(heads, _bytes.ToArray(), [.. _blocks], [.. _shared]);
        }

        private void Write(VersionEntry version)
        {
            _writer.Write7BitEncodedInt64(version.Id);
            Shared(version.State);
            _writer.Write(version.Deprecated);
            if (version.Yanked)
                _writer.Write(version.Withdrawn);
            _writer.Write7BitEncodedInt64(version.CreatedAt);
            Time(version.ReadyAt);
            Time(version.ExpiresAt);
            Digest(version.Bundle);
            Digest(version.Blob);
            Digest(version.DefinitionHash);
            var image = version.ImageParts;
            Shared(image.Name);
            _writer.Write(image.EndsWithDigest);
            Text(image.UnusualDigest);
            _writer.Write(image.Digest is not null);
            if (image.Digest is { } digest)
                Digest(digest);
            Notes(version.Notes);
            Texts(version.Texts);
            _writer.Write(version.Build is not null);
            if (version.Build is { } build)
                Build(build, version.ImageDigest);
            var rows = version.Renditions.Rows;
            _writer.Write7BitEncodedInt(rows.Length);
            foreach (ref readonly var row in rows)
            {
                Shared(row.Form);
                _writer.Write7BitEncodedInt(row.Revision);
                _writer.Write7BitEncodedInt64(row.Size);
                Digest(row.Digest);
            }
        }

        private void Notes(VersionNotes notes)
        {
            var isSome = notes != VersionNotes.None;
            _writer.Write(isSome);
            if (!isSome)
                return;
            foreach (var text in (ReadOnlySpan<string?>)[notes.Reason, notes.YankReason, notes.Successor, notes.Repository, notes.Revision, notes.SourcePath, notes.Message])
                Text(text);
            Shared(notes.StatedBy);
            Text(notes.TrustClaims);
        }

        private void Texts(VersionTexts texts)
        {
            var block = _blocks.IndexOf(texts.Block);
            if (block < 0)
            {
                block = _blocks.Count;
                _blocks.Add(texts.Block);
            }
            _writer.Write7BitEncodedInt(block);
            _writer.Write7BitEncodedInt(texts.Start);
            _writer.Write7BitEncodedInt(texts.DefinitionLength);
            _writer.Write7BitEncodedInt(texts.FindingsLength);
        }

        private void Build(BuildEntry build, string? imageDigest)
        {
            _writer.Write7BitEncodedInt64(build.Id);
            Shared(build.State);
            _writer.Write7BitEncodedInt(build.Attempt);
            Text(build.Reason);
            Shared(build.Engine);
            _writer.Write7BitEncodedInt64(build.QueuedAt);
            Time(build.StartedAt);
            Time(build.EndedAt);
            var isOfVersion = build.ImageDigest == imageDigest;
            _writer.Write(isOfVersion);
            if (!isOfVersion)
                Text(build.ImageDigest);
            Shared(build.Platform);
            Text(build.Failure);
            _writer.Write(build.HasDockerfile);
            _writer.Write(build.Estimate is not null);
            if (build.Estimate is not { } estimate)
                return;
            _writer.Write7BitEncodedInt64(estimate.ImageBytes);
            _writer.Write7BitEncodedInt64(estimate.Seconds);
        }

        private void Shared(string? text)
        {
            var place = text is null ? 0 : Array.IndexOf(Known, text) + 1;
            if (text is not null && place == 0)
            {
                place = _shared.IndexOf(text);
                if (place < 0)
                {
                    place = _shared.Count;
                    _shared.Add(text);
                }
                place += Known.Length + 1;
            }
            _writer.Write7BitEncodedInt(place);
        }

        private void Text(string? text)
        {
            _writer.Write(text is not null);
            if (text is not null)
                _writer.Write(text);
        }

        private void Time(long? time) => _writer.Write7BitEncodedInt64(time is { } value ? value + 1 : 0);

        private void Digest(Sha256 digest)
        {
            Span<byte> bytes = stackalloc byte[Sha256.Bytes];
            digest.CopyTo(bytes);
            _writer.Write(bytes);
        }
    }
}
