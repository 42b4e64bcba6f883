using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Claimed.Registry.Http;

/// <summary>
/// The blocks of memory that the server receives into. By default they are of 4 KB, and each costs a turn through the system and the
/// pipe: of a layer of 256 MB, 65,000.
/// </summary>
internal sealed class TransferBlocks : IMemoryPoolFactory<byte>
{
    private const int BlockBytes = 16 * 1024;

    // What many transfers at once took goes back to the system after them.
    private const int MostIdle = 8 * 1024 * 1024 / BlockBytes;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private readonly ConcurrentQueue<Block> _idle = new();
        private int _count;

        public override int MaxBufferSize => BlockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
            if (!_idle.TryDequeue(out var block))
                return new Block(this);
            Interlocked.Decrement(ref _count);
            return block;
        }

        public void Return(Block block)
        {
            if (Interlocked.Increment(ref _count) <= MostIdle)
                _idle.Enqueue(block);
            else
                Interlocked.Decrement(ref _count);
        }

        protected override void Dispose(bool disposing) => _idle.Clear();
    }

    private sealed class Block(Pool pool) : IMemoryOwner<byte>
    {
        // The system writes into it; what is pinned for that moment alone hinders each collection.
        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true), 0, BlockBytes);

        public void Dispose() => pool.Return(this);
    }
}
