using System.Text;

namespace Claimed.Components.Sources.Kfp;

/// <summary>What a file for Kubeflow Pipelines is, told by its content: its senders call it whatever they like.</summary>
public static class KfpFile
{
    // The KFP API server takes 32 MiB; what is larger than this has more values than are read.
    private const int MostBytes = 16 << 20;

    /// <summary>Whether it is a compiled pipeline. False for a component, and for what cannot be read; whoever reads it as a component says what is wrong.</summary>
    public static bool IsPipeline(ReadOnlySpan<byte> bytes) => bytes.Length <= MostBytes
        && YamlTree.ReadAll("", Encoding.UTF8.GetString(bytes), []) is [var first, ..] && KfpPipelineReader.IsPipeline(first.Root);
}
