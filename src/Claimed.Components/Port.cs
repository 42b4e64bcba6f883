namespace Claimed.Components;

/// <summary>How a port's content reaches the container: as text, or as the path of a file.</summary>
public enum PortPassing
{
    Value,
    File,
}

/// <summary>An input or output of a component.</summary>
public sealed record Port
{
    /// <summary>The name as the publisher wrote it: an environment variable for CLAIMED sources, any text in a KFP component.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// <c>String</c>, <c>Integer</c>, <c>Float</c>, <c>Boolean</c>, <c>JsonObject</c> or <c>JsonArray</c> for values;
    /// <c>Dataset</c>, <c>Model</c>, <c>Artifact</c>, <c>Metrics</c>, <c>HTML</c>, <c>Markdown</c>… for files.
    /// </summary>
    public required string Type { get; init; }

    public PortPassing Passing { get; init; }

    /// <summary>The default as the text a container would receive (<c>10</c>, <c>0.5</c>, <c>True</c>); null when there is none.</summary>
    public string? Default { get; init; }

    /// <summary>True when a client may leave the input out: it has a default, or the source copes without it.</summary>
    public bool Optional { get; init; }

    public string? Description { get; init; }

    /// <summary>True for passwords, tokens and keys: never echoed, an optional String in every rendition.</summary>
    public bool Secret { get; init; }

    /// <summary>For a file port by front matter: the variable of the source that holds the path, when it differs from <see cref="Name"/>.</summary>
    public string? Variable { get; init; }

    public SourcePosition Position { get; init; }
}

/// <summary>The type names of ports that pass values; every other type passes a file.</summary>
public static class PortTypes
{
    public const string String = "String";
    public const string Integer = "Integer";
    public const string Float = "Float";
    public const string Boolean = "Boolean";
    public const string JsonObject = "JsonObject";
    public const string JsonArray = "JsonArray";

    /// <summary>What became of the tasks before: the backend of Kubeflow Pipelines 2 gives it to a task that ends a pipeline.</summary>
    public const string FinalStatus = "PipelineTaskFinalStatus";

    public static bool IsValue(string type) => type is String or Integer or Float or Boolean or JsonObject or JsonArray;
}
