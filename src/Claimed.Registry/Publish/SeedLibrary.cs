using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Publish;

/// <summary>Publishes the component library of <c>Registry__Seed</c> at start: each folder <c>category/name</c> into the namespace <c>claimed</c>.</summary>
public sealed partial class SeedLibrary(
    Publisher publisher, IOptions<RegistryOptions> registry, IOptions<PublishOptions> limits, UploadMemory memory, Readiness readiness, ILogger<SeedLibrary> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (registry.Value is not { Seed: { Length: > 0 } root, SeedBuilds: not "none" })
            return;
        await readiness.Loaded.WaitAsync(stoppingToken);
        if (!Directory.Exists(root))
        {
            LogNoFolder(logger, root);
            return;
        }
        foreach (var folder in Directory.EnumerateDirectories(root).SelectMany(Directory.EnumerateDirectories).Order(StringComparer.Ordinal))
            await SeedAsync(folder, stoppingToken);
    }

    private async Task SeedAsync(string folder, CancellationToken cancellation)
    {
        var name = Path.GetFileName(folder);
        try
        {
            using var upload = await ReadAsync(folder, cancellation);
            var published = await publisher.PublishAsync(Namespace.Shipped, ComponentName.Slug(name), null, upload, cancellation);
            if (published.IsNew)
                LogSeeded(logger, Namespace.Shipped, published.Name, published.Version.ToString());
        }
        catch (RefusedException refused)
        {
            var first = refused.Refusal.Findings?.FirstOrDefault(finding => finding.Severity == Severity.Error);
            LogRefused(logger, name, first is null ? refused.Message : $"{first.Position.File}:{first.Position.Line}: {first.Message} {first.Fix}");
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested)
        {
            // A full disk must not end the registry, which still serves what it has.
            LogFailed(logger, name, fault);
        }
    }

    private async Task<Upload> ReadAsync(string folder, CancellationToken cancellation)
    {
        var share = memory.Begin();
        var files = new UploadFiles(limits.Value, share);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            await using var content = File.OpenRead(path);
            var executable = !OperatingSystem.IsWindows() && File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute);
            await files.AddAsync(Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'), content, executable, null, cancellation);
        }
        return new Upload(files.ToList(unwrap: false), new PublishFields(), share);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Seeded {Namespace}/{Name} {Version}.")]
    private static partial void LogSeeded(ILogger logger, string @namespace, string name, string version);

    [LoggerMessage(Level = LogLevel.Error, Message = "The component {Name} of the library was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string name, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The component {Name} of the library could not be published; the next start tries again.")]
    private static partial void LogFailed(ILogger logger, string name, Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "Registry__Seed names {Folder}, which is not a folder.")]
    private static partial void LogNoFolder(ILogger logger, string folder);
}
