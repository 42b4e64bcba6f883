using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Components.Runners;
using Claimed.Components.Sources;
using Claimed.Registry.Builds;
using Claimed.Registry.Http;
using Xunit;

namespace Claimed.Fuzz;

/// <summary>Reads sources and holds what comes of it to the promises.</summary>
internal static class SourceCheck
{
    private static readonly RenditionText Texts = new();

    public static string Run(string path, byte[] input) => Run(new SourceFile(path, input));

    public static string Run(params SourceFile[] files)
    {
        var reading = SourceReader.Read(files, new SourceOptions());
        Assert.True(reading.Definition is not null || reading.HasErrors, "No definition and no error.");
        Assert.All(reading.Findings, finding => Assert.False(string.IsNullOrWhiteSpace(finding.Message) || string.IsNullOrWhiteSpace(finding.Fix)));
        if (reading.Definition is not { } definition)
            return Way(reading.Findings, null);
        StorableText.Check(definition);
        var findings = reading.Findings.Concat(ClientRenditions.Check(definition)).ToList();
        if (findings.TrueForAll(finding => finding.Severity != Severity.Error))
            Texts.Render(definition);
        return Way(findings, definition);
    }

    private static string Way(IEnumerable<Finding> findings, Definition? definition) => string.Join(' ', findings.Select(finding => finding.Code).Distinct())
        + (definition is null ? "" : $" {Math.Min(definition.Inputs.Count, 9)} {Math.Min(definition.Outputs.Count, 9)} {Math.Min(definition.Requirements.Count, 9)}");
}

/// <summary>Renders a definition in every form.</summary>
internal sealed class RenditionText
{
    private static readonly DockerfileOptions Options = new("claimed/base-python:1", new Dictionary<string, string> { ["pandas"] = "provided" }, new Dictionary<string, string>());

    public const string Image = "localhost:8080/acme/step@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    public IReadOnlyDictionary<string, string> Render(Definition definition)
    {
        var source = new RenditionSource(definition, "acme", "step", "1.0.0", Image, "sha256:" + new string('b', 64),
            "http://localhost:8080/api/v1/components/acme/step/versions/1.0.0");
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        // Nothing is made of a pipeline.
        if (definition.Language == SourceLanguage.Pipeline)
            return texts;
        foreach (var form in (string[])[RenditionForm.Component, RenditionForm.Elyra, RenditionForm.Operator, RenditionForm.Pipeline, RenditionForm.Job, RenditionForm.Cwl])
            texts[form] = ClientRenditions.Render(form, source);
        texts[RenditionForm.Usage] = UsageText.Write(source, "http://localhost:8080", null);
        if (definition.Language is not (SourceLanguage.Container or SourceLanguage.Pipeline) && BuildContext.Check(definition, Options.BaseImage, new BuildOptions()).All(finding => finding.Severity != Severity.Error))
        {
            texts[RenditionForm.Dockerfile] = DockerfileRendition.Write(definition, Options).Text;
            RunnerFiles.For(definition);
        }

        foreach (var (form, text) in texts)
            StorableText.Check(form, text);
        Assert.Equal(DefinitionJson.Write(definition), DefinitionJson.Write(DefinitionJson.Read(DefinitionJson.Write(definition))));
        return texts;
    }
}
