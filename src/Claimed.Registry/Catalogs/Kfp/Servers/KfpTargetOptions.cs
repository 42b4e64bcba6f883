using Claimed.Registry.Http;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Catalogs.Kfp.Servers;

/// <summary>Settings <c>Kfp__…</c>: KFP API servers that versions are deployed to.</summary>
public sealed record KfpOptions
{
    /// <summary>By name, as requests name it: <c>Kfp__Targets__prod__Url</c>.</summary>
    public IReadOnlyDictionary<string, KfpTargetOptions> Targets { get; init; } = new Dictionary<string, KfpTargetOptions>(StringComparer.Ordinal);
}

/// <summary>One KFP API server, and who may deploy to it.</summary>
public sealed record KfpTargetOptions
{
    /// <summary>Address of the API server, with what stands before <c>/apis</c>: <c>http://ml-pipeline.kubeflow:8888</c>.</summary>
    public string Url { get; init; } = "";

    /// <summary>A file with the bearer token, such as a service account's; read for each deployment. None: the server is asked without.</summary>
    public string? TokenFile { get; init; }

    /// <summary>A file with the certificates (PEM) of whoever signs for the server, beside those that this machine trusts.</summary>
    public string? CaFile { get; init; }

    /// <summary>The KFP namespace that pipelines go into, where the server has several users; none: shared pipelines.</summary>
    public string? KfpNamespace { get; init; }

    /// <summary>Namespaces of this registry whose publishers may deploy there; none means all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>How long the server may take for one call.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>Says at start what is wrong with the settings.</summary>
public sealed class KfpOptionsCheck : IValidateOptions<KfpOptions>
{
    public ValidateOptionsResult Validate(string? name, KfpOptions options) =>
        options.Targets.Select(target => WrongWith($"Kfp__Targets__{target.Key}", target.Value)).FirstOrDefault(wrong => wrong is not null) is { } wrong
            ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;

    private static string? WrongWith(string setting, KfpTargetOptions target)
    {
        if (!Uri.TryCreate(target.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
            return $"{setting}__Url is \"{SecretText.Hide(target.Url)}\": give the address of the KFP API server alone, such as http://ml-pipeline.kubeflow:8888; its token goes into {setting}__TokenFile";
        if (target.TokenFile is { } token && !SecretFile.TryRead(token, out var fault))
            return $"{setting}__TokenFile names {token}, which {fault}";
        if (target.Timeout <= TimeSpan.Zero || target.Timeout > TimeSpan.FromHours(1))
            return $"{setting}__Timeout is {target.Timeout}: give a time from a second to an hour, as hh:mm:ss";
        return OwnCertificates.WrongWith($"{setting}__CaFile", target.CaFile);
    }
}
