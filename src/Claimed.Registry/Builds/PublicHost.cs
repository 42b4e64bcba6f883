using System.Text;
using Claimed.Components.Renditions;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds;

/// <summary>Under which address the forms that were rendered last name this registry; elyra.yaml says it in an annotation, and is never an upload.</summary>
public sealed class PublicHost(RegistryDatabase database, IBlobStore blobs)
{
    private const string Annotation = "claimed.registry/version-url";

    /// <summary>Scheme, host and port, as <c>Registry__PublicUrl</c>; null when there are no forms yet or the newest is lost.</summary>
    /// <param name="version">Row of one version; null asks for the newest form of all.</param>
    public async Task<string?> RecordedAsync(CancellationToken cancellation, long? version = null)
    {
        var newest = await database.ReadAsync(db => db.Renditions
            .Where(row => row.Form == RenditionForm.Elyra && row.Version!.State == VersionState.Ready && (version == null || row.VersionId == version))
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.VersionId).ThenByDescending(row => row.Revision)
            .Select(row => new { row.Digest, row.Version!.Number, row.Version.Component!.Name, Space = row.Version.Component.Namespace!.Name })
            .FirstOrDefaultAsync(cancellation), cancellation);
        if (newest is null || await blobs.FindAsync(newest.Digest, cancellation) is null)
            return null;
        var line = Encoding.UTF8.GetString(await blobs.ReadAllAsync(newest.Digest, cancellation)).Split('\n')
            .FirstOrDefault(line => line.Contains(Annotation, StringComparison.Ordinal));
        var path = $"/api/v1/components/{newest.Space}/{newest.Name}/versions/{newest.Number}";
        return line?.Split('"', '\'').FirstOrDefault(part => part.EndsWith(path, StringComparison.Ordinal))?[..^path.Length];
    }
}

/// <summary>Says at start that clients are still sent to an old address.</summary>
public sealed partial class PublicHostCheck(PublicHost host, Readiness readiness, RegistryUrls urls, ILogger<PublicHostCheck> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.Loaded.WaitAsync(stoppingToken);
        try
        {
            if (await host.RecordedAsync(stoppingToken) is { } recorded && recorded != urls.Base)
                LogDiffers(logger, recorded, urls.Base);
        }
        catch (BlobLostException)
        {
            // scrub and whoever reads the form tell of it; the address is then not known.
        }
        catch (Exception fault) when (StorageFaults.MayPass(fault))
        {
            // A notice is not worth the node; readiness tells of the database.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What clients get names this registry {Recorded}, but Registry__PublicUrl is {Configured}. Run the word rerender with --host once, or set it back.")]
    private static partial void LogDiffers(ILogger logger, string recorded, string configured);
}
