using System.Buffers;
using System.IO.Compression;
using Claimed.Components;
using Claimed.Registry.Http;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>Definitions and findings of neighbouring versions, wherever they lie.</summary>
internal abstract class TextBlock
{
    /// <summary>Gives a stretch of the text to <paramref name="read"/>, which must not keep it.</summary>
    public abstract T Read<T>(int start, int length, Func<ReadOnlySpan<byte>, T> read);
}

/// <summary>
/// A block in memory. Versions of a component repeat each other almost word for word, so compressed together a version costs a tenth of
/// its text; readers unpack the block on demand.
/// </summary>
internal sealed class PackedBlock : TextBlock
{
    // The quickest level that finds the repetitions.
    private const int Quality = 1;
    private const int WindowBits = 18;
    private readonly byte[] _packed;
    private readonly int _length;

    private PackedBlock(byte[] packed, int length)
    {
        _packed = packed;
        _length = length;
    }

    public static TextBlock Pack(ReadOnlySpan<byte> text)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(text.Length));
        try
        {
            if (!BrotliEncoder.TryCompress(text, buffer, out var written, Quality, WindowBits))
                throw new InvalidOperationException("A block of definitions did not fit the largest size it can have.");
            return new PackedBlock(buffer.AsSpan(0, written).ToArray(), text.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override T Read<T>(int start, int length, Func<ReadOnlySpan<byte>, T> read)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(_length);
        try
        {
            if (!BrotliDecoder.TryDecompress(_packed, buffer, out var written) || written != _length)
                throw new InvalidDataException("A block of definitions in memory cannot be unpacked.");
            return read(buffer.AsSpan(start, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>Where the texts of one version lie in a block; the findings follow the definition.</summary>
internal readonly record struct VersionTexts(TextBlock Block, int Start, int DefinitionLength, int FindingsLength)
{
    public Definition Definition => Block.Read(Start, DefinitionLength, DefinitionJson.Read);

    public IReadOnlyList<Finding> Findings =>
        FindingsLength == 0 ? [] : Block.Read(Start + DefinitionLength, FindingsLength, Json.Read<Finding[]>);
}

/// <summary>Makes a block of a text.</summary>
internal delegate TextBlock MakeBlock(ReadOnlySpan<byte> text);

/// <summary>Gathers the texts of a component's versions and packs them in blocks of a bounded size.</summary>
internal sealed class TextPacker(MakeBlock pack)
{
    // Larger blocks would make reading one version of many slow.
    private const int BlockSize = 32 * 1024;
    private readonly ArrayBufferWriter<byte> _text = new(2 * BlockSize);
    private readonly List<(VersionEntry Version, int Start, int DefinitionLength, int FindingsLength)> _versions = [];

    public void Add(VersionEntry version, ReadOnlySpan<byte> definition, ReadOnlySpan<byte> findings)
    {
        if (findings.SequenceEqual("[]"u8))
            findings = [];
        if (_text.WrittenCount > 0 && _text.WrittenCount + definition.Length + findings.Length > BlockSize)
            Flush();
        _versions.Add((version, _text.WrittenCount, definition.Length, findings.Length));
        _text.Write(definition);
        _text.Write(findings);
    }

    /// <summary>Packs what was added since the last time; the versions can be read from then on.</summary>
    public void Flush()
    {
        if (_versions.Count == 0)
            return;
        var block = pack(_text.WrittenSpan);
        foreach (var (version, start, definition, findings) in _versions)
            version.Texts = new VersionTexts(block, start, definition, findings);
        _versions.Clear();
        _text.ResetWrittenCount();
    }
}
