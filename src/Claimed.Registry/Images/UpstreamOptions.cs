using System.Text.RegularExpressions;
using Claimed.Registry.Http;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>Settings <c>Images__Upstreams__n__…</c>: a registry elsewhere that the operator names, and the account to ask it with.</summary>
public sealed record UpstreamOptions
{
    /// <summary><c>host[:port]</c> as image references name it; <c>docker.io</c> is Docker Hub.</summary>
    public string Host { get; init; } = "";

    /// <summary>The account; without one the registry is asked as everyone may.</summary>
    public string? Username { get; init; }

    /// <summary>A file with the account's password or access token, read for each look-up.</summary>
    public string? PasswordFile { get; init; }

    /// <summary><c>host[:port]</c> of its token service, where that is elsewhere; no other host than this and its own gets the password.</summary>
    public string? TokenHost { get; init; }

    /// <summary>A file with the certificates (PEM) of whoever signs for this registry and its token service, beside those that this machine trusts.</summary>
    public string? CaFile { get; init; }

    /// <summary>Repositories that are asked for in this way, with <c>*</c> and <c>?</c>; none means all.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>Namespaces whose publishers may ask in this way, with <c>*</c> and <c>?</c>; of one that <c>Images__Proxies</c> names, whoever may pull.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];
}

/// <summary>Says at start what is wrong with <see cref="ImageOptions.Upstreams"/>.</summary>
public sealed partial class UpstreamOptionsCheck : IValidateOptions<ImageOptions>
{
    public ValidateOptionsResult Validate(string? name, ImageOptions options)
    {
        for (var index = 0; index < options.Upstreams.Count; index++)
        {
            var (setting, one) = ($"Images__Upstreams__{index}", options.Upstreams[index]);
            var wrong = WrongWithHost($"{setting}__Host", one.Host, options) ?? WrongWithPlace(setting, one.Host, options, index) ?? WrongWithAccount(setting, one) ?? OwnCertificates.WrongWith($"{setting}__CaFile", one.CaFile) ?? WrongWithPatterns(setting, one);
            if (wrong is not null)
                return ValidateOptionsResult.Fail(wrong);
        }
        return ValidateOptionsResult.Success;
    }

    /// <summary>What is wrong with the name of a registry elsewhere, or null.</summary>
    internal static string? WrongWithHost(string setting, string host, ImageOptions options)
    {
        // As a reference names it: index.docker.io is docker.io there, and a word without a dot is no host.
        var isOfDockerHub = ("." + host).EndsWith("." + ImageName.DockerHub, StringComparison.OrdinalIgnoreCase);
        if (!ImageName.TryParse(host + "/a", out var name) || name.Host != host || (isOfDockerHub && host != ImageName.DockerHub))
            return $"{setting} is \"{host}\": give host and port alone, as image references have them, such as harbor.example.org or registry.example.org:5000; Docker Hub is {ImageName.DockerHub}";
        return host.Equals(options.PublicHost, StringComparison.OrdinalIgnoreCase)
            ? $"{setting} is this registry itself, which needs no account for its own images and does not stand for itself: remove the entry"
            : null;
    }

    private static string? WrongWithPlace(string setting, string host, ImageOptions options, int index) =>
        options.Upstreams.Take(index).Any(other => other.Host.Equals(host, StringComparison.OrdinalIgnoreCase))
            ? $"{setting}__Host is {host}, which an entry before it has: each host stands once, with one account"
            : null;

    internal static string? WrongWithAccount(string setting, UpstreamOptions one)
    {
        if (string.IsNullOrEmpty(one.Username) && string.IsNullOrEmpty(one.PasswordFile))
            return one.TokenHost is null ? null : $"{setting}__TokenHost is of no use without {setting}__Username and {setting}__PasswordFile: set them, or remove it";
        if (string.IsNullOrEmpty(one.Username))
            return $"{setting}__Username is missing beside {setting}__PasswordFile: give the account, or remove both to ask without one";
        if (one.Username.Contains(':') || one.Username.Any(char.IsControl))
            return $"{setting}__Username has a colon or a control character, which no account can have: give the name alone";
        if (string.IsNullOrEmpty(one.PasswordFile))
            return $"{setting}__PasswordFile is missing beside {setting}__Username: give a file that holds the password or access token";
        if (!SecretFile.TryRead(one.PasswordFile, out var fault))
            return $"{setting}__PasswordFile names {one.PasswordFile}, which {fault}";
        return one.TokenHost is null || ImageName.IsHost(one.TokenHost) ? null
            : $"{setting}__TokenHost is \"{one.TokenHost}\": give host and port alone, such as gitlab.example.org";
    }

    private static string? WrongWithPatterns(string setting, UpstreamOptions one)
    {
        if (one.Namespaces.Count == 0)
            return $"{setting}__Namespaces is missing: who publishes there can learn which images this registry sees at {one.Host}. Name them ({setting}__Namespaces__0=ml-*), or * for all";
        if (one.Namespaces.FirstOrDefault(pattern => !NamespacePattern.IsMatch(pattern)) is { } space)
            return $"{setting}__Namespaces has \"{space}\": write the name of a namespace, with * for any letters and ? for one";
        return one.Repositories.FirstOrDefault(pattern => !RepositoryPattern.IsMatch(pattern)) is { } repository
            ? $"{setting}__Repositories has \"{repository}\": write repositories without host and tag, such as team/*, with * for any letters and ? for one"
            : null;
    }

    [GeneratedRegex(@"\A[a-z0-9*?-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamespacePattern { get; }

    [GeneratedRegex(@"\A[a-z0-9._/*?-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex RepositoryPattern { get; }
}
