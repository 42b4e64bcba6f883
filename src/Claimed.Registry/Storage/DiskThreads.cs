using System.Collections.Concurrent;

namespace Claimed.Registry.Storage;

/// <summary>
/// The threads of this process that wait for the disk. A flush has no asynchronous form, and one publish flushes several files at once: on
/// the pool's few threads they would keep readers waiting.
/// </summary>
internal static class DiskThreads
{
    // As many flushes as a disk usefully has under way.
    private const int Count = 8;

    private static readonly Lazy<BlockingCollection<Action>> Work = new(Start);

    public static Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellation);
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Value.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception fault)
            {
                done.SetException(fault);
            }
        }, CancellationToken.None);
        return done.Task;
    }

    private static BlockingCollection<Action> Start()
    {
        var work = new BlockingCollection<Action>();
        for (var number = 0; number < Count; number++)
        {
            var thread = new Thread(() =>
            {
                foreach (var action in work.GetConsumingEnumerable())
                    action();
            })
            { IsBackground = true, Name = "disk" };
            thread.Start();
        }
        return work;
    }
}
