using Claimed.Database.Access;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;

namespace Claimed.Registry.Access.People;

/// <summary>Adds how people sign in with a browser.</summary>
public static class SignInSetup
{
    public static void AddSignIn(this IServiceCollection services, IConfiguration configuration)
    {
        // Behind a proxy that ends TLS requests come as plain HTTP; the public address says what the browser sees.
        var isSecure = configuration["Registry:PublicUrl"]?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true;
        var secure = isSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
        services.AddSingleton<LocalSignIn>();
        services.AddSingleton<SessionKeys>();
        services.AddDataProtection().SetApplicationName("claimed-registry");
        services.ConfigureOptions<SessionKeyPlace>();
        // The files are readable by the registry's user alone, as those of all other keys.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error));
        services.AddAntiforgery(forgery =>
        {
            forgery.Cookie.Name = "claimed-forgery";
            forgery.Cookie.SameSite = SameSiteMode.Strict;
            forgery.Cookie.SecurePolicy = secure;
            // The content policy of every page forbids frames.
            forgery.SuppressXFrameOptionsHeader = true;
        });
        var schemes = services.AddAuthentication(Session.Scheme).AddCookie(Session.Scheme, cookie =>
        {
            cookie.Cookie.Name = Session.Cookie;
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.SecurePolicy = secure;
            cookie.ExpireTimeSpan = Session.Idle;
            cookie.SlidingExpiration = true;
            cookie.Events.OnValidatePrincipal = Session.CheckAsync;
        });
        schemes.AddProvider(services, configuration, secure);
    }
}
