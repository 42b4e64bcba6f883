using System.IO.Enumeration;
using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Components.Sources;
using Claimed.Components.Sources.Dockerfiles;
using Claimed.Registry.Images;

namespace Claimed.Registry.Builds.Bases;

/// <summary>Which images builds of a namespace may use: <c>Builds__AllowedBases</c>, or the namespace's own list in its place.</summary>
public sealed class AllowedBases(IReadOnlyCollection<string> patterns)
{
    public static AllowedBases Of(BuildOptions options, string space) => new(options.NamespaceBases.GetValueOrDefault(space) ?? options.AllowedBases);

    /// <summary>Whether an image may be used. Patterns are held against its whole name, <c>docker.io/library/python:3.12</c>, and against the name without tag and digest.</summary>
    public bool Allows(string image)
    {
        if (patterns.Count == 0)
            return true;
        if (!ImageName.TryParse(image, out var name))
            return false;
        // Beside a digest a tag says nothing of what is used.
        var whole = name.Digest is null ? name.ToString() : name.Pinned(name.Digest);
        return patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, whole, ignoreCase: false)
            || FileSystemName.MatchesSimpleExpression(pattern, $"{name.Host}/{name.Repository}", ignoreCase: false));
    }

    /// <summary>What is wrong with the images of a Dockerfile, at publish and when the build runs.</summary>
    public IEnumerable<Finding> Check(DockerfileReading reading) =>
        reading.Bases.Where(image => !Allows(image.Name)).Select(image => Refusal(image.Name, new SourcePosition(RenditionForm.Dockerfile, image.Line)));

    /// <summary>What is wrong with the base image of a source; at the line that names it, where one does.</summary>
    public Finding? Check(string baseImage, SourceFile? main) => Allows(baseImage) ? null : Refusal(baseImage, PositionOf(baseImage, main));

    private Finding Refusal(string image, SourcePosition at) => Finding.Error("base-not-allowed", at,
        $"This registry does not build from the image \"{image}\".", $"Use one of {string.Join(", ", patterns.Take(10))}.", "docker");

    private static SourcePosition PositionOf(string image, SourceFile? main)
    {
        if (main is null)
            return default;
        var found = main.Content.Span.IndexOf(System.Text.Encoding.UTF8.GetBytes(image));
        return found < 0 ? new SourcePosition(main.Path) : new SourcePosition(main.Path, main.Content.Span[..found].Count((byte)'\n') + 1);
    }
}
