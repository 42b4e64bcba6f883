using System.Globalization;
using Claimed.Registry.Builds;
using Claimed.Registry.Images;
using Claimed.Registry.Images.Proxies;
using Claimed.Registry.Reads;
using Claimed.Registry.Storage;
using Claimed.Registry.Versions;
using Claimed.Registry.Wheels;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Words;

/// <summary><c>gc</c>: removes what nobody needs and nobody has touched for the grace period.</summary>
public static class Gc
{
    private const string DryRun = "dry-run";
    private const string Grace = "grace";

    public static Word Word { get; } = new("gc", "remove what no version, tag or upload needs", RunAsync) { Options = [$"--{DryRun}", $"--{Grace}=1.00:00:00"] };

    private static async Task<int> RunAsync(WordCall call)
    {
        await using var app = OneTime.Build(call);
        var grace = app.Services.GetRequiredService<IOptions<CollectionOptions>>().Value.CollectGrace;
        if (call.Options.TryGetValue(Grace, out var text) && !(TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out grace) && grace >= CollectionOptions.LeastGrace))
            throw new OptionsValidationException(Grace, typeof(CollectionOptions),
                [$"--{Grace} is \"{text}\": write days.hours:minutes:seconds, such as 1.00:00:00, and at least 00:01:00, or what is being published would be collected."]);
        if (!await OneTime.HasSchemaAsync(app))
            return 1;
        var countOnly = call.Options.ContainsKey(DryRun);
        var collected = await app.Services.GetRequiredService<GarbageCollection>().RunAsync(grace, countOnly, CancellationToken.None);
        if (collected is null)
        {
            await Console.Error.WriteLineAsync("A collection is under way already.");
            return 1;
        }
        foreach (var kind in collected)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind.Count,8} {kind.Kind}{(kind.Bytes > 0 ? $", {kind.Bytes} bytes" : "")}"));
        Console.WriteLine(countOnly ? "Nothing was removed." : "Removed.");
        return 0;
    }
}

/// <summary>One collection over all that the registry stores. Rows go first, so that what they named goes with them.</summary>
public sealed class GarbageCollection(
    VersionExpiry expiry, BuildLeftovers builds, UnusedTags tags, TagRetention retention, ImageCollection images, WheelCollection wheels, BlobCollection blobs, UploadSessions uploads, ReadDays reads, DatabaseLocks locks,
    IOptions<RegistryOptions> registry, TimeProvider clock)
{
    /// <summary>Its time says when the last collection began, for all processes on this folder.</summary>
    public string LockFile => Path.Combine(registry.Value.DataPath, "collect.lock");

    /// <summary>Null when another collection is under way, in whichever process.</summary>
    public async Task<IReadOnlyList<Collected>?> RunAsync(TimeSpan grace, bool countOnly, CancellationToken cancellation)
    {
        using var alone = TryTake();
        if (alone is null)
            return null;
        // Nodes that share no folder share the database.
        await using var only = await locks.TryTakeAsync("collection", cancellation);
        if (only is null)
            return null;
        var now = clock.GetUtcNow();
        if (!countOnly)
            File.SetLastWriteTimeUtc(LockFile, now.UtcDateTime);
        return
        [
            // An upload may be gone on with for as long as its setting says, whatever the grace.
            await uploads.ExpireAsync(countOnly, cancellation),
            await expiry.CollectAsync(countOnly, cancellation),
            .. await builds.CollectAsync(now - grace, countOnly, cancellation),
            await tags.CollectAsync(countOnly, cancellation),
            await retention.CollectAsync(countOnly, cancellation),
            .. await images.CollectAsync(now - grace, countOnly, cancellation),
            await wheels.CollectAsync(now - grace, countOnly, cancellation),
            await blobs.CollectAsync(now - grace, countOnly, cancellation),
            await reads.CollectAsync(countOnly, cancellation),
        ];
    }

    private FileStream? TryTake()
    {
        try
        {
            return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault) when (FileHold.IsHeldByAnother(fault))
        {
            return null;
        }
    }
}
