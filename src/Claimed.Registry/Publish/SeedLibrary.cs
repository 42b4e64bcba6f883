using Claimed.Database.Catalog;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Publish;

/// <summary>Publishes the library of <c>Registry__Seed</c> at start.</summary>
internal sealed partial class SeedLibrary(Library library, IOptions<RegistryOptions> registry, Readiness readiness, ILogger<SeedLibrary> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (registry.Value.Seed is not { Length: > 0 } root)
            return;
        await readiness.Loaded.WaitAsync(stoppingToken);
        if (!Directory.Exists(root))
        {
            LogNoFolder(logger, root);
            return;
        }
        await foreach (var seeded in library.PublishAsync(root, new LibraryChoice { Which = registry.Value.SeedBuilds }, stoppingToken))
        {
            if (seeded.Fault is { } fault)
                LogFailed(logger, seeded.Name, fault);
            else if (seeded.Refusal is { } refusal)
                LogRefused(logger, seeded.Name, refusal);
            else if (seeded.IsNew)
                LogSeeded(logger, Namespace.Shipped, seeded.Name, seeded.Version!.ToString());
        }
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
