using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Claimed.Database;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Faults.Engine;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Faults;

/// <summary>
/// What must hold after any fault, whoever was hit by it. Looks at rows, files and answers, and tells everything that is wrong; what a
/// digest names is read and hashed once, because files under a digest never change.
/// </summary>
public sealed class Invariants(RegistryProcess registry, Store store)
{
    private readonly HashSet<string> _sound = new(StringComparer.Ordinal);
    private readonly HashSet<string> _pulled = new(StringComparer.Ordinal);

    /// <summary>Acknowledged versions that were looked for.</summary>
    public int Looked { get; private set; }

    public List<string> Lost { get; } = [];

    public List<string> Stuck { get; } = [];

    public List<string> Broken { get; } = [];

    /// <summary>True when nothing was wrong.</summary>
    public bool Hold => Lost.Count + Stuck.Count + Broken.Count == 0;

    public override string ToString() =>
        string.Join('\n', [.. Lost.Select(line => "lost: " + line), .. Stuck.Select(line => "stuck: " + line), .. Broken.Select(line => "broken: " + line)]);

    /// <summary>Waits until every version has ended, at most <paramref name="limit"/>; those that did not are stuck.</summary>
    public async Task SettleAsync(TimeSpan limit)
    {
        var began = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            await using var db = store.Open(registry);
            var open = await db.Versions.Where(version => version.State == VersionState.Queued || version.State == VersionState.Building)
                .Select(version => $"{version.Component!.Name} {version.Number} is {version.State}: {version.Builds.OrderBy(build => build.Id).Last().Reason}").ToListAsync();
            if (open.Count == 0)
                return;
            if (Stopwatch.GetElapsedTime(began) > limit)
            {
                Stuck.AddRange(open);
                return;
            }
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Checks everything. <paramref name="attempts"/> are the publishes whose answers are to be kept.</summary>
    public async Task CheckAsync(IEnumerable<Attempt> attempts, Func<string, bool>? isTrueReason = null)
    {
        await using var db = store.Open(registry);
        await CheckSerialsAsync(db);
        await CheckVersionsAsync(db, isTrueReason ?? (_ => false));
        await CheckBlobsAsync(db);
        CheckFiles();
        await CheckTagsAsync(db);
        Broken.AddRange(await VersionImages.WrongAsync(db));
        await CheckCountsAsync(db);
        foreach (var attempt in attempts)
            await CheckAttemptAsync(attempt);
    }

    /// <summary>Waits until housekeeping has had its time, and looks for what builds of the registry have left at an engine.</summary>
    public async Task CheckEngineAsync(ITestEngine engine)
    {
        using var leftovers = new EngineLeftovers(engine, registry);
        Broken.AddRange((await leftovers.AfterHousekeepingAsync()).Select(left => $"left at {engine.Name}: {left}"));
    }

    private async Task CheckSerialsAsync(RegistryContext db)
    {
        var head = await db.EventHeads.Select(row => row.Serial).SingleAsync();
        var serials = await db.Events.OrderBy(row => row.Serial).Select(row => row.Serial).ToListAsync();
        if (!serials.SequenceEqual(serials.Select((_, index) => index + 1L)) || head != serials.Count)
            Broken.Add($"the serials of events are not 1 to {head}: there are {serials.Count}");
    }

    private async Task CheckVersionsAsync(RegistryContext db, Func<string, bool> isTrueReason)
    {
        var rows = await db.Versions.Include(row => row.Builds).Include(row => row.Renditions).Include(row => row.Component!.Namespace).AsSplitQuery().ToListAsync();
        foreach (var row in rows)
        {
            var what = $"{row.Component!.Namespace!.Name}/{row.Component.Name} {row.Number}";
            var build = row.Builds.MaxBy(build => build.Id);
            var isRight = row.State switch
            {
                VersionState.Ready => row.Image is not null && row.Renditions.Count >= 3 && build?.State is null or BuildState.Succeeded,
                VersionState.Failed => build is { State: BuildState.Failed or BuildState.Cancelled } && row.Reason is { } reason && isTrueReason(reason),
                VersionState.Building => build is { State: BuildState.Building, Holder: not null },
                _ => build is { State: BuildState.Queued },
            };
            if (!isRight)
                Broken.Add($"{what} is {row.State} ({row.Reason}), its build {build?.State} ({build?.Reason}), with {row.Renditions.Count} renditions");
            if (row is { State: VersionState.Ready, Image: { } image, ImageDigest: { } digest } && image.StartsWith($"127.0.0.1:{registry.Port}/", StringComparison.Ordinal))
                await PullAsync(image[(image.IndexOf('/') + 1)..image.IndexOf('@')], digest);
        }
    }

    /// <summary>Every digest that a row names is a file with that content.</summary>
    private async Task CheckBlobsAsync(RegistryContext db)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        named.UnionWith(await db.Versions.Select(row => row.BundleBlob).ToListAsync());
        named.UnionWith(await db.Renditions.Select(row => row.Digest).ToListAsync());
        named.UnionWith((await db.Builds.Select(row => row.LogBlob).ToListAsync()).OfType<string>());
        named.UnionWith((await db.Builds.Select(row => row.DockerfileBlob).ToListAsync()).OfType<string>());
        named.UnionWith(await db.RepositoryBlobs.Select(row => row.Digest).ToListAsync());
        named.UnionWith(await db.Manifests.Select(row => row.Digest).ToListAsync());
        foreach (var digest in named.Where(digest => !File.Exists(FileOf(digest))))
            Broken.Add($"a row names {digest}, which is no file");
        var dangling = await db.ImageReferences.Where(reference =>
            !db.RepositoryBlobs.Any(blob => blob.RepositoryId == reference.RepositoryId && blob.Digest == reference.Digest)
            && !db.Manifests.Any(manifest => manifest.RepositoryId == reference.RepositoryId && manifest.Digest == reference.Digest)).CountAsync();
        if (dangling > 0)
            Broken.Add($"{dangling} references of manifests lead nowhere");
    }

    /// <summary>A namespace counts what its repositories hold.</summary>
    private async Task CheckCountsAsync(RegistryContext db)
    {
        var repositories = await db.Repositories.ToDictionaryAsync(row => row.Id, row => row.Name.Split('/')[0]);
        var held = (await db.RepositoryBlobs.Select(row => new { row.RepositoryId, row.Digest, row.Size }).ToListAsync())
            .Concat(await db.Manifests.Select(row => new { row.RepositoryId, row.Digest, row.Size }).ToListAsync()).ToLookup(row => repositories[row.RepositoryId]);
        foreach (var space in await db.Namespaces.ToListAsync())
        {
            var (bytes, count) = (held[space.Name].DistinctBy(row => row.Digest).Sum(row => row.Size), held[space.Name].Select(row => row.RepositoryId).Distinct().LongCount());
            if ((bytes, count) != (space.UsedBytes, space.UsedRepositories))
                Broken.Add($"{space.Name} counts {space.UsedBytes} bytes in {space.UsedRepositories} repositories and holds {bytes} in {count}");
        }
    }

    /// <summary>No half file has the name of a whole one, whether a row knows it or not.</summary>
    private void CheckFiles()
    {
        var folder = Path.Combine(registry.DataPath, "blobs");
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var digest = "sha256:" + Path.GetFileName(file);
            if (!_sound.Contains(digest) && Digest.Of(File.ReadAllBytes(file)) != digest)
                Broken.Add($"the file of {digest} has other content");
            _sound.Add(digest);
        }
        foreach (var file in Directory.EnumerateFiles(registry.DataPath))
        {
            if (Path.GetFileName(file) is not ("lock" or "blobs.lock" or "collect.lock" or "registry.db" or "registry.db-wal" or "registry.db-shm" or "admin-token"))
                Broken.Add($"{Path.GetFileName(file)} was left in the data folder");
        }
    }

    private async Task CheckTagsAsync(RegistryContext db)
    {
        var repositories = await db.Repositories.ToDictionaryAsync(row => row.Id, row => row.Name);
        var tags = (await db.Tags.ToListAsync()).ToDictionary(row => (repositories[row.RepositoryId], row.Name), row => row.ManifestDigest);
        var components = await db.Components.Include(row => row.Namespace).Include(row => row.Versions).Include(row => row.Channels).AsSplitQuery().ToListAsync();
        foreach (var component in components)
        {
            var repository = $"{component.Namespace!.Name}/{component.Name}";
            var own = component.Versions.Where(row => row.State == VersionState.Ready && row.Image!.Contains($"/{repository}@", StringComparison.Ordinal)).ToList();
            foreach (var version in own)
                Expect(version.Number, version.ImageDigest!);
            var highest = own.Where(row => !SemVersion.Parse(row.Number).IsPrerelease).MaxBy(row => SemVersion.Parse(row.Number), SemVersion.PrecedenceComparer);
            if (highest is not null && component.Channels.TrueForAll(channel => channel.Name != "latest"))
                Expect("latest", highest.ImageDigest!);
            foreach (var channel in component.Channels)
            {
                if (own.Find(row => row.Id == channel.VersionId) is { } meant)
                    Expect(channel.Name, meant.ImageDigest!);
            }

            void Expect(string tag, string digest)
            {
                if (tags.GetValueOrDefault((repository, tag)) != digest)
                    Broken.Add($"the tag {repository}:{tag} is {tags.GetValueOrDefault((repository, tag)) ?? "absent"} instead of {digest}");
            }
        }
        var ended = (await db.Builds.Where(row => row.EndedAt != null).Select(row => row.Id).ToListAsync()).ToHashSet();
        foreach (var (repository, tag) in tags.Keys.Where(key => key.Name.StartsWith("build-", StringComparison.Ordinal) && ended.Contains(long.Parse(key.Name.Split('-')[1]))))
            Broken.Add($"the tag {repository}:{tag} of a build that has ended is still there");
    }

    private async Task CheckAttemptAsync(Attempt attempt)
    {
        if (attempt.IsAcknowledged)
        {
            Looked++;
            var answer = await registry.Anonymous.SendAsync(HttpMethod.Get, attempt.Path);
            if (answer.Status != HttpStatusCode.OK || answer["bundleDigest"] != attempt.Bundle)
                Lost.Add($"{attempt.Path}: {(int)answer.Status} {answer["bundleDigest"]} instead of {attempt.Bundle}");
            else if (answer["state"] == VersionState.Ready)
                await CheckFormsAsync(answer);
            return;
        }
        // Nobody knows whether it went through; sending it again must give it, once.
        var again = await registry.Admin.PublishAsync(attempt);
        if (!again.IsAcknowledged)
            Broken.Add($"{attempt.Path}: no answer when it was published again");
    }

    private async Task CheckFormsAsync(Answer version)
    {
        foreach (var form in (string[])["component.yaml", "elyra.yaml", "operator.py", "bundle"])
        {
            var path = $"/api/v1/components/{version["namespace"]}/{version["name"]}/versions/{version["version"]}/{form}";
            var answer = await registry.Anonymous.SendAsync(HttpMethod.Get, path);
            if (answer.Status != HttpStatusCode.OK || answer.ETag != $"\"{Digest.Of(answer.Bytes)}\"")
                Broken.Add($"{path}: {(int)answer.Status}, {answer.Bytes.Length} bytes, {answer.ETag}");
        }
    }

    /// <summary>Manifest and everything it names, over HTTP as a client does.</summary>
    private async Task PullAsync(string repository, string digest)
    {
        if (!_pulled.Add($"{repository}@{digest}"))
            return;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v2/{repository}/manifests/{digest}");
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        using var message = await registry.Anonymous.SendAsync(request);
        var manifest = await Answer.ReadAsync(message);
        if (manifest.Status != HttpStatusCode.OK || Digest.Of(manifest.Bytes) != digest)
        {
            Broken.Add($"{repository}@{digest}: {(int)manifest.Status} {manifest.Text}");
            return;
        }
        var json = JsonDocument.Parse(manifest.Bytes).RootElement;
        foreach (var blob in json.GetProperty("layers").EnumerateArray().Prepend(json.GetProperty("config")).Select(part => part.GetProperty("digest").GetString()!))
        {
            var answer = await registry.Anonymous.SendAsync(HttpMethod.Get, $"v2/{repository}/blobs/{blob}");
            if (answer.Status != HttpStatusCode.OK || Digest.Of(answer.Bytes) != blob)
                Broken.Add($"{repository}@{digest}: its blob {blob} gave {(int)answer.Status}, {answer.Bytes.Length} bytes");
        }
    }

    private string FileOf(string digest) => Path.Combine(registry.DataPath, "blobs", "sha256", digest[7..9], digest[7..]);
}
