using System.Runtime.CompilerServices;
using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Builds;
using Claimed.Registry.Http;
using Microsoft.Extensions.Options;
using Semver;

namespace Claimed.Registry.Publish;

/// <summary>What became of one component of a library.</summary>
/// <param name="Refusal">Why it was refused; the rest is then meaningless.</param>
public sealed record Seeded(string Name, SemVersion? Version, bool IsNew, string? Refusal)
{
    /// <summary>What went wrong in the registry, when it is not the component's fault.</summary>
    public Exception? Fault { get; init; }
}

/// <summary>A folder of components, <c>category/name/files</c>, published into the namespace <c>claimed</c>. The same folder again changes nothing.</summary>
public sealed class Library(Publisher publisher, UploadMemory memory, IOptions<PublishOptions> limits)
{
    /// <param name="which">What is built at once: <c>starter</c> (the others wait until somebody asks for them) or <c>all</c>; <c>none</c> publishes nothing.</param>
    public async IAsyncEnumerable<Seeded> PublishAsync(string root, string which, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (which == "none")
            yield break;
        var builds = await LibraryBuilds.ReadAsync(root, which, cancellation);
        foreach (var (place, why) in builds.Problems)
            yield return new Seeded(place, null, false, why);
        foreach (var folder in Directory.EnumerateDirectories(root).SelectMany(Directory.EnumerateDirectories).Order(StringComparer.Ordinal))
            yield return await PublishOneAsync(folder, builds.Of(Path.GetRelativePath(root, folder).Replace(Path.DirectorySeparatorChar, '/')), cancellation);
    }

    private async Task<Seeded> PublishOneAsync(string folder, Deferral? deferral, CancellationToken cancellation)
    {
        var name = Path.GetFileName(folder);
        try
        {
            using var upload = await ReadAsync(folder, cancellation);
            var published = await publisher.PublishAsync(Namespace.Shipped, ComponentName.Slug(name), null, upload, null, cancellation, deferral);
            return new Seeded(published.Name, published.Version, published.IsNew, null);
        }
        catch (RefusedException refused)
        {
            var first = refused.Refusal.Findings?.FirstOrDefault(finding => finding.Severity == Severity.Error);
            return new Seeded(name, null, false, first is null ? refused.Message : $"{first.Position.File}:{first.Position.Line}: {first.Message} {first.Fix}");
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested)
        {
            // A full disk ends neither the registry, which still serves what it has, nor the rest of the library.
            return new Seeded(name, null, false, "it could not be stored; the next time tries again.") { Fault = fault };
        }
    }

    private async Task<Upload> ReadAsync(string folder, CancellationToken cancellation)
    {
        var share = memory.Begin();
        var files = new UploadFiles(limits.Value, share);
        try
        {
            await AddAsync(folder, files, cancellation);
            // A library has no one to ask: what breaks callers takes the next major, which none of them moves to by itself.
            return new Upload(files.ToList(unwrap: false), new PublishFields { Breaking = PublishFields.AllowBreaking }, share);
        }
        catch
        {
            share.Dispose();
            throw;
        }
    }

    private static async Task AddAsync(string folder, UploadFiles files, CancellationToken cancellation)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            await using var content = File.OpenRead(path);
            var executable = !OperatingSystem.IsWindows() && File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute);
            await files.AddAsync(Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'), content, executable, null, cancellation);
        }
    }
}
