using System.Buffers;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>Moves the body of a request into an upload.</summary>
internal static class UploadBody
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>
    /// Appends the body, at most <paramref name="limit"/> bytes, and says how many came. While one buffer is hashed and written the next
    /// one fills. Of a body that is cut off, what arrived stays; then the cut is thrown.
    /// </summary>
    public static async Task<long> AppendAsync(this UploadTurn turn, IdleBody body, long limit = long.MaxValue)
    {
        var began = turn.Length;
        var (filling, writing) = (ArrayPool<byte>.Shared.Rent(BufferBytes), ArrayPool<byte>.Shared.Rent(BufferBytes));
        try
        {
            var (count, cut) = await body.FillAsync(filling);
            while (count > 0 && turn.Length - began + count <= limit)
            {
                (filling, writing) = (writing, filling);
                var write = turn.WriteAsync(writing.AsMemory(0, count));
                var next = cut is null && count == writing.Length ? await body.FillAsync(filling) : (0, cut);
                await write;
                (count, cut) = next;
            }
            if (cut is not null)
            {
                await turn.KeepAsync();
                throw cut;
            }
            return turn.Length - began + count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(filling);
            ArrayPool<byte>.Shared.Return(writing);
        }
    }
}
