using Microsoft.Extensions.Options;

namespace Claimed.Registry;

/// <summary>Settings <c>Registry__…</c>: where the registry keeps things and how the world names it.</summary>
public sealed record RegistryOptions
{
    /// <summary>Folder of everything the embedded defaults store.</summary>
    public string DataPath { get; init; } = "data";

    /// <summary>How clients reach the service, for example <c>https://registry.example.org</c>; never taken from a request.</summary>
    public string PublicUrl { get; init; } = "http://localhost:8080";

    /// <summary>Folder of keys that must survive restarts; default <c>{DataPath}/keys</c>.</summary>
    public string? KeysPath { get; init; }

    /// <summary>First token; generated into <c>{DataPath}/admin-token</c> when absent.</summary>
    public string? AdminToken { get; init; }

    /// <summary>Folder of components to publish into the namespace <c>claimed</c> at start.</summary>
    public string? Seed { get; init; }

    /// <summary>Which seeded components are built at once: <c>starter</c> (those that its <c>starter.txt</c> names; the others when somebody asks) or <c>all</c>; <c>none</c> publishes nothing.</summary>
    public string SeedBuilds { get; init; } = "starter";

    public string Keys => KeysPath ?? Path.Combine(DataPath, "keys");

    /// <summary><see cref="PublicUrl"/> without a trailing slash.</summary>
    public string BaseUrl => PublicUrl.TrimEnd('/');
}

/// <summary>Says at start what is wrong with <see cref="RegistryOptions"/>.</summary>
public sealed class RegistryOptionsCheck : IValidateOptions<RegistryOptions>
{
    public ValidateOptionsResult Validate(string? name, RegistryOptions options)
    {
        if (!Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/")
            return ValidateOptionsResult.Fail($"Registry__PublicUrl is \"{options.PublicUrl}\": give scheme, host and port alone, such as https://registry.example.org");
        if (options.SeedBuilds is not ("starter" or "all" or "none"))
            return ValidateOptionsResult.Fail($"Registry__SeedBuilds is \"{options.SeedBuilds}\": use starter, all or none");
        if (options.AdminToken is { Length: < 16 })
            return ValidateOptionsResult.Fail("Registry__AdminToken is shorter than 16 characters: leave it out and a strong one is generated");
        return ValidateOptionsResult.Success;
    }
}
