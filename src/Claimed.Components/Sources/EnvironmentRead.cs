namespace Claimed.Components.Sources;

/// <summary>What a read of an environment variable says about its default.</summary>
internal enum DefaultKind
{
    /// <summary>There is none: the input is required.</summary>
    Absent,

    /// <summary>A text that we know.</summary>
    Literal,

    /// <summary>None, or the source asks first whether the variable is there: optional without default.</summary>
    Nothing,

    /// <summary>An expression that only the source can evaluate: optional without default.</summary>
    Computed,
}

/// <summary>One read of an environment variable in a script or notebook.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Type">The type that a conversion or annotation gives, or null when nothing says one.</param>
/// <param name="Kind">What is known of the default.</param>
/// <param name="Default">The text, for <see cref="DefaultKind.Literal"/>.</param>
internal sealed record EnvironmentRead(
    string Name, string? Type, DefaultKind Kind, string? Default, string? Description, SourcePosition Position);

/// <summary>One assignment to an environment variable.</summary>
internal sealed record EnvironmentWrite(string Name, string? Description, SourcePosition Position);

/// <summary>A port by front matter: <c># claimed: output model: Model from output_model</c>.</summary>
internal sealed record DeclaredPort(
    bool IsInput, string Name, string Type, string? Variable, string? Description, SourcePosition Position)
{
    /// <summary>An input that its publisher calls a <c>Secret</c>, whatever its name is; its value is a text.</summary>
    public bool IsSecret => IsInput && Type.Equals("Secret", StringComparison.OrdinalIgnoreCase);
}
