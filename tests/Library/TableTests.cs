using System.Globalization;
using System.Text.Json.Nodes;
using Claimed.Components;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Library;

/// <summary>
/// <c>docs/components.md</c> tells of every component what there is to know before using it. <c>UPDATE_COMPONENTS=http://localhost:8080</c>
/// writes its table anew from a registry that has built them.
/// </summary>
public sealed class TableTests
{
    private const string Begin = "<!-- table -->\n";
    private const string End = "<!-- end of table -->\n";
    private const string Heading = "| category | group | name | component | image | build | findings | ran |\n|---|---|---|---|---|---|---|---|\n";

    private static readonly string Path = RepositoryFolder.Of("docs/components.md");

    [Fact]
    public async Task The_table_has_every_component()
    {
        var text = await File.ReadAllTextAsync(Path, TestContext.Current.CancellationToken);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("UPDATE_COMPONENTS") is { Length: > 0 } address)
        {
            text = text[..from] + await WriteAsync(new Uri(address)) + text[to..];
            await File.WriteAllTextAsync(Path, text, TestContext.Current.CancellationToken);
            to = text.IndexOf(End, StringComparison.Ordinal);
        }
        var rows = text[from..to].Split('\n', StringSplitOptions.RemoveEmptyEntries)[2..].Select(row => row.Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToList();

        Assert.Equal(ShippedComponent.All.Select(Facts), rows.Select(row => string.Join(" | ", [.. row[..4], .. row[6..]])));
        Assert.Equal([], rows.Where(row => row[4].Length == 0 || row[5].Length == 0).Select(row => row[3]));
    }

    /// <summary>What the folder itself says: all columns but the two of figures.</summary>
    private static string Facts(ShippedComponent component)
    {
        var definition = component.Definition;
        return string.Join(" | ", definition.Category, definition.Group, definition.DisplayName, $"[{component.Name}](../components/{component.Folder}/README.md)",
            FindingsOf(component), RanOf(component));
    }

    private static string FindingsOf(ShippedComponent component)
    {
        int Count(Severity severity) => component.Reading.Findings.Count(finding => finding.Severity == severity);
        return $"{Count(Severity.Error)} errors, {Count(Severity.Warning)} warnings";
    }

    private static string RanOf(ShippedComponent component)
    {
        if (BuiltLibrary.Starters.Contains(component.Folder))
            return "in CI, from its image";
        var beside = "beside" + Pytest.FileOf(component.Folder)["test".Length..] + ".py";
        return File.Exists(RepositoryFolder.Of("tests/Library/sources/" + beside)) ? "beside the project" : "never";
    }

    private static async Task<string> WriteAsync(Uri registry)
    {
        using var client = new HttpClient { BaseAddress = registry };
        var rows = new List<string>();
        foreach (var component in ShippedComponent.All)
        {
            var figures = await FiguresAsync(client, component.Name);
            var facts = Facts(component).Split(" | ");
            rows.Add($"| {string.Join(" | ", [.. facts[..4], figures.Image, figures.Build, .. facts[4..]])} |\n");
        }
        return Heading + string.Concat(rows);
    }

    /// <summary>A reason without the step that it begins with; nothing of it may end a cell.</summary>
    private static string Cause(string reason) => reason.Split('\n')[0].Split(" — ")[^1].Replace('|', '/');

    private static async Task<(string Image, string Build)> FiguresAsync(HttpClient client, string name)
    {
        var version = await ShippedComponent.NewestAsync(client, name) ?? throw new InvalidOperationException($"{client.BaseAddress} has no component claimed/{name}.");
        if ((string?)version["state"] != "ready")
            return ("none", $"{version["state"]}: {Cause((string?)version["reason"] ?? "")}");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v2/claimed/{name}/manifests/{version["imageDigest"]}");
        using var answer = await client.SendAsync(request);
        var layers = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["layers"]!.AsArray();
        return (string.Create(CultureInfo.InvariantCulture, $"{layers.Sum(layer => (long)layer!["size"]!) / 1e6:0} MB"),
            string.Create(CultureInfo.InvariantCulture, $"{(double)version["build"]!["seconds"]!:0} s"));
    }
}
