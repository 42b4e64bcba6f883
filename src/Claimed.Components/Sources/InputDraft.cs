namespace Claimed.Components.Sources;

/// <summary>An input as the reads of one variable describe it together.</summary>
internal sealed class InputDraft(EnvironmentRead first)
{
    public EnvironmentRead First { get; } = first;

    public string? Type { get; private set; } = first.Type;

    public DefaultKind Kind { get; private set; } = first.Kind;

    public string? Default { get; private set; } = first.Default;

    public string? Description { get; private set; } = first.Description;

    /// <summary>Takes from a later read what the earlier ones left open; false when it contradicts them.</summary>
    public bool Merge(EnvironmentRead read)
    {
        Description ??= read.Description;
        var agrees = Type is null || read.Type is null || Type == read.Type;
        Type ??= read.Type;
        // A default anywhere makes the input optional, wherever else it is read without one.
        if (Kind == DefaultKind.Absent || (Kind == DefaultKind.Nothing && read.Kind is DefaultKind.Literal or DefaultKind.Computed))
            (Kind, Default) = (read.Kind, read.Default);
        else if (Kind == DefaultKind.Literal && read.Kind == DefaultKind.Literal)
            agrees &= Default == read.Default;

        return agrees;
    }
}
