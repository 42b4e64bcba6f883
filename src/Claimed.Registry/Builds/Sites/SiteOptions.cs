using Claimed.Registry.Http;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds.Sites;

/// <summary>Settings <c>Builds__…</c> with which build steps get packages in a network that is closed, or has mirrors of its own.</summary>
public sealed record SiteOptions
{
    public PipOptions Pip { get; init; } = new();

    public MirrorOptions Apt { get; init; } = new();

    public MirrorOptions Cran { get; init; } = new();

    /// <summary>The site's proxy, such as <c>http://proxy.example.org:3128</c>, for whatever lies elsewhere.</summary>
    public string? HttpProxy { get; init; }

    /// <summary>File with <c>user:password</c> for the proxy.</summary>
    public string? HttpProxyCredentials { get; init; }

    /// <summary>Hosts that are not behind the proxy, by comma; <c>.example.org</c> stands for all below it.</summary>
    public string? NoProxy { get; init; }

    /// <summary>PEM file of certificates that the site's servers are signed with.</summary>
    public string? CaBundle { get; init; }

    /// <summary>Folder of wheels and source archives that come before those of the index.</summary>
    public string? Wheelhouse { get; init; }

    public GatewayOptions Gateway { get; init; } = new();

    /// <summary>Whether steps go through the gateway.</summary>
    public bool IsSet => Pip.IndexUrl is not null || Apt.Mirror is not null || Cran.Mirror is not null || HttpProxy is not null || CaBundle is not null || Wheelhouse is not null;

    /// <summary>What of this shapes an image.</summary>
    public IEnumerable<string?> Shaping => [Pip.IndexUrl, Apt.Mirror, Cran.Mirror, HttpProxy, Wheelhouse];
}

/// <summary>Settings <c>Builds__Pip__…</c>.</summary>
public sealed record PipOptions
{
    /// <summary>Address of a simple index, such as <c>https://pypi.example.org/simple/</c>.</summary>
    public string? IndexUrl { get; init; }

    /// <summary>Host of the index whose certificate nobody checks.</summary>
    public string? TrustedHost { get; init; }

    /// <summary>File with <c>user:password</c> for the index.</summary>
    public string? Credentials { get; init; }
}

/// <summary>Settings <c>Builds__Apt__…</c> and <c>Builds__Cran__…</c>.</summary>
public sealed record MirrorOptions
{
    /// <summary>Of apt: the address below which <c>debian</c>, <c>debian-security</c> and <c>ubuntu</c> lie. Of CRAN: the address below which <c>src</c> lies.</summary>
    public string? Mirror { get; init; }
}

/// <summary>Settings <c>Builds__Gateway__…</c>.</summary>
public sealed record GatewayOptions
{
    /// <summary>Address and port that the gateway listens on, such as <c>0.0.0.0:3129</c>; default the one that steps see this machine under, any port.</summary>
    public string? Listen { get; init; }

    /// <summary>Host name or address under which steps reach it; default that of the engine's network.</summary>
    public string? Host { get; init; }
}

/// <summary>Says at start what is wrong with <see cref="SiteOptions"/>.</summary>
public sealed class SiteOptionsCheck(IOptions<BuildOptions> builds) : IValidateOptions<SiteOptions>
{
    public ValidateOptionsResult Validate(string? name, SiteOptions options) =>
        WrongWith(options) is { } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;

    private string? WrongWith(SiteOptions options)
    {
        if (options.IsSet && builds.Value is { Enabled: true, NetworkMode: "none" })
            return "Builds__NetworkMode=none leaves build steps no network, so Builds__Pip, Apt, Cran, HttpProxy, CaBundle and Wheelhouse would reach none of them: choose another network, or leave these settings out.";
        if (options.Gateway.Listen is { } listen && !System.Net.IPEndPoint.TryParse(listen, out _))
            return $"Builds__Gateway__Listen is \"{listen}\": write address and port, such as 0.0.0.0:3129.";
        if (options.Wheelhouse is { } folder && !Directory.Exists(folder))
            return $"Builds__Wheelhouse names {folder}, which is no folder.";
        return WrongWithAddress("Builds__Pip__IndexUrl", options.Pip.IndexUrl, "Builds__Pip__Credentials")
            ?? WrongWithAddress("Builds__Apt__Mirror", options.Apt.Mirror, null)
            ?? WrongWithAddress("Builds__Cran__Mirror", options.Cran.Mirror, null)
            ?? WrongWithAddress("Builds__HttpProxy", options.HttpProxy, "Builds__HttpProxyCredentials")
            ?? SiteCredentials.WrongWith("Builds__Pip__Credentials", options.Pip.Credentials)
            ?? SiteCredentials.WrongWith("Builds__HttpProxyCredentials", options.HttpProxyCredentials)
            ?? OwnCertificates.WrongWith("Builds__CaBundle", options.CaBundle);
    }

    private static string? WrongWithAddress(string setting, string? text, string? credentials)
    {
        if (text is null)
            return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            return $"{setting} is no address: write one such as https://mirror.example.org/.";
        return address.UserInfo.Length == 0 ? null
            : $"{setting} holds a user or a password: {(credentials is null ? "leave them out" : $"put them into a file that {credentials} names, as user:password")}.";
    }
}
