using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Components.Runners;
using Claimed.Components.Sources;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Builds;

/// <summary>What the engine receives: the Dockerfile and the files that it copies.</summary>
/// <param name="Dockerfile">Served as the form <c>Dockerfile</c>.</param>
public sealed record BuildContext(string Dockerfile, IReadOnlyList<SourceFile> Files)
{
    /// <summary>A Dockerfile of its own for what the source installs; null when it installs nothing, or brings its Dockerfile.</summary>
    public string? Dependencies { get; init; }

    /// <summary>The file that engines read.</summary>
    public const string DockerfileName = RenditionForm.Dockerfile;

    /// <summary>What a Dockerfile of the registry installs, and for whom; null when the source brings its own.</summary>
    public IReadOnlyList<InstalledPackage>? Installed { get; init; }

    private const string Prefix = "context-";

    /// <summary>For sources the Dockerfile is ours, the runner lies in <c>claimed/</c> and the upload in <c>source/</c>; a component.yaml brings its own Dockerfile and its files stay where they are.</summary>
    public static BuildContext For(
        Definition definition, IReadOnlyList<SourceFile> files, string? baseImage, BuildOptions options, IReadOnlyDictionary<string, string> labels)
    {
        if (definition.Language == SourceLanguage.Container)
        {
            var own = files.Single(file => file.Path == RenditionForm.Dockerfile);
            return new BuildContext(System.Text.Encoding.UTF8.GetString(own.Content.Span), Bounded(files, options));
        }
        var chosen = baseImage ?? BaseImageFor(definition, options)
            ?? throw new BuildFailedException($"No base image is configured for {definition.Language}.");
        var generated = DockerfileRendition.Write(definition, new DockerfileOptions(chosen, options.Requirements, labels));
        return new BuildContext(generated.Text, Bounded(FilesOf(definition, files, generated.Text), options))
        {
            Dependencies = generated.Dependencies,
            Installed = generated.Installed,
        };
    }

    /// <summary>The files of a context, with this Dockerfile.</summary>
    public static IReadOnlyList<SourceFile> FilesOf(Definition definition, IReadOnlyList<SourceFile> files, string dockerfile) => definition.Language == SourceLanguage.Container
        ? [.. files.Select(file => file.Path == RenditionForm.Dockerfile ? DockerfileOf(dockerfile) : file)]
        :
        [
            DockerfileOf(dockerfile),
            .. RunnerFiles.For(definition, files.FirstOrDefault(file => file.Path == definition.MainFile)).Select(file => file with { Path = "claimed/" + file.Path }),
            .. files.Select(file => file with { Path = "source/" + file.Path }),
        ];

    private static IReadOnlyList<SourceFile> Bounded(IReadOnlyList<SourceFile> files, BuildOptions options)
    {
        if (files.Count > options.MaxContextEntries)
            throw new BuildFailedException($"The build has {files.Count} files, and {options.MaxContextEntries} are allowed (Builds__MaxContextEntries).");
        var bytes = files.Sum(file => (long)file.Content.Length);
        return bytes <= options.MaxContextBytes ? files
            : throw new BuildFailedException($"The files of the build have {bytes} bytes, and {options.MaxContextBytes} are allowed (Builds__MaxContextBytes).");
    }

    /// <summary>The file that engines read first.</summary>
    public static SourceFile DockerfileOf(string text) => new(RenditionForm.Dockerfile, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>What the Dockerfile of a source would leave out or replace, or why none can be made; found at publish, not in a failed build.</summary>
    public static IReadOnlyList<Finding> Check(Definition definition, string baseImage, BuildOptions options)
    {
        try
        {
            RunnerFiles.For(definition);
            return DockerfileRendition.Write(definition, new DockerfileOptions(baseImage, options.Requirements, new Dictionary<string, string>())).Findings;
        }
        catch (ArgumentException unfit)
        {
            return [Finding.Error("not-buildable", new SourcePosition(definition.MainFile), unfit.Message, "Change what the message names.")];
        }
    }

    /// <summary>The base image that the source names, else the configured one; null when a site has none for its language.</summary>
    public static string? BaseImageFor(Definition definition, BuildOptions options) =>
        definition.BaseImage ?? options.BaseImages.GetValueOrDefault(definition.Language.ToString().ToLowerInvariant());

    /// <summary>Where contexts lie while an engine reads them.</summary>
    public static string FolderOf(RegistryOptions options) => Path.Combine(options.DataPath, "contexts");

    /// <summary>The context as the tar archive that the engine takes, in a file of this folder that is gone when the stream is closed.</summary>
    public async Task<Stream> OpenAsync(string folder, CancellationToken cancellation)
    {
        var file = CreateFile(folder);
        try
        {
            await Bundle.WriteTarAsync(file, Files, cancellation);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>An empty file of this folder that is gone when the stream is closed.</summary>
    public static FileStream CreateFile(string folder)
    {
        Directory.CreateDirectory(folder);
        return new FileStream(Path.Combine(folder, Prefix + Guid.CreateVersion7().ToString("N")), FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.Delete, 64 * 1024, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
    }

    /// <summary>Removes what processes that were killed left in the folder. A file that another builder has open goes on for it.</summary>
    public static void RemoveLeftOver(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var path in Directory.EnumerateFiles(folder, Prefix + "*"))
            File.Delete(path);
    }
}
