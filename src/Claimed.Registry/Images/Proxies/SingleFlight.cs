using System.Collections.Concurrent;

namespace Claimed.Registry.Images.Proxies;

/// <summary>Work that many ask for at once and one does. It belongs to none of them: a caller who goes away does not end it for the others.</summary>
internal sealed class SingleFlight<T>
{
    private readonly ConcurrentDictionary<string, Lazy<Task<T>>> _running = new(StringComparer.Ordinal);

    public Task<T> RunAsync(string key, Func<Task<T>> work) => _running.GetOrAdd(key, _ => new Lazy<Task<T>>(() => StartAsync(key, work))).Value;

    private async Task<T> StartAsync(string key, Func<Task<T>> work)
    {
        try
        {
            // Not in the name of whoever happened to be first, who may be no one: what is done is the registry's own.
            Task<T> running;
            using (ExecutionContext.SuppressFlow())
                running = Task.Run(work);
            return await running;
        }
        finally
        {
            _running.TryRemove(key, out _);
        }
    }
}
