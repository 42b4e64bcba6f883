using Microsoft.AspNetCore.Authentication;

namespace Claimed.Registry.Access;

/// <summary>Adds tokens and the policies that endpoints name.</summary>
public static class AccessSetup
{
    /// <summary>Policy of every endpoint that changes something: a token is needed.</summary>
    public const string Write = "write";

    public static void AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<KeyFiles>();
        services.AddSingleton<PushTickets>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<ImagePasses>();
        services.AddAuthentication(TokenAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder().AddPolicy(Write, policy => policy
            .RequireAuthenticatedUser()
            .RequireAssertion(context => context.User.Identity is CallerIdentity { Caller.IsAdministrator: true }));
    }
}
