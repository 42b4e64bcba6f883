using Claimed.Registry.Http;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>Settings <c>Images__ExternalRegistry__…</c>: a registry of the site that holds the images of builds instead of this one.</summary>
public sealed record ExternalRegistryOptions
{
    /// <summary>Where it answers, with what stands before every repository there: <c>https://harbor.example.org/ml</c> has <c>harbor.example.org/ml/acme/filter</c>. Empty: images lie here.</summary>
    public string Url { get; init; } = "";

    /// <summary>The account that pushes.</summary>
    public string? Username { get; init; }

    /// <summary>A file with its password or access token, read for each build.</summary>
    public string? PasswordFile { get; init; }

    /// <summary><c>host[:port]</c> of its token service, where that is elsewhere; no other host than this and its own gets the password.</summary>
    public string? TokenHost { get; init; }

    /// <summary>A file with the certificates (PEM) of whoever signs for it, beside those that this machine trusts. The container engine has settings of its own for that.</summary>
    public string? CaFile { get; init; }

    public bool IsSet => Url.Length > 0;

    /// <summary><c>host[:port]</c>, as image references name it.</summary>
    public string Host => new Uri(Url).Authority;

    /// <summary>What an image of a repository here is called there, without tag and digest.</summary>
    public string NameOf(string repository) => $"{Host}{new Uri(Url).AbsolutePath.TrimEnd('/')}/{repository}";

    /// <summary>The same registry as one that images are looked up at.</summary>
    internal UpstreamOptions AsUpstream() =>
        new() { Host = Host, Username = Username, PasswordFile = PasswordFile, TokenHost = TokenHost, CaFile = CaFile, Namespaces = ["*"] };
}

/// <summary>Says at start what is wrong with <see cref="ImageOptions.ExternalRegistry"/>.</summary>
public sealed class ExternalRegistryOptionsCheck : IValidateOptions<ImageOptions>
{
    private const string Setting = "Images__ExternalRegistry";

    public ValidateOptionsResult Validate(string? name, ImageOptions options)
    {
        var external = options.ExternalRegistry;
        return external.IsSet && WrongWith(external, options) is { } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
    }

    private static string? WrongWith(ExternalRegistryOptions external, ImageOptions options)
    {
        if (!Uri.TryCreate(external.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Query.Length > 0 || url.UserInfo.Length > 0
            || !ImageName.TryParse(external.NameOf("a/b"), out var example) || example.Host != external.Host)
            return $"{Setting}__Url is \"{external.Url}\": give the address and what stands before each repository there, such as https://harbor.example.org/ml";
        if (url.Scheme != Upstream.AddressOf(external.Host).Scheme)
            return $"{Setting}__Url is \"{external.Url}\": registries on other machines are reached by https, one on this machine by http";
        if (external.Host.Equals(options.PublicHost, StringComparison.OrdinalIgnoreCase))
            return $"{Setting}__Url is this registry itself: leave it out, and images lie here";
        return UpstreamOptionsCheck.WrongWithAccount(Setting, external.AsUpstream()) ?? OwnCertificates.WrongWith($"{Setting}__CaFile", external.CaFile);
    }
}
