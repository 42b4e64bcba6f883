namespace Claimed.Registry.Storage;

/// <summary>
/// A line of works that share commits: while one commit is under way the next works gather, and go together. Who comes alone goes at once.
/// </summary>
/// <param name="gate">Held by whoever writes, where there may be one alone.</param>
/// <param name="commitAsync">Runs works in one transaction, answers those that are done with, and returns those that are to be run again.</param>
internal sealed class SharedCommits(SemaphoreSlim? gate, Func<IReadOnlyList<SharedWork>, Task<IReadOnlyList<SharedWork>>> commitAsync)
{
    /// <summary>PostgreSQL keeps 64 subtransactions of a session at hand; with more every reader becomes slower.</summary>
    private const int Most = 32;

    private readonly Lock _turn = new();
    private readonly Queue<SharedWork> _waiting = new();
    private bool _isRunning;

    public Task<T> RunAsync<T>(SharedWork<T> work)
    {
        lock (_turn)
        {
            _waiting.Enqueue(work);
            if (_isRunning)
                return work.Result;
            _isRunning = true;
        }
        // Unsafe: not in the name of whoever came first.
        ThreadPool.UnsafeQueueUserWorkItem(static line => _ = line.RunAsync(), this, preferLocal: false);
        return work.Result;
    }

    private async Task RunAsync()
    {
        List<SharedWork> works = [];
        try
        {
            do
            {
                if (gate is not null)
                    await gate.WaitAsync();
                try
                {
                    works = Take();
                    var again = works.Count == 0 ? [] : await commitAsync(works);
                    lock (_turn)
                    {
                        foreach (var work in again)
                            _waiting.Enqueue(work);
                    }
                }
                finally
                {
                    gate?.Release();
                }
            }
            while (works.Count > 0);
        }
        catch (Exception fault)
        {
            // Nobody may wait for ever; who comes after them begins anew.
            foreach (var work in works.Concat(TakeAll()))
                work.Fail(fault);
        }
    }

    private List<SharedWork> TakeAll()
    {
        lock (_turn)
        {
            var works = _waiting.ToList();
            _waiting.Clear();
            _isRunning = false;
            return works;
        }
    }

    private List<SharedWork> Take()
    {
        lock (_turn)
        {
            var works = new List<SharedWork>();
            while (works.Count < Most && _waiting.TryDequeue(out var work))
                works.Add(work);
            _isRunning = works.Count > 0;
            return works;
        }
    }
}

/// <summary>A work in that line, with whoever it is done for.</summary>
/// <param name="order">What it holds, such as a repository: works of one transaction take theirs in this order, so that two of them never wait in a circle.</param>
internal abstract class SharedWork(string order, CancellationToken cancellation)
{
    private readonly ExecutionContext? _flow = ExecutionContext.Capture();

    public string Order => order;

    public Actor Actor { get; } = Actor.Current;

    /// <summary>How often it met another transaction.</summary>
    public int Meetings { get; set; }

    /// <summary>What its last run wants to write; null when that run left nothing.</summary>
    public Change? Change { get; set; }

    /// <summary>Runs it in the name of its caller, unless that one may not any more, or has gone.</summary>
    public async Task RunAsync(Change change)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Actor.Refuses?.Invoke() is { } refusal)
            throw new Http.RefusedException(refusal);
        var running = Task.CompletedTask;
        if (_flow is null)
            running = WorkAsync(change);
        else
            ExecutionContext.Run(_flow, _ => running = WorkAsync(change), null);
        await running;
    }

    /// <summary>Does the work and remembers its result.</summary>
    protected abstract Task WorkAsync(Change change);

    public abstract void Succeed();

    public abstract void Fail(Exception fault);
}

/// <inheritdoc cref="SharedWork"/>
internal sealed class SharedWork<T>(string order, Func<Change, Task<T>> work, CancellationToken cancellation) : SharedWork(order, cancellation)
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Result => _done.Task;

    protected override async Task WorkAsync(Change change) => _result = await work(change);

    public override void Succeed() => _done.TrySetResult(_result!);

    public override void Fail(Exception fault)
    {
        if (fault is OperationCanceledException)
            _done.TrySetCanceled();
        else
            _done.TrySetException(fault);
    }
}
