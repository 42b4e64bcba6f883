using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>
/// The texts of a whole catalog, as it was read at start, in a file instead of in memory: they are most of its bytes, few of them are
/// asked for, and from a file they come without the database too. The file has no name, so it ends with the process however that ends.
/// </summary>
internal sealed class TextFile
{
    private const int BufferSize = 256 * 1024;
    private readonly Lock _turn = new();
    // Closed by its finalizer: readers hold stretches of the file for as long as they like.
    private readonly SafeFileHandle _file;
    private readonly ArrayBufferWriter<byte> _buffer = new(BufferSize);
    private long _written;

    private TextFile(SafeFileHandle file) => _file = file;

    public static TextFile Create(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"texts-{Guid.CreateVersion7():N}");
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        File.Delete(path);
        return new TextFile(file);
    }

    /// <summary>May be called from several threads. What it gives can be read after <see cref="Complete"/>.</summary>
    public TextBlock Append(ReadOnlySpan<byte> text)
    {
        lock (_turn)
        {
            var block = new Stretch(_file, _written + _buffer.WrittenCount);
            _buffer.Write(text);
            if (_buffer.WrittenCount >= BufferSize)
                Flush();
            return block;
        }
    }

    public void Complete()
    {
        lock (_turn)
            Flush();
    }

    private void Flush()
    {
        RandomAccess.Write(_file, _buffer.WrittenSpan, _written);
        _written += _buffer.WrittenCount;
        _buffer.ResetWrittenCount();
    }

    private sealed class Stretch(SafeFileHandle file, long offset) : TextBlock
    {
        public override T Read<T>(int start, int length, Func<ReadOnlySpan<byte>, T> read)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                for (var filled = 0; filled < length;)
                {
                    var count = RandomAccess.Read(file, buffer.AsSpan(filled, length - filled), offset + start + filled);
                    filled += count > 0 ? count : throw new EndOfStreamException("The file of definitions is shorter than it was written.");
                }
                return read(buffer.AsSpan(0, length));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
