namespace Claimed.Registry.Access.People;

/// <summary>Settings <c>Access__Oidc__…</c>: the OpenID Connect provider where people sign in.</summary>
public sealed record ProviderOptions
{
    /// <summary>Address of the issuer, whose <c>/.well-known/openid-configuration</c> says the rest; without it there is no provider.</summary>
    public string? Authority { get; init; }

    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }

    /// <summary>A file with the secret.</summary>
    public string? ClientSecretFile { get; init; }

    /// <summary>What is asked for, with spaces between.</summary>
    public string Scopes { get; init; } = "openid profile email";

    /// <summary>The claim that a new person is named after; then <c>email</c>, then <c>sub</c>.</summary>
    public string NameClaim { get; init; } = "preferred_username";

    /// <summary>The claim that lists the person's groups.</summary>
    public string GroupsClaim { get; init; } = "groups";

    /// <summary>What the sign-in page calls the provider; its host by default.</summary>
    public string? DisplayName { get; init; }

    /// <summary>False only for a provider on a trusted network.</summary>
    public bool RequireHttps { get; init; } = true;

    /// <summary>The group whose members are administrators.</summary>
    public string? Administrators { get; init; }

    public bool IsConfigured => !string.IsNullOrEmpty(Authority);

    public string Title => DisplayName ?? new Uri(Authority!).Authority;

    /// <summary>What is wrong with the settings; null when nothing is.</summary>
    public string? Fault()
    {
        if (!IsConfigured)
            return null;
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            return $"Access__Oidc__Authority is \"{Authority}\": give the issuer's address, such as https://login.example.org";
        if (RequireHttps && address.Scheme != "https")
            return "Access__Oidc__Authority is not https: sign-ins could be forged on the way. Set Access__Oidc__RequireHttps=false only on a network that you trust";
        if (string.IsNullOrEmpty(ClientId))
            return "Access__Oidc__ClientId is missing: the provider gives one when this registry is registered there";
        if (ClientSecretFile is not null && !File.Exists(ClientSecretFile))
            return $"Access__Oidc__ClientSecretFile names {ClientSecretFile}, which is not there or cannot be read";
        return null;
    }

    /// <summary>Null for a public client, which PKCE protects alone.</summary>
    internal string? Secret() => ClientSecretFile is null ? ClientSecret : File.ReadAllText(ClientSecretFile).Trim();
}
