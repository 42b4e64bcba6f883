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
        services.AddLogging(logging => logging
            .AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error)
            // Whatever goes wrong there we tell once, in one line.
            .AddFilter("Microsoft.AspNetCore.Authentication.OpenIdConnect.OpenIdConnectHandler", LogLevel.Critical)
            .AddFilter("Microsoft.AspNetCore.Antiforgery.DefaultAntiforgery", LogLevel.Error));
        services.AddAntiforgery(forgery =>
        {
            forgery.Cookie = new ForgeryCookie(isSecure) { Name = "claimed-forgery", SameSite = SameSiteMode.Strict, HttpOnly = true, IsEssential = true };
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

    /// <summary>The framework refuses a cookie that is always secure when TLS ends at a proxy.</summary>
    private sealed class ForgeryCookie(bool isSecure) : CookieBuilder
    {
        public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
        {
            var cookie = base.Build(context, expiresFrom);
            cookie.Secure = isSecure;
            return cookie;
        }
    }
}
