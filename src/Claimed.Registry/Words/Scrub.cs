using System.Diagnostics;
using System.Globalization;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Words;

/// <summary><c>scrub</c>: reads every blob again and says which are damaged or missing, and what they belong to.</summary>
public static class Scrub
{
    private const string Quarantine = "quarantine";
    private const string Rate = "rate";
    private const long Mebibyte = 1 << 20;

    public static Word Word { get; } = new("scrub", "read every blob again; 1 when any is damaged or missing", RunAsync) { Options = [$"--{Quarantine}", $"--{Rate}=100"] };

    private static async Task<int> RunAsync(WordCall call)
    {
        await using var app = OneTime.Build(call);
        var rate = 100L;
        if (call.Options.TryGetValue(Rate, out var text) && !(long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out rate) && rate is > 0 and < 1_000_000))
            throw new OptionsValidationException(Rate, typeof(Scrub), [$"--{Rate} is \"{text}\": give the mebibytes to read in a second."]);
        if (!await OneTime.HasSchemaAsync(app))
            return 1;
        // A serving registry beside this one comes first.
        using (var self = Process.GetCurrentProcess())
            self.PriorityClass = ProcessPriorityClass.BelowNormal;
        var blobs = app.Services.GetRequiredService<IBlobStore>();
        var clock = app.Services.GetRequiredService<TimeProvider>();
        var (count, bytes, damaged) = await ReadAllAsync(blobs, rate * Mebibyte, clock, call.Options.ContainsKey(Quarantine));
        var owners = await OwnersAsync(app.Services.GetRequiredService<RegistryDatabase>(), blobs, damaged);
        foreach (var (digest, owned) in owners.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            Console.WriteLine($"{damaged.GetValueOrDefault(digest, "missing"),-10} {digest} {(owned.Count == 0 ? "no row names it" : string.Join(", ", owned))}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} blobs, {bytes} bytes read: {damaged.Count} damaged, {owners.Count - damaged.Count} missing."));
        return owners.Count == 0 ? 0 : 1;
    }

    /// <summary>Reads one blob after the other in small pieces; returns what is wrong by digest.</summary>
    private static async Task<(int Count, long Bytes, Dictionary<string, string> Damaged)> ReadAllAsync(IBlobStore blobs, long rate, TimeProvider clock, bool quarantine)
    {
        var (count, bytes) = (0, 0L);
        var damaged = new Dictionary<string, string>(StringComparer.Ordinal);
        var began = clock.GetTimestamp();
        await foreach (var listed in blobs.ListAsync(CancellationToken.None))
        {
            // As it is just before it is read: one that is mended or collected meanwhile is not what was read.
            while (await blobs.FindAsync(listed.Digest, CancellationToken.None) is { } seen)
            {
                count++;
                var wrong = await blobs.CheckAsync(seen.Digest, PaceAsync, CancellationToken.None);
                if (wrong is null)
                    break;
                if (quarantine ? !await blobs.QuarantineAsync(seen, CancellationToken.None) : !seen.IsStill(await blobs.FindAsync(seen.Digest, CancellationToken.None)))
                    continue;
                damaged[seen.Digest] = wrong;
                break;
            }
        }
        return (count, bytes, damaged);

        async Task PaceAsync(int read)
        {
            bytes += read;
            var ahead = TimeSpan.FromSeconds((double)bytes / rate) - clock.GetElapsedTime(began);
            if (ahead > TimeSpan.FromMilliseconds(20))
                await Task.Delay(ahead, clock);
        }
    }

    /// <summary>What the damaged ones belong to, and the blobs that rows name and the store has not.</summary>
    private static async Task<Dictionary<string, List<string>>> OwnersAsync(RegistryDatabase database, IBlobStore blobs, Dictionary<string, string> damaged)
    {
        var owners = damaged.Keys.ToDictionary(digest => digest, _ => new List<string>(), StringComparer.Ordinal);
        var missing = await LookAsync(async digest => !damaged.ContainsKey(digest) && await blobs.FindAsync(digest, CancellationToken.None) is null);
        // A row may have gone with its blob while the first look was under way.
        var still = missing.Count == 0 ? missing : await LookAsync(async digest => missing.ContainsKey(digest) && await blobs.FindAsync(digest, CancellationToken.None) is null);
        foreach (var (digest, owned) in still.Concat(damaged.Count == 0 ? [] : await LookAsync(digest => new(damaged.ContainsKey(digest)))))
            owners[digest] = owned;
        return owners;

        Task<Dictionary<string, List<string>>> LookAsync(Func<string, ValueTask<bool>> isLost) => database.ReadAsync(async db =>
        {
            var found = new Dictionary<string, List<string>>(StringComparer.Ordinal);
            await foreach (var named in NamedBlobs.ListAsync(db, CancellationToken.None))
            {
                if (!await isLost(named.Digest))
                    continue;
                if (!found.TryGetValue(named.Digest, out var owned))
                    found[named.Digest] = owned = [];
                owned.Add(named.Owner);
            }
            return found;
        }, CancellationToken.None);
    }
}
