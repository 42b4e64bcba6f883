namespace Claimed.Components;

/// <summary>What a component asks of the machine that runs it, as Kubernetes quantities (<c>500m</c>, <c>2Gi</c>); null where it does not say.</summary>
/// <param name="Cpu">Processors.</param>
/// <param name="Memory">Bytes of memory.</param>
/// <param name="Gpu">Whole graphics processors (<c>nvidia.com/gpu</c>).</param>
/// <param name="Storage">Bytes of local disk (<c>ephemeral-storage</c>).</param>
public sealed record Resources(string? Cpu = null, string? Memory = null, string? Gpu = null, string? Storage = null)
{
    public static readonly Resources None = new();
}
