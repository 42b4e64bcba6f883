using System.Diagnostics.CodeAnalysis;
using Claimed.Registry.Access;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Http;

/// <summary>
/// Answers to reads, by what the reader sees and the URL as it was sent, kept as long as the part of the snapshot they were made from is current: a
/// publisher who got its answer never reads an older one.
/// </summary>
public sealed class ReadCache(IOptions<ReadCacheOptions> options)
{
    // What an entry costs beside its body: objects, header texts, its place in the table.
    private const int Overhead = 1024;
    private const int MaxTarget = 512;
    private readonly Generations<IKeptAnswer> _kept = new(options.Value.MaxBytes);

    /// <summary>What is kept now, as it counts against the bound.</summary>
    public long Bytes => _kept.Bytes;

    public bool TryFind(string target, [NotNullWhen(true)] out IKeptAnswer? answer) => _kept.TryFind(target, static known => known.Until is { IsOver: false }, out answer);

    public void Keep(string target, IKeptAnswer answer)
    {
        if (answer.Until is { IsOver: false } && answer.OwnBytes <= options.Value.MaxAnswerBytes && target.Length <= MaxTarget)
            _kept.Keep(target, answer, answer.OwnBytes + 2L * target.Length + Overhead);
    }
}

/// <summary>Where the answer to this request may be kept; endpoints know nothing of it, an <see cref="IKeptAnswer"/> looks for it.</summary>
/// <param name="Target">The URL as it was sent, after what the reader sees beside the public.</param>
/// <param name="Sight">What the reader sees beside the public; empty for nothing.</param>
internal sealed record KeptPlace(ReadCache Cache, string Target, string Sight)
{
    /// <summary>False when the reader sees more than the public.</summary>
    public bool IsPublic => Sight.Length == 0;
}

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
            context.Features.Set(new KeptPlace(cache, target, sight.IsPublic ? "" : sight.Key));
            return next(context);
        });
    }
}
