using System.Runtime.CompilerServices;
using Claimed.Components;
using Claimed.Components.Sources;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Publish.Libraries;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.Extensions.Options;
using Semver;

namespace Claimed.Registry.Publish;

/// <summary>What became of one component of a library.</summary>
/// <param name="Refusal">Why it was refused; there is no version then.</param>
public sealed record Seeded(string Name, SemVersion? Version, bool IsNew, string? Refusal)
{
    /// <summary>Its folder, or its source, below the folder of the library.</summary>
    public string Path { get; init; } = "";

    /// <summary>That without the ending of a source, as <c>starter.txt</c> and <c>--only</c> name it.</summary>
    public string Place { get; init; } = "";

    /// <summary>All that was found in its files.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>What went wrong in the registry, when it is not the component's fault.</summary>
    public Exception? Fault { get; init; }
}

/// <summary>What of a library is published, and how.</summary>
public sealed record LibraryChoice
{
    /// <summary>The namespace.</summary>
    public string Space { get; init; } = Namespace.Shipped;

    /// <summary><c>starter</c>, <c>all</c> or <c>none</c>.</summary>
    public string Which { get; init; } = "starter";

    /// <summary>The only ones, by place (<c>category/name</c>) or name; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    public static bool IsMeant(string wanted, string place, string path, string name) => wanted == place || wanted == path || wanted == name;

    /// <summary>Says what would be done, against the catalog in memory, and stores nothing.</summary>
    public bool IsDryRun { get; init; }
}

/// <summary>A folder of components, ordered as <see cref="LibraryFolder"/> says, published into one namespace. The same folder again changes nothing.</summary>
internal sealed class Library(Publisher publisher, Validation validation, UploadMemory memory, SnapshotFeed feed, IOptions<PublishOptions> limits)
{
    /// <summary>One run over a folder.</summary>
    private sealed record Run(string Root, LibraryChoice Choice, GitCheckout? Checkout, LibraryBuilds Builds);

    public async IAsyncEnumerable<Seeded> PublishAsync(string folder, LibraryChoice choice, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (choice.Which == "none")
            yield break;
        var root = LinkTargets.Real(Path.GetFullPath(folder)) ?? folder;
        var run = new Run(root, choice, await GitCheckout.OfAsync(root, cancellation), await LibraryBuilds.ReadAsync(root, choice.Which, cancellation));
        foreach (var (place, why) in run.Builds.Problems)
            yield return new Seeded(place, null, false, why) { Path = place, Place = place };
        foreach (var one in await NamedAsync(root, cancellation))
        {
            if (choice.Only.Count == 0 || choice.Only.Any(wanted => LibraryChoice.IsMeant(wanted, one.Entry.Place, one.Entry.Path, one.Name)))
                yield return await PublishOneAsync(run, one, cancellation);
        }
    }

    /// <summary>All components of the library, for a choice must not change what one is called. Sources that lie among others are read for it.</summary>
    private async Task<IReadOnlyList<NamedEntry>> NamedAsync(string root, CancellationToken cancellation)
    {
        var found = new List<(LibraryEntry, string)>();
        foreach (var entry in LibraryFolder.Find(root))
            found.Add((entry, entry.Name ?? await NameOfAsync(entry, cancellation)));
        return LibraryNames.Settle(found);
    }

    private async Task<string> NameOfAsync(LibraryEntry entry, CancellationToken cancellation)
    {
        var byFile = ComponentName.FromFileName(entry.Main ?? entry.Path);
        if (entry.Unreadable is not null)
            return byFile;
        try
        {
            using var upload = await ReadAsync(entry, cancellation);
            return SourceReader.Read(upload.Files, upload.Fields.Source).Definition?.Name ?? byFile;
        }
        catch (Exception unread) when (unread is RefusedException or IOException or UnauthorizedAccessException)
        {
            // Publishing it says so.
            return byFile;
        }
    }

    private async Task<Seeded> PublishOneAsync(Run run, NamedEntry named, CancellationToken cancellation)
    {
        var seeded = named switch
        {
            { Entry.Unreadable: { } why } => new Seeded(named.Name, null, false, why),
            { Clash: { Severity: Severity.Error } clash } => new Seeded(named.Name, null, false, $"{clash.Message} {clash.Fix}"),
            _ => await TryAsync(run, named, cancellation),
        };
        return seeded with { Path = named.Entry.Path, Place = named.Entry.Place, Findings = named.Clash is { } shared ? [shared, .. seeded.Findings] : seeded.Findings };
    }

    private async Task<Seeded> TryAsync(Run run, NamedEntry named, CancellationToken cancellation)
    {
        try
        {
            using var read = await ReadAsync(named.Entry, cancellation);
            var upload = run.Checkout is { } checkout && checkout.PathOf(run.Root, named.Entry, read.Files) is { } path
                ? read with { Fields = read.Fields with { Repository = checkout.Repository, Revision = checkout.Revision, Path = path.Length == 0 ? null : path } } : read;
            return run.Choice.IsDryRun ? await ValidateAsync(named.Name, upload, run.Choice, cancellation) : await StoreAsync(named, upload, run, cancellation);
        }
        catch (RefusedException refused)
        {
            return new Seeded(named.Name, null, false, Refusal(refused.Refusal.Findings) ?? refused.Message) { Findings = refused.Refusal.Findings ?? [] };
        }
        catch (Exception closed) when (closed is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return new Seeded(named.Name, null, false, $"a file cannot be read: {closed.Message}");
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested)
        {
            // A full disk ends neither the registry, which still serves what it has, nor the rest of the library.
            return new Seeded(named.Name, null, false, "it could not be stored; the next time tries again.") { Fault = fault };
        }
    }

    private async Task<Seeded> StoreAsync(NamedEntry named, Upload upload, Run run, CancellationToken cancellation)
    {
        var published = await publisher.PublishAsync(run.Choice.Space, named.Name, null, upload, null, cancellation, run.Builds.Of(named.Entry.Place));
        return new Seeded(published.Name, published.Version, published.IsNew, null) { Findings = published.Findings };
    }

    private async Task<Seeded> ValidateAsync(string name, Upload upload, LibraryChoice choice, CancellationToken cancellation)
    {
        var all = new CatalogView(feed.Current, Sight.Everything);
        var valid = await validation.RunAsync(choice.Space, name, upload, null, all, cancellation);
        return new Seeded(valid.Name ?? name, valid.Version, valid is { IsValid: true, IsKnown: false }, valid.IsValid ? null : Refusal(valid.Findings)) { Findings = valid.Findings };
    }

    private static string? Refusal(IReadOnlyList<Finding>? findings) => findings?.FirstOrDefault(finding => finding.Severity == Severity.Error) is { } first
        ? $"{first.Position.File}:{first.Position.Line}: {first.Message} {first.Fix}" : null;

    private async Task<Upload> ReadAsync(LibraryEntry entry, CancellationToken cancellation)
    {
        var share = memory.Begin();
        var files = new UploadFiles(limits.Value, share);
        try
        {
            foreach (var file in entry.Files)
            {
                await using var content = File.OpenRead(file.FullPath);
                var executable = !OperatingSystem.IsWindows() && File.GetUnixFileMode(file.FullPath).HasFlag(UnixFileMode.UserExecute);
                await files.AddAsync(file.Path, content, executable, null, cancellation);
            }
            // A library has no one to ask: what breaks callers takes the next major, which none of them moves to by itself.
            return new Upload(files.ToList(unwrap: false), new PublishFields { Breaking = PublishFields.AllowBreaking, Main = entry.Main, FolderCategory = entry.Category }, share);
        }
        catch
        {
            share.Dispose();
            throw;
        }
    }
}
