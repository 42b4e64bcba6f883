using System.Runtime.InteropServices;
using Claimed.Registry.Mirrors;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Words;

/// <summary><c>mirror</c>: follows another registry through its events, and keeps here what it has. Runs beside a serving registry.</summary>
public static class Mirror
{
    private const string From = "from";
    private const string Namespace = "namespace";
    private const string Once = "once";

    public static Word Word { get; } = new("mirror", "follow another registry: its definitions, files and images, verified by digest", RunAsync)
    {
        Options = [$"--{From}=https://registry.example.org", $"--{Namespace}=acme,tools", $"--{Once}"],
    };

    private static async Task<int> RunAsync(WordCall call)
    {
        await using var app = OneTime.Build(call with { Settings = [.. call.Settings, .. SettingsOf(call)] });
        var options = app.Services.GetRequiredService<IOptions<MirrorOptions>>().Value;
        if (options.From.Length == 0)
            throw new OptionsValidationException(From, typeof(MirrorOptions), [$"Say which registry to follow: mirror --{From}=https://registry.example.org, or set Mirror__From."]);
        if (!await OneTime.HasSchemaAsync(app))
            return 1;
        var report = new MirrorReport(Console.WriteLine, Console.Error.WriteLine, app.Services.GetRequiredService<TimeProvider>());
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            return await FollowAsync(app.Services.GetRequiredService<Mirroring>(), options, report, call.Options.ContainsKey(Once), stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.WriteLine("Stopped; the next run goes on from here.");
            return 0;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<int> FollowAsync(Mirroring mirroring, MirrorOptions options, MirrorReport report, bool once, CancellationToken cancellation)
    {
        try
        {
            if (!await (once ? mirroring.OnceAsync(report, cancellation) : mirroring.FollowAsync(report, cancellation)))
            {
                report.Complain($"Another process follows {options.Origin} already.");
                return 1;
            }
        }
        catch (Exception fault) when (fault is OriginAwayException or RefusedCopyException)
        {
            report.Complain(fault.Message);
            return 1;
        }
        Console.WriteLine($"{report.Copied} versions copied, {report.Changed} changes followed, {report.Refused} not copied.");
        return report.Refused == 0 ? 0 : 1;
    }

    private static IEnumerable<string> SettingsOf(WordCall call)
    {
        if (call.Options.TryGetValue(From, out var from))
            yield return $"--Mirror:From={from}";
        foreach (var (index, space) in (call.Options.GetValueOrDefault(Namespace) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Index())
            yield return $"--Mirror:Namespaces:{index}={space}";
    }
}
