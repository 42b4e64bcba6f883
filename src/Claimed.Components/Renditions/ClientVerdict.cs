namespace Claimed.Components.Renditions;

/// <summary>How far a client can use a component.</summary>
public enum ClientOutcome
{
    /// <summary>All of it works.</summary>
    Ok,

    /// <summary>It loads; the findings say what does not work.</summary>
    Limited,

    /// <summary>The client does not take it.</summary>
    Refused,
}

/// <summary>What one client makes of a component.</summary>
/// <param name="Verdict">Of the form that the registry serves to this client.</param>
/// <param name="AsUploaded">Of the uploaded component.yaml itself; null for other sources, and for clients that read no such file.</param>
/// <param name="Findings">Codes of the findings that concern this client, whether or not what is served cures them.</param>
public sealed record ClientVerdict(ClientOutcome Verdict, ClientOutcome? AsUploaded, IReadOnlyList<string> Findings);

/// <summary>The clients that verdicts are about, by the words of the API.</summary>
public static class VerdictClient
{
    public const string KfpV2 = "kfp-v2";
    public const string KfpV1 = "kfp-v1";
    public const string ElyraPalette = "elyra-palette";
    public const string ElyraSubmit = "elyra-submit";
    public const string Airflow = "airflow";
    public const string Kubernetes = "kubernetes";
    public const string Cwl = "cwl";

    public static readonly IReadOnlyList<string> All = [KfpV2, KfpV1, ElyraPalette, ElyraSubmit, Airflow, Kubernetes, Cwl];

    /// <summary>Those that read a KFP component.yaml.</summary>
    internal static readonly IReadOnlyList<string> OfComponentYaml = [KfpV2, KfpV1, ElyraPalette, ElyraSubmit];
}
