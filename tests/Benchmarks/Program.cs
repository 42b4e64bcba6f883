using Claimed.Benchmarks;

if (args is ["bare", var port, var folder])
{
    await BareEndpoint.RunAsync(int.Parse(port), folder);
    return 0;
}

string[] known = ["sources", "reads", "access", "publish", "snapshot", "search", "catalogs", "oci", "builds", "load"];
var write = args.Index().FirstOrDefault(pair => pair.Item == "--write") is { Item: not null } flag && flag.Index + 1 < args.Length ? args[flag.Index + 1] : null;
var chosen = args.Where(word => word != "--write" && word != write).ToList();
if (chosen.FirstOrDefault(word => !known.Contains(word)) is { } unknown)
{
    Console.Error.WriteLine($"There is no section {unknown}; there are {string.Join(", ", known)}, and --write FILE.");
    return 2;
}

var report = new Report();
try
{
    foreach (var section in chosen.Count > 0 ? chosen : [.. known])
    {
        Console.WriteLine($"--- {section}");
        await (section switch
        {
            "sources" => Task.Run(() => SourceBenchmark.Run(report)),
            "reads" => ReadBenchmark.RunAsync(report),
            "access" => AccessBenchmark.RunAsync(report),
            "publish" => PublishBenchmark.RunAsync(report),
            "snapshot" => SnapshotBenchmark.RunAsync(report),
            "search" => SearchBenchmark.RunAsync(report),
            "catalogs" => CatalogBenchmark.RunAsync(report),
            "oci" => OciBenchmark.RunAsync(report),
            "builds" => BuildBenchmark.RunAsync(report),
            _ => LoadBenchmark.RunAsync(report),
        });
    }
}
finally
{
    Workspace.Remove();
}
Console.WriteLine(report.Table());
if (write is not null)
    await File.WriteAllTextAsync(write, await report.DocumentAsync(File.Exists(write) ? await File.ReadAllTextAsync(write) : ""));
return report.IsMet ? 0 : 1;
