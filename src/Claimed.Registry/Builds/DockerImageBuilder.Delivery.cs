using System.Net;
using System.Text.Json;
using Claimed.Registry.Builds.Engine;
using Docker.DotNet;

namespace Claimed.Registry.Builds;

/// <content>How images leave the engine.</content>
public sealed partial class DockerImageBuilder
{
    public async Task<string?> PushAsync(BuildJob job, PushAccount account, Action<string> log, CancellationToken cancellation)
    {
        if (job.PushedAs is not { } name)
            return await PushAsync(job.Reference, account, log, cancellation);
        // Housekeeping knows a build's images by the names that builds alone give.
        await NameAsync(job.Reference, name, cancellation);
        try
        {
            return await PushAsync(name, account, log, cancellation);
        }
        finally
        {
            using var limit = new CancellationTokenSource(CheckLimit, _clock);
            await ForgetAsync(name, limit.Token);
        }
    }

    private async Task<string?> PushAsync(string name, PushAccount account, Action<string> log, CancellationToken cancellation)
    {
        var colon = name.LastIndexOf(':');
        var host = name[..name.IndexOf('/')];
        // Docker speaks plain HTTP with this machine by itself, Podman when it is told.
        var plain = _isPodman && IsLoopback(host) ? "&tlsVerify=false" : "";
        var watch = new BuildOutput(log);
        await using (var alive = _isPodman ? WatchSilent(log, cancellation) : Watch(cancellation))
        {
            await alive.GuardAsync(() => CallAsync(() => _engine.FollowAsync($"images/{name[..colon]}/push?tag={name[(colon + 1)..]}{plain}", null,
                AuthOf(account, host), watch.Report, alive.Token)));
        }
        if (watch.Error is not { } error)
            return watch.Pushed;
        var reason = $"The engine could not push the image to {host}: {error}";
        throw EngineFaults.OfPush(error) == EngineVerdict.Fails ? new BuildFailedException(reason) : new EngineUnavailableException(reason) { IsFull = EngineFaults.IsFull(error) };
    }

    private EngineWatch Watch(CancellationToken cancellation) => new(token => _client.System.PingAsync(token), _clock, cancellation);

    /// <summary>For a transfer of which the engine tells nothing: it counts as moving while the engine answers, and the time of the whole build bounds it.</summary>
    private EngineWatch WatchSilent(Action<string> log, CancellationToken cancellation)
    {
        var interval = _options.IdleTimeout / 2;
        return new EngineWatch(async token =>
        {
            await _client.System.PingAsync(token);
            log("");
        }, _clock, cancellation, interval < CheckLimit ? interval : CheckLimit);
    }

    /// <summary>Takes a name away that an image has beside another. Where the engine is gone, housekeeping does it later.</summary>
    private async Task ForgetAsync(string name, CancellationToken cancellation)
    {
        try
        {
            await new StepImages(_client, _mark).TryRemoveAsync(name, cancellation);
        }
        catch (Exception fault) when (fault is DockerApiException or OperationCanceledException || IsConnectionFault(fault))
        {
            LogNotForgotten(_logger, name, fault.Message);
        }
    }

    public async Task<Stream> SaveAsync(BuildJob job, CancellationToken cancellation)
    {
        Stream? archive = null;
        await CallAsync(async () => archive = await _engine.OpenAsync($"images/{job.Reference}/get", cancellation));
        return archive!;
    }

    /// <summary>An account as engines take it.</summary>
    private static string AuthOf(PushAccount account, string host) =>
        Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new { username = account.Username, password = account.Password, serveraddress = host })).Replace('+', '-').Replace('/', '_');

    private static bool IsLoopback(string host) =>
        host.Split(':')[0] is "localhost" || (IPAddress.TryParse(host.Split(':')[0], out var address) && IPAddress.IsLoopback(address));

    [LoggerMessage(Level = LogLevel.Information, Message = "The engine keeps the name {Name}: {Reason}")]
    private static partial void LogNotForgotten(ILogger logger, string name, string reason);
}
