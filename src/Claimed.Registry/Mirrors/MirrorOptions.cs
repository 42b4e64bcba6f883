using Claimed.Components;
using Claimed.Registry.Http;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Mirrors;

/// <summary>Settings <c>Mirror__…</c>: which registry the word <c>mirror</c> follows, and how it is asked.</summary>
public sealed record MirrorOptions
{
    /// <summary>Scheme, host and port of the other registry; <c>--from</c> says it too.</summary>
    public string From { get; init; } = "";

    /// <summary>Namespaces that are followed; none means all that can be seen. <c>--namespace</c> says it too.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>A file with a token of the other registry that may pull, read for each request; without one it is asked as everyone may.</summary>
    public string? TokenFile { get; init; }

    /// <summary>A file with the certificates (PEM) of whoever signs for the other registry, beside those that this machine trusts.</summary>
    public string? CaFile { get; init; }

    /// <summary>Whether it may be asked over plain HTTP when it is not on this machine.</summary>
    public bool AllowHttp { get; init; }

    /// <summary><see cref="From"/> without a trailing slash.</summary>
    public string Origin => From.TrimEnd('/');

    public bool Covers(string space) => Namespaces.Count == 0 || Namespaces.Contains(space, StringComparer.Ordinal);
}

/// <summary>Says what is wrong with <see cref="MirrorOptions"/>.</summary>
public sealed class MirrorOptionsCheck(IOptions<RegistryOptions> registry) : IValidateOptions<MirrorOptions>
{
    public ValidateOptionsResult Validate(string? name, MirrorOptions options) =>
        options.From.Length > 0 && WrongWith(options) is { } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;

    private string? WrongWith(MirrorOptions options)
    {
        if (!Uri.TryCreate(options.From, UriKind.Absolute, out var from) || from.Scheme is not ("http" or "https") || from.PathAndQuery != "/" || from.UserInfo.Length > 0)
            return $"Mirror__From (--from) is \"{options.From}\": give scheme, host and port alone, such as https://registry.example.org";
        if (from.Scheme == Uri.UriSchemeHttp && !from.IsLoopback && !options.AllowHttp)
            return $"Mirror__From (--from) is {options.From}, which anyone on the way could change: use https, or set Mirror__AllowHttp=true for a network that you trust";
        if (options.Origin.Equals(registry.Value.BaseUrl, StringComparison.OrdinalIgnoreCase))
            return $"Mirror__From (--from) is {options.From}, which is this registry itself: name the one to follow";
        if (options.Namespaces.FirstOrDefault(space => !ComponentName.IsNamespace(space)) is { } odd)
            return $"Mirror__Namespaces (--namespace) has \"{odd}\", which cannot be a namespace";
        if (options.TokenFile is { } file && !SecretFile.TryRead(file, out var fault))
            return $"Mirror__TokenFile names {file}, which {fault}";
        return OwnCertificates.WrongWith("Mirror__CaFile", options.CaFile);
    }
}
