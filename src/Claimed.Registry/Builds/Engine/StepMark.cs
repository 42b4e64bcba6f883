using System.Globalization;
using System.Text;
using System.Text.Json;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;
using Claimed.Components.Sources.Dockerfiles;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds.Engine;

/// <summary>
/// A label on every step that this registry has built, so that housekeeping knows them when their builder is gone. Of the labels that
/// are asked for with a build, Docker puts all on the last step alone, and Podman 4 on every step: so this one stands behind each
/// <c>FROM</c>, and those of the whole image in its last line. It is the same in all builds of one registry: their steps are found in the
/// engine's cache as before.
/// </summary>
public sealed class StepMark(IOptions<ImageOptions> images)
{
    public const string Label = "claimed.registry.steps";

    /// <summary>On a whole image: the id of its build.</summary>
    public const string BuildLabel = "claimed.registry.build";

    /// <summary>Instructions behind each FROM.</summary>
    public const int Lines = 1;

    /// <summary>Short and without a meaning: it ends up in every image.</summary>
    public string Value { get; } = Digest.Of(images.Value.PublicHost)[7..19];

    /// <summary>What a whole image has in its place: whatever people make of that image has this value, too, and is none of our steps.</summary>
    public string Whole => Value + "-image";

    /// <summary>A filter of an engine's lists.</summary>
    public string Filter => JsonSerializer.Serialize(new Dictionary<string, string[]> { ["label"] = [$"{Label}={Value}"] });

    /// <summary>The context with the mark in its Dockerfile; what readers are shown stays as it is.</summary>
    /// <param name="platform">What the image is for; null for the engine's own.</param>
    /// <param name="build">Of a whole image: the id of its build.</param>
    public BuildContext Put(BuildContext context, string? platform = null, long? build = null) => context with
    {
        Files = [.. context.Files.Select(file => file.Path == RenditionForm.Dockerfile ? new SourceFile(file.Path, Encoding.UTF8.GetBytes(Put(Encoding.UTF8.GetString(file.Content.Span), platform, build))) : file)],
    };

    /// <summary>The text of a Dockerfile with the mark behind each <c>FROM</c>.</summary>
    /// <param name="dockerfile">One that can be read in one way only.</param>
    /// <param name="platform">The classic builder makes the first step of a stage that begins with nothing for its own platform, unless it is a COPY, and then knows its own image no more: there the mark stands behind the first COPY.</param>
    /// <param name="build">Of a whole image: the id of its build.</param>
    public string Put(string dockerfile, string? platform = null, long? build = null)
    {
        var reading = DockerfileReading.Read(dockerfile);
        var ends = new HashSet<int>();
        var (isDue, waitsForCopy) = (false, false);
        foreach (var instruction in reading.Instructions)
        {
            if (instruction.Keyword == "FROM")
                (isDue, waitsForCopy) = (true, platform is not null && reading.IsEmpty(instruction));
            if (!isDue || (waitsForCopy && instruction.Keyword != "COPY"))
                continue;
            ends.Add(instruction.EndLine);
            isDue = false;
        }
        var marked = new StringBuilder(dockerfile.Length + 100);
        foreach (var (index, line) in LinesOf(dockerfile).Index())
        {
            marked.Append(line);
            if (ends.Contains(index + 1))
                AppendLine(marked, $"LABEL {Label}={Value}");
        }
        if (build is { } id)
            AppendLine(marked, string.Create(CultureInfo.InvariantCulture, $"LABEL {Label}={Whole} {BuildLabel}={id}"));
        return marked.ToString();
    }

    private static void AppendLine(StringBuilder text, string line) => text.Append(text.Length == 0 || text[^1] == '\n' ? "" : "\n").Append(line).Append('\n');

    /// <summary>With their ends.</summary>
    private static IEnumerable<string> LinesOf(string text)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = text.IndexOf('\n', start) is var found and >= 0 ? found + 1 : text.Length;
            yield return text[start..end];
        }
    }
}
