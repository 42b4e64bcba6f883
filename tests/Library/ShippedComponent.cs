using System.Text.Json.Nodes;
using Claimed.Components;
using Claimed.Components.Runners;
using Claimed.Components.Sources;
using Claimed.TestKit;

namespace Claimed.Library;

/// <summary>One folder of <c>components/</c>, as the registry reads it.</summary>
/// <param name="Folder"><c>category/name</c>.</param>
public sealed record ShippedComponent(string Folder, IReadOnlyList<SourceFile> Files, SourceReading Reading)
{
    public static string Root { get; } = RepositoryFolder.Of("components");

    /// <summary>All of them, by folder.</summary>
    public static IReadOnlyList<ShippedComponent> All { get; } =
        [.. Directory.EnumerateDirectories(Root).SelectMany(Directory.EnumerateDirectories).Order(StringComparer.Ordinal).Select(Read)];

    public string Name => NameOf(Folder);

    public Definition Definition => Reading.Definition ?? throw new InvalidOperationException($"{Folder}: {string.Join("; ", Reading.Findings.Select(finding => finding.Message))}");

    /// <summary>The name of the component in <c>category/name</c>.</summary>
    public static string NameOf(string folder) => folder[(folder.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>The document of its newest version in a registry, in whatever state; null while there is none.</summary>
    public static async Task<JsonNode?> NewestAsync(HttpClient registry, string name)
    {
        using var list = await registry.GetAsync($"api/v1/components/claimed/{name}/versions");
        if (!list.IsSuccessStatusCode || JsonNode.Parse(await list.Content.ReadAsStringAsync())!["items"]!.AsArray() is not [{ } newest, ..])
            return null;
        return JsonNode.Parse(await registry.GetStringAsync($"api/v1/components/claimed/{name}/versions/{newest["version"]}"));
    }

    /// <summary>Writes the files that lie in <c>/opt/claimed</c> of its image into this folder.</summary>
    public void WriteRunner(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in RunnerFiles.For(Definition, Files.Single(file => file.Path == Definition.MainFile)))
            File.WriteAllBytes(Path.Combine(folder, file.Path), file.Content.Span);
    }

    private static ShippedComponent Read(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'), File.ReadAllBytes(path)));
        List<SourceFile> list = [.. files];
        return new ShippedComponent(Path.GetRelativePath(Root, folder).Replace(Path.DirectorySeparatorChar, '/'), list, SourceReader.Read(list, new SourceOptions()));
    }
}
