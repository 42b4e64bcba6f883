namespace Claimed.Components;

/// <summary>The container part of a KFP v1 component: image, command and arguments with placeholders.</summary>
/// <param name="Image">As written, or empty when a Dockerfile beside it makes the image.</param>
public sealed record ContainerTemplate(
    string Image,
    IReadOnlyList<CommandPart> Command,
    IReadOnlyList<CommandPart> Args,
    IReadOnlyDictionary<string, string> Env);

/// <summary>One element of a command line.</summary>
public abstract record CommandPart
{
    private CommandPart()
    {
    }

    public sealed record Text(string Value) : CommandPart;

    public sealed record InputValue(string Port) : CommandPart;

    public sealed record InputPath(string Port) : CommandPart;

    public sealed record OutputPath(string Port) : CommandPart;

    /// <summary>The address of an artifact in the object store of Kubeflow Pipelines 2.</summary>
    public sealed record InputUri(string Port) : CommandPart;

    public sealed record OutputUri(string Port) : CommandPart;

    public sealed record Concat(IReadOnlyList<CommandPart> Parts) : CommandPart;

    /// <summary><c>if: {cond: {isPresent: port}, then: […], else: […]}</c>; another condition keeps its text in <paramref name="IsPresent"/> = null.</summary>
    public sealed record If(string? IsPresent, string? Condition, IReadOnlyList<CommandPart> Then, IReadOnlyList<CommandPart> Else) : CommandPart
    {
        /// <summary>What a condition other than presence comes to, for clients that evaluate none.</summary>
        public bool IsMet() => string.Equals(Condition?.Trim(), "true", StringComparison.OrdinalIgnoreCase);
    }
}
