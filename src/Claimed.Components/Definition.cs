namespace Claimed.Components;

/// <summary>What a component was written in, which decides the runner and the base image.</summary>
public enum SourceLanguage
{
    /// <summary>A KFP component.yaml: it says itself what to run, in an image that exists or that a Dockerfile beside it makes.</summary>
    Container,
    Python,
    Notebook,
    R,
    Shell,

    /// <summary>A pipeline that the KFP SDK compiled: it is served as it came, and nothing is built or run of it here.</summary>
    Pipeline,
}

/// <summary>The program that installs a requirement while the image is built.</summary>
public enum PackageManager
{
    Pip,
    Apt,
    Dnf,
    Cran,
}

/// <summary>Packages that a source asks for in one line.</summary>
/// <param name="Manager">Who installs them.</param>
/// <param name="Packages">Package specifiers, each checked against the manager's grammar (<c>pandas==2.2.1</c>).</param>
/// <param name="Options">Options that were allowed, for example <c>--no-deps</c>.</param>
/// <param name="Position">The line that asks for them.</param>
public sealed record Requirement(
    PackageManager Manager, IReadOnlyList<string> Packages, IReadOnlyList<string> Options, SourcePosition Position);

/// <summary>A module that the finished image must be able to import (in R: a package that loads).</summary>
/// <param name="Module">Its name, dotted where it lies in another one: <c>sklearn.linear_model</c>.</param>
/// <param name="Position">The line that asks for it.</param>
public sealed record RequiredImport(string Module, SourcePosition Position);

/// <summary>A typed component: what every reader of sources produces and every rendition is made from.</summary>
public sealed record Definition
{
    /// <summary>The name by convention: file name, <c>_</c> to <c>-</c>, lower case, a leading <c>claimed-</c> dropped. The URL's name wins over it.</summary>
    public required string Name { get; init; }

    /// <summary>The name that people read; equals the KFP component's <c>name</c> when the source is one.</summary>
    public required string DisplayName { get; init; }

    public string Description { get; init; } = "";

    public required SourceLanguage Language { get; init; }

    /// <summary>Path of the notebook, script or component.yaml that this was read from.</summary>
    public required string MainFile { get; init; }

    public IReadOnlyList<Port> Inputs { get; init; } = [];

    public IReadOnlyList<Port> Outputs { get; init; } = [];

    public IReadOnlyList<Requirement> Requirements { get; init; } = [];

    /// <summary>What the image is held to at the end of its build; null when the source declares nothing.</summary>
    public IReadOnlyList<RequiredImport>? Imports { get; init; }

    public string? Category { get; init; }

    public string? Group { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>What it asks of the machine that runs it.</summary>
    public Resources Resources { get; init; } = Resources.None;

    /// <summary>The image to build from that its front matter names; the publish field <c>baseImage</c> wins over it, and it over the site's.</summary>
    public string? BaseImage { get; init; }

    /// <summary>SPDX identifier of the licence (<c>Apache-2.0</c>), where the upload tells it.</summary>
    public string? License { get; init; }

    /// <summary>What a component.yaml runs; null for sources that our runner starts.</summary>
    public ContainerTemplate? Container { get; init; }

    /// <summary>How it is run over many files; null when it runs once.</summary>
    public GridWrap? Grid { get; init; }

    /// <summary>Extra facts that travel in <c>metadata.annotations</c>.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}
