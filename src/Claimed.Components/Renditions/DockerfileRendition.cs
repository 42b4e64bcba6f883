namespace Claimed.Components.Renditions;

/// <summary>What a site decides about generated Dockerfiles.</summary>
/// <param name="BaseImage">Image that provides <c>python</c>, <c>ipython</c>, <c>Rscript</c> or <c>sh</c> and a uid of 1000 or more.</param>
/// <param name="Replacements">Requirement name → <c>provided</c> (the base image has it) or the specifier to install instead.</param>
/// <param name="Labels">OCI labels.</param>
public sealed record DockerfileOptions(
    string BaseImage, IReadOnlyDictionary<string, string> Replacements, IReadOnlyDictionary<string, string> Labels);

/// <summary>A Dockerfile for sources that do not bring one.</summary>
public static class DockerfileRendition
{
    /// <summary>The text, and a suggestion for each requirement that the site replaced.</summary>
    public static (string Text, IReadOnlyList<Finding> Findings) Write(Definition definition, DockerfileOptions options) =>
        throw new NotImplementedException();
}
