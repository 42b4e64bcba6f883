using System.Diagnostics;

namespace Claimed.Registry.Telemetry;

/// <summary>Spans of the registry's own work. One trace follows a publish to its ready image, over processes and restarts.</summary>
public static class RegistryTraces
{
    public const string SourceName = "Claimed.Registry";

    private static readonly ActivitySource _source = new(SourceName);

    /// <summary>W3C trace context to keep with work that is done later; null when nobody records traces.</summary>
    public static string? Current => _source.HasListeners() ? Activity.Current?.Id : null;

    /// <summary>Begins a span that goes on with a kept trace context, or a trace of its own.</summary>
    public static Activity? Continue(string name, string? traceParent, ActivityKind kind) =>
        _source.StartActivity(name, kind, traceParent is not null && ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent) ? parent : default);

    /// <summary>Runs one step of the current work as a span of its own, which shows how the step failed.</summary>
    public static async Task<T> StepAsync<T>(string name, Func<Task<T>> step)
    {
        using var span = _source.StartActivity(name);
        try
        {
            return await step();
        }
        catch (Exception fault)
        {
            span?.SetStatus(ActivityStatusCode.Error, fault.Message);
            throw;
        }
    }

    /// <inheritdoc cref="StepAsync{T}"/>
    public static Task StepAsync(string name, Func<Task> step) => StepAsync(name, async () =>
    {
        await step();
        return true;
    });
}
