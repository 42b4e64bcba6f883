using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Claimed.Registry.Access;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Http;

/// <summary>
/// Answers to reads, by what the reader sees and the URL as it was sent, kept as long as the part of the snapshot they were made from is current: a
/// publisher who got its answer never reads an older one. Two generations bound the memory: when the young one is full it becomes the
/// old one, and what nobody asked for since the last time is dropped; so a flood of URLs costs at most the bound.
/// </summary>
public sealed class ReadCache(IOptions<ReadCacheOptions> options)
{
    // What an entry costs beside its body: objects, header texts, its place in the table.
    private const int Overhead = 1024;
    private const int MaxTarget = 512;
    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<string, Served> _young = new(StringComparer.Ordinal);
    private volatile ConcurrentDictionary<string, Served> _old = new(StringComparer.Ordinal);
    private long _youngBytes;
    private long _oldBytes;

    /// <summary>What is kept now, as it counts against the bound.</summary>
    public long Bytes => Interlocked.Read(ref _youngBytes) + Interlocked.Read(ref _oldBytes);

    public bool TryFind(string target, [NotNullWhen(true)] out Served? answer)
    {
        if (_young.TryGetValue(target, out answer))
            return answer.Until is { IsOver: false };
        if (!_old.TryGetValue(target, out answer) || answer.Until is not { IsOver: false })
            return false;
        Keep(target, answer);
        return true;
    }

    public void Keep(string target, Served answer)
    {
        if (answer.Until is not { IsOver: false } || answer.Bytes.Length > options.Value.MaxAnswerBytes || target.Length > MaxTarget
            || SizeOf(target, answer) > options.Value.MaxBytes / 2)
            return;
        lock (_turn)
        {
            if (_young.TryGetValue(target, out var before))
                _youngBytes -= SizeOf(target, before);
            _young[target] = answer;
            _youngBytes += SizeOf(target, answer);
            if (_youngBytes <= options.Value.MaxBytes / 2)
                return;
            (_old, _oldBytes) = (_young, _youngBytes);
            (_young, _youngBytes) = (new(StringComparer.Ordinal), 0);
        }
    }

    private static long SizeOf(string target, Served answer) => answer.Bytes.Length + 2L * target.Length + Overhead;
}

/// <summary>Where the answer to this request may be kept; endpoints know nothing of it, <see cref="Served"/> looks for it.</summary>
/// <param name="Target">The URL as it was sent, after what the reader sees beside the public.</param>
/// <param name="IsPublic">False when the reader sees more than the public.</param>
internal sealed record KeptPlace(ReadCache Cache, string Target, bool IsPublic);

/// <summary>Puts the cache before everything else: a kept answer passes no routing and no handler.</summary>
public static class ReadCacheSetup
{
    public static void AddReadCache(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ReadCacheOptions>().Bind(configuration.GetSection("ReadCache"));
        services.AddSingleton<ReadCache>();
    }

    public static void UseReadCache(this IApplicationBuilder app)
    {
        var cache = app.ApplicationServices.GetRequiredService<ReadCache>();
        var readers = app.ApplicationServices.GetRequiredService<Readers>();
        app.Use(next => context =>
        {
            var request = context.Request;
            if (!request.IsRead())
                return next(context);
            if (readers.SightOf(context) is not { } sight)
                return next(context);
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            // Two readers who see the same share answers; those who see what is public share them with everyone.
            if (!sight.IsPublic)
                target = $"{sight.Key} {target}";
            if (cache.TryFind(target, out var answer))
                return answer.AnswerAsync(context, isForOne: !sight.IsPublic);
            context.Features.Set(new KeptPlace(cache, target, sight.IsPublic));
            return next(context);
        });
    }
}
