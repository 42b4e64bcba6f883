using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images.Proxies;

/// <summary>
/// Makes the namespaces of proxies at start: a first pull, which may be anonymous, could not. One that was there before may hold what people
/// pushed, which a proxy would take for its own: it stays as it is, and hands nothing on.
/// </summary>
public sealed partial class ProxyNamespaces(
    ImageProxies proxies, RegistryDatabase database, TemporaryFiles temporary, Readiness readiness, IOptions<ImageOptions> options, TimeProvider clock, ILogger<ProxyNamespaces> logger) : BackgroundService
{
    private const string Created = "namespace.created";
    private const string Mark = "\"proxyOf\":";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (proxies.All.Count == 0)
            return;
        temporary.DropUnheld(ProxyOptions.Temporary);
        await readiness.Loaded.WaitAsync(stoppingToken);
        foreach (var proxy in proxies.All)
        {
            var isOwn = await MakeAsync(proxy, stoppingToken);
            proxy.Settle(isOwn);
            if (!isOwn)
                LogTaken(logger, proxy.Options.Namespace, proxy.Options.Upstream);
        }
    }

    private async Task<bool> MakeAsync(ImageProxy proxy, CancellationToken stopping)
    {
        var space = proxy.Options.Namespace;
        while (true)
        {
            try
            {
                return await database.ChangeAsync(async change =>
                {
                    if (!await change.UseNamespaceAsync(space))
                        return await change.Db.Events.AnyAsync(row => row.Kind == Created && row.Subject == space && row.Payload.Contains(Mark), stopping);
                    // What an account sees is not for everyone until somebody says so.
                    if (ImageProxies.UpstreamOf(proxy.Options, options.Value) is { Username.Length: > 0 })
                        await change.Db.Database.ExecuteSqlAsync($"""UPDATE namespaces SET "IsPrivate" = {true} WHERE "Name" = {space}""", stopping);
                    change.Tell(Created, space, new { proxyOf = proxy.Options.Upstream });
                    return true;
                }, stopping);
            }
            catch (Exception fault) when (StorageFaults.MayPass(fault))
            {
                // Readiness tells of the database; this waits until it is back.
                await Task.Delay(Pause, clock, stopping);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The namespace {Namespace} was there before Images__Proxies named it, so it hands on nothing of {Host}: what people pushed there would be taken for copies. Give Images__Proxies another name.")]
    private static partial void LogTaken(ILogger logger, string @namespace, string host);
}
