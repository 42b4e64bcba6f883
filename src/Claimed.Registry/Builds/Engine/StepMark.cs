using System.Globalization;
using System.Text;
using System.Text.Json;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;
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
    /// <param name="platform">The classic builder makes the first step of a stage that begins with nothing for its own platform, unless it is a COPY; then it knows its own image no more.</param>
    /// <param name="build">Of a whole image: the id of its build.</param>
    public string Put(string dockerfile, string? platform = null, long? build = null)
    {
        var marked = new StringBuilder(dockerfile.Length + 100);
        var (isWithin, isFrom, escape) = (false, false, '\\');
        foreach (var whole in Lines(dockerfile))
        {
            var line = whole.AsSpan().Trim();
            marked.Append(whole);
            if (line.StartsWith("#") || (isWithin && line.IsEmpty))
            {
                // Comments and empty lines within an instruction do not end it.
                if (!isWithin && line[1..].Trim() is var directive && directive.StartsWith("escape", StringComparison.OrdinalIgnoreCase) && directive.EndsWith("`"))
                    escape = '`';
                continue;
            }
            if (!isWithin)
                isFrom = (line.StartsWith("FROM ", StringComparison.OrdinalIgnoreCase) || line.StartsWith("FROM\t", StringComparison.OrdinalIgnoreCase))
                    && (platform is null || !line.Contains(" scratch", StringComparison.OrdinalIgnoreCase));
            isWithin = line.EndsWith([escape]);
            if (isWithin || !isFrom)
                continue;
            if (!whole.EndsWith('\n'))
                marked.Append('\n');
            marked.Append("LABEL ").Append(Label).Append('=').Append(Value).Append('\n');
            isFrom = false;
        }
        // What ends within an instruction would take the line into it.
        if (build is { } id && !isWithin)
            marked.Append(marked.Length > 0 && marked[^1] == '\n' ? "" : "\n").Append(CultureInfo.InvariantCulture, $"LABEL {Label}={Whole} {BuildLabel}={id}\n");
        return marked.ToString();
    }

    /// <summary>With their ends.</summary>
    private static IEnumerable<string> Lines(string text)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = text.IndexOf('\n', start) is var found and >= 0 ? found + 1 : text.Length;
            yield return text[start..end];
        }
    }
}
