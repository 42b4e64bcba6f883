namespace Claimed.Registry.Storage;

/// <summary>
/// The threads of this process that wait for the disk. A flush has no asynchronous form, and one publish flushes several files at once: on
/// the pool's few threads they would keep readers waiting.
/// </summary>
internal static class DiskThreads
{
    // As many flushes as a disk usefully has under way.
    private const int Count = 8;

    // Waiting by a monitor: what waits by a semaphore, such as a BlockingCollection, first turns in circles, which costs a fifth of a publish.
    private static readonly object Turn = new();
    private static readonly Queue<Action> Waiting = new();
    private static bool _started;

    public static Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellation);
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception fault)
            {
                done.SetException(fault);
            }
        });
        return done.Task;
    }

    private static void Add(Action work)
    {
        lock (Turn)
        {
            Waiting.Enqueue(work);
            Monitor.Pulse(Turn);
            if (_started)
                return;
            _started = true;
            for (var number = 0; number < Count; number++)
                new Thread(Run) { IsBackground = true, Name = "disk" }.Start();
        }
    }

    private static void Run()
    {
        while (true)
            Next()();
    }

    private static Action Next()
    {
        lock (Turn)
        {
            Action? work;
            while (!Waiting.TryDequeue(out work))
                Monitor.Wait(Turn);
            return work;
        }
    }
}
