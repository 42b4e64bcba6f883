using System.IO.Enumeration;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Claimed.Registry.Http;

namespace Claimed.Registry.Images;

/// <summary>A registry that the operator named: who may have it asked for what, and which hosts may have the password.</summary>
internal sealed class Upstream
{
    private const string DockerHubTokens = "auth.docker.io";

    private readonly UpstreamOptions _options;
    private readonly Uri _tokens;

    public Upstream(UpstreamOptions options)
    {
        _options = options;
        Address = AddressOf(options.Host);
        Certificates = options.CaFile is { } file ? OwnCertificates.Read(file) : null;
        _tokens = options.TokenHost is { } other ? AddressOf(other) : options.Host == ImageName.DockerHub ? AddressOf(DockerHubTokens) : Address;
    }

    public string Host => _options.Host;

    /// <summary>Where it answers.</summary>
    public Uri Address { get; }

    /// <summary>Whom it may have its certificate from, beside those that everyone trusts; null when it needs none.</summary>
    public OwnCertificates? Certificates { get; }

    public bool HasAccount => !string.IsNullOrEmpty(_options.Username);

    /// <summary>Where a host of image references answers: HTTPS alone, but on this machine.</summary>
    public static Uri AddressOf(string host)
    {
        var address = host == ImageName.DockerHub ? "registry-1.docker.io" : host;
        return new Uri($"{(new Uri("https://" + address).IsLoopback ? Uri.UriSchemeHttp : Uri.UriSchemeHttps)}://{address}");
    }

    /// <summary>Whether those who publish in the namespace may have this repository looked up in this way.</summary>
    public bool Covers(string space, string repository) =>
        CoversNamespace(_options, space) && (_options.Repositories.Count == 0 || _options.Repositories.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, repository, ignoreCase: false)));

    public static bool CoversNamespace(UpstreamOptions options, string space) => options.Namespaces.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, space, ignoreCase: false));

    /// <summary>Whether the password may be sent to a token service. A registry names whichever it likes; only the operator says who is trusted.</summary>
    public bool Trusts(Uri realm) => IsAt(realm, Address) || IsAt(realm, _tokens);

    /// <summary>Whether the connection is to the machines that the operator named, wherever their addresses are.</summary>
    public bool Is(DnsEndPoint place) => IsAt(Address, place) || IsAt(_tokens, place);

    /// <summary>Name and password for <c>Authorization</c>; null with a fault when the file cannot be read.</summary>
    public AuthenticationHeaderValue? Account(out string? fault) => SecretFile.TryRead(_options.PasswordFile!, out fault, out var password)
        ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_options.Username}:{password}")))
        : null;

    private static bool IsAt(Uri one, Uri other) => one.Scheme == other.Scheme && one.Authority == other.Authority;

    private static bool IsAt(Uri address, DnsEndPoint place) =>
        address.Port == place.Port && address.IdnHost.Trim('[', ']').Equals(place.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase);
}
