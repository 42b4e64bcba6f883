using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;
using Claimed.Components.Sources.Dockerfiles;
using Claimed.Components.Sources.Notebooks;
using Claimed.Registry.Access;
using Claimed.Registry.Builds;
using Claimed.Registry.Builds.Bases;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Publish;

/// <summary>What reading an upload gave: all findings together, and a candidate unless one of them is an error.</summary>
public sealed record ExaminationResult(Definition? Definition, string? Name, IReadOnlyList<Finding> Findings, Candidate? Candidate);

/// <summary>Reads an upload and collects everything that is wrong with it. Publishing and validating use this one way.</summary>
public sealed class Examination(OutsideImages outside, IOptions<BuildOptions> builds, IOptions<ImageOptions> images) : IDisposable
{
    // Reading takes a processor and up to some 60 MiB; more at once would take memory and save no time.
    private readonly SemaphoreSlim _readers = new(Environment.ProcessorCount);

    /// <param name="space">The namespace of the URL.</param>
    /// <param name="urlName">The name in the URL, which wins over the source's; null when the URL has none.</param>
    /// <param name="caller">Whose rights say which images there are; null for the registry itself.</param>
    public async Task<ExaminationResult> ExamineAsync(string space, string? urlName, Upload upload, Caller? caller, CancellationToken cancellation)
    {
        var fields = upload.Fields;
        var reading = await ReadAsync(upload, cancellation);
        var findings = reading.Findings.ToList();
        findings.AddRange(CheckFields(fields));
        var read = reading.Definition is { } alone && fields.GridInput is { } input ? GridWrap.Apply(alone, input, findings) : reading.Definition;
        if (read is not { } definition)
            return new ExaminationResult(null, urlName, findings, null);

        definition = WithFields(definition, fields);
        var name = urlName ?? definition.Name;
        var whole = new SourcePosition(definition.MainFile);
        if (!ComponentName.IsName(name))
            findings.Add(Finding.Error("name-invalid", whole, $"\"{name}\" cannot be a component's name: lower-case words joined by hyphens, at most {ComponentName.MaxNameLength} characters, and no reserved word.",
                "Rename the file, or give the name in the URL: PUT /api/v1/components/{namespace}/{name}/versions/{version}."));
        findings.AddRange(ClientRenditions.Check(definition));
        findings.AddRange(CheckBuild(space, definition, upload));
        if (HasErrors(findings))
            return new ExaminationResult(definition, name, findings, null);

        string? image = null, imageDigest = null;
        if (ExistingImage(definition, upload) is { } reference)
        {
            (image, imageDigest, var finding) = await ResolveAsync(reference, whole, space, name, caller, cancellation);
            if (finding is not null)
                findings.Add(finding);
            definition = ExistingImageCommand.Apply(definition, reference);
        }
        if (HasErrors(findings))
            return new ExaminationResult(definition, name, findings, null);

        // Only now: findings name lines of the files as they were sent.
        if (fields.Outputs is null)
            upload = upload with { Files = NotebookOutputs.Without(upload.Files) };
        var candidate = new Candidate(definition, name, findings, upload, Bundle.DigestOf(upload.Files, fields.Shaping), image, imageDigest)
        {
            BaseName = definition.Language is SourceLanguage.Container or SourceLanguage.Pipeline ? null : fields.BaseImage ?? BuildContext.BaseImageFor(definition, builds.Value),
        };
        return new ExaminationResult(definition, name, findings, candidate);
    }

    private async Task<SourceReading> ReadAsync(Upload upload, CancellationToken cancellation)
    {
        await _readers.WaitAsync(cancellation);
        try
        {
            return SourceReader.Read(upload.Files, upload.Fields.Source);
        }
        finally
        {
            _readers.Release();
        }
    }

    private static Definition WithFields(Definition definition, PublishFields fields) => definition with
    {
        Category = fields.Category ?? definition.Category ?? fields.FolderCategory,
        Group = fields.Group ?? definition.Group,
        Tags = fields.Tags ?? definition.Tags,
        DisplayName = fields.DisplayName ?? definition.DisplayName,
    };

    private static IEnumerable<Finding> CheckFields(PublishFields fields) =>
        fields.Category is { } category ? ClientRenditions.CheckCategory(category) : [];

    private IEnumerable<Finding> CheckBuild(string space, Definition definition, Upload upload)
    {
        if (definition.Language == SourceLanguage.Pipeline)
            return upload.Fields.ForImages is { } field ? throw PublishFields.Bad(field, "makes no sense for a compiled pipeline: it is stored as it is, and nothing is built.") : [];
        if (upload.Fields.Image is not null)
            return [];
        if (upload.Fields.Platform?.Contains(',') == true && images.Value.ExternalRegistry.IsSet)
            throw PublishFields.Bad("platform", "names several, and images lie in a registry of the site here (Images__ExternalRegistry), where this one makes no index: publish for one of them.");
        var allowed = AllowedBases.Of(builds.Value, space);
        if (definition.Language != SourceLanguage.Container)
            return CheckGenerated(definition, upload, allowed);
        return upload.Files.FirstOrDefault(file => file.Path == RenditionForm.Dockerfile) is { } own
            ? allowed.Check(DockerfileReading.Read(System.Text.Encoding.UTF8.GetString(own.Content.Span))) : [];
    }

    private IEnumerable<Finding> CheckGenerated(Definition definition, Upload upload, AllowedBases allowed)
    {
        if (HasDockerfile(upload))
            yield return Finding.Warning("dockerfile-unused", new SourcePosition(RenditionForm.Dockerfile),
                "The Dockerfile is not used: the registry makes the image of a notebook or script itself.",
                "Add a component.yaml beside the Dockerfile to build from it, or leave it out.");
        if ((upload.Fields.BaseImage ?? BuildContext.BaseImageFor(definition, builds.Value)) is not { } baseImage)
        {
            yield return Finding.Error("no-base-image", new SourcePosition(definition.MainFile),
                $"This registry has no base image for {definition.Language} sources.",
                $"Set Builds__BaseImages__{definition.Language.ToString().ToLowerInvariant()}, or publish with the field baseImage.");
            yield break;
        }
        if (upload.Fields.BaseImage is not null && ImageReference.Parse(baseImage) is { IsMoving: true } moving)
            yield return moving.MovingWarning(new SourcePosition(definition.MainFile));
        if (allowed.Check(baseImage, upload.Fields.BaseImage is null ? upload.Files.FirstOrDefault(file => file.Path == definition.MainFile) : null) is { } refused)
            yield return refused.Position.File is null ? refused with { Position = new SourcePosition(definition.MainFile) } : refused;
        foreach (var finding in BuildContext.Check(definition, baseImage, builds.Value))
            yield return finding;
    }

    private static string? ExistingImage(Definition definition, Upload upload)
    {
        if (upload.Fields.Image is { } named)
            return named;
        return definition.Language == SourceLanguage.Container && !HasDockerfile(upload) ? definition.Container!.Image : null;
    }

    private static bool HasDockerfile(Upload upload) => upload.Files.Any(file => file.Path == RenditionForm.Dockerfile);

    private async Task<(string Image, string? Digest, Finding? Finding)> ResolveAsync(
        string reference, SourcePosition at, string space, string name, Caller? caller, CancellationToken cancellation)
    {
        var answer = await outside.ResolveAsync(reference, space, name, caller, cancellation);
        return answer.Outcome switch
        {
            OutsideImageOutcome.Resolved => (answer.Pinned!, answer.Digest, null),
            OutsideImageOutcome.NotFound => (reference, null, Finding.Error("image-not-found", at,
                $"The image \"{reference}\" does not exist: {answer.Detail}", "Push the image first, or correct the reference.")),
            // A digest pins by itself; that nobody could be asked changes nothing.
            _ when ImageReference.Parse(reference)?.Digest is { } digest => (reference, digest, null),
            OutsideImageOutcome.NotAsked => (reference, null, Finding.Suggestion("image-not-checked", at,
                $"Whether the image \"{reference}\" exists was not checked: {answer.Detail}.", "Validate with a token that may publish the component, or name the image by digest.")),
            _ => (reference, null, Finding.Warning("image-not-pinned", at,
                $"The image \"{reference}\" could not be pinned to a digest: {answer.Detail}",
                "Name the image by digest (…@sha256:…), so that every run uses the same bytes.")),
        };
    }

    public void Dispose() => _readers.Dispose();

    private static bool HasErrors(List<Finding> findings) => findings.Exists(finding => finding.Severity == Severity.Error);
}
