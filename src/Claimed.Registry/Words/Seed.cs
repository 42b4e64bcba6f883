using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Images.Proxies;
using Claimed.Registry.Publish;
using Claimed.Registry.Publish.Libraries;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Words;

/// <summary><c>seed</c>: publishes a folder of components, or a checkout, as a start does; a serving registry then builds them.</summary>
public static class Seed
{
    private const string DryRun = "dry-run";
    private const string Report = "report";
    private const string Space = "namespace";
    private const string Only = "only";

    public static Word Word { get; } = new("seed", "publish a folder of components (default: Registry__Seed) into the namespace claimed, or another one", RunAsync)
    {
        TakesArgument = true,
        Options = [$"--{DryRun}", $"--{Report}=report.md", $"--{Space}={Namespace.Shipped}", $"--{Only}=category/name"],
    };

    private static async Task<int> RunAsync(WordCall call)
    {
        await using var app = OneTime.Build(call);
        var options = app.Services.GetRequiredService<IOptions<RegistryOptions>>().Value;
        if ((call.Argument ?? options.Seed) is not { Length: > 0 } folder)
            throw Wrong("Name the folder: seed components, or set Registry__Seed.");
        if (!Directory.Exists(folder))
            throw Wrong($"\"{folder}\" is not a folder.");
        var only = call.Options.GetValueOrDefault(Only)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        var choice = new LibraryChoice
        {
            Space = call.Options.GetValueOrDefault(Space) ?? Namespace.Shipped,
            // Who names components means them.
            Which = only.Length > 0 ? "all" : options.SeedBuilds,
            Only = only,
            IsDryRun = call.Options.ContainsKey(DryRun),
        };
        if (!ComponentName.IsNamespace(choice.Space))
            throw Wrong($"--{Space} is \"{choice.Space}\": lower-case words joined by hyphens, at most {ComponentName.MaxNamespaceLength} characters, and no reserved word.");
        if (app.Services.GetRequiredService<ImageProxies>().Find(choice.Space) is { } proxy)
            throw Wrong($"The namespace {choice.Space} hands on the images of {proxy.Options.Upstream} (Images__Proxies) and holds no components: choose another with --{Space}.");
        if (!await OneTime.HasSchemaAsync(app))
            return 1;
        // A dry run compares with what is there, as it is in memory.
        if (choice.IsDryRun && await app.Services.GetRequiredService<Readiness>().TryLoadAsync(CancellationToken.None) is { } obstacle)
        {
            await Console.Error.WriteLineAsync($"Nothing was validated: {obstacle}");
            return 1;
        }
        await using var file = call.Options.GetValueOrDefault(Report) is { } path ? Open(path) : null;
        return await PublishAsync(app.Services.GetRequiredService<Library>(), folder, choice, file);
    }

    private static async Task<int> PublishAsync(Library library, string folder, LibraryChoice choice, FileStream? file)
    {
        var report = new LibraryReport(choice.Space, choice.IsDryRun);
        var missing = choice.Only.ToHashSet(StringComparer.Ordinal);
        await foreach (var seeded in library.PublishAsync(folder, choice, CancellationToken.None))
        {
            Console.WriteLine(report.Add(seeded));
            missing.RemoveWhere(wanted => LibraryChoice.IsMeant(wanted, seeded.Place, seeded.Path, seeded.Name));
        }
        Console.WriteLine(report.Totals);
        if (file is not null)
        {
            file.SetLength(0);
            await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(report.Text(file.Name)));
        }
        if (missing.Count > 0)
            await Console.Error.WriteLineAsync($"The folder has no component {string.Join(", ", missing.Order(StringComparer.Ordinal))}: --{Only} takes places in it, such as category/name, or names.");
        return report.Refused == 0 && missing.Count == 0 ? 0 : 1;
    }

    /// <summary>Before anything is done: a report that cannot be written would be missed at the end.</summary>
    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write);
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Wrong($"The report cannot be written: {closed.Message}");
        }
    }

    private static OptionsValidationException Wrong(string why) => new("Seed", typeof(RegistryOptions), [why]);
}
