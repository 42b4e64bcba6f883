using System.Text;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;

namespace Claimed.Components.Tests.Golden;

/// <summary>One upload of the corpus, and what the program makes of it: definition and findings as JSON, and each form unless it is refused.</summary>
internal sealed class GoldenSource
{
    private const string Image = "registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string BundleDigest = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    private readonly string folder;
    private readonly SortedDictionary<string, string> made = new(StringComparer.Ordinal);

    public GoldenSource(string folder)
    {
        this.folder = folder;
        Reading = SourceReader.Read(Files(), Options());
        var findings = Reading.Findings.Concat(Reading.Definition is { } read ? ClientRenditions.Check(read) : []).ToList();
        Refused = Reading.Definition is null || findings.Exists(finding => finding.Severity == Severity.Error);
        made["definition.json"] = GoldenJson.Write(Reading.Definition);
        made["findings.json"] = GoldenJson.Write(findings.Select(finding =>
            new { finding.Code, Severity = finding.Severity.ToString(), finding.Client, finding.Position, finding.Message, finding.Fix }));
        if (!Refused && Reading.Definition!.Language != SourceLanguage.Pipeline)
            Render(Reading.Definition!);
    }

    public string Name => Path.GetFileName(folder);

    public SourceReading Reading { get; }

    /// <summary>True when publishing it would be answered with errors.</summary>
    public bool Refused { get; }

    private string Expected => Path.Combine(folder, "expected");

    /// <summary>Writes what is made now over what was kept.</summary>
    public void Keep()
    {
        if (Directory.Exists(Expected))
            Directory.Delete(Expected, recursive: true);
        Directory.CreateDirectory(Expected);
        foreach (var (name, text) in made)
            File.WriteAllText(Path.Combine(Expected, name), text);
    }

    /// <summary>A few lines for each file that is not as it was kept.</summary>
    public IEnumerable<string> Differences()
    {
        var kept = Directory.Exists(Expected) ? Directory.EnumerateFiles(Expected).Select(path => Path.GetFileName(path)) : [];
        foreach (var name in kept.Union(made.Keys).Order(StringComparer.Ordinal))
        {
            var path = Path.Combine(Expected, name);
            var before = File.Exists(path) ? File.ReadAllText(path) : null;
            var now = made.GetValueOrDefault(name);
            if (before != now)
                yield return $"{Name}/expected/{name}: {FirstDifference(before, now)}";
        }
    }

    private void Render(Definition definition)
    {
        var source = new RenditionSource(definition, "golden", definition.Name, "1.2.3", Image, BundleDigest,
            $"https://registry.example.org/api/v1/components/golden/{definition.Name}/versions/1.2.3");
        foreach (var form in RenditionForm.All.Where(form => form is not (RenditionForm.Original or RenditionForm.Dockerfile or RenditionForm.Readme or RenditionForm.Icon or RenditionForm.Usage
            or RenditionForm.Provenance or RenditionForm.Contents or RenditionForm.Spdx)))
            made[form] = ClientRenditions.Render(form, source);
        made[RenditionForm.Operator] = WithoutCommonPart(made[RenditionForm.Operator]);
        if (definition.Language != SourceLanguage.Container)
            made[RenditionForm.Dockerfile] = DockerfileRendition.Write(definition, new DockerfileOptions(
                definition.BaseImage ?? "registry.example.org/base:1", new Dictionary<string, string>(), new Dictionary<string, string>())).Text;
    }

    /// <summary>What every operator has alike would stand in dozens of files.</summary>
    private static string WithoutCommonPart(string python)
    {
        var first = python.IndexOf("# What the database of every Airflow takes as a value.", StringComparison.Ordinal);
        return $"{python[..first]}…\n\n\n{python[python.IndexOf("# BaseOperator is a base already", StringComparison.Ordinal)..]}";
    }

    private List<SourceFile> Files()
    {
        var top = Path.Combine(folder, "source");
        return
        [
            .. Directory.EnumerateFiles(top, "*", SearchOption.AllDirectories)
                .Select(path => new SourceFile(Path.GetRelativePath(top, path).Replace('\\', '/'), File.ReadAllBytes(path)))
                .OrderBy(file => file.Path, StringComparer.Ordinal),
        ];
    }

    /// <summary>The fields of the publish, one <c>key=value</c> a line, in <c>fields.txt</c>.</summary>
    private SourceOptions Options()
    {
        var path = Path.Combine(folder, "fields.txt");
        var fields = (File.Exists(path) ? File.ReadAllLines(path) : []).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return new SourceOptions(fields.GetValueOrDefault("main"), fields.GetValueOrDefault("image"));
    }

    private static string FirstDifference(string? before, string? now)
    {
        if (before is null)
            return "is new";
        if (now is null)
            return "is no longer made";
        string[] old = before.Split('\n'), other = now.Split('\n');
        var line = old.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();
        var text = new StringBuilder($"line {line + 1}\n");
        foreach (var kept in old.Skip(line).Take(3))
            text.Append("  - ").Append(kept).Append('\n');
        foreach (var made in other.Skip(line).Take(3))
            text.Append("  + ").Append(made).Append('\n');
        return text.ToString();
    }
}
