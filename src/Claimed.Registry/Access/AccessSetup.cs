using Claimed.Registry.Access.Audit;
using Claimed.Registry.Access.Limits;
using Claimed.Registry.Access.Passes;
using Claimed.Registry.Access.People;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Access.Trust;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access;

/// <summary>Adds who may do what.</summary>
public static class AccessSetup
{
    public static void AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccessOptions>().Bind(configuration.GetSection("Access")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AccessOptions>, TrustOptionsCheck>();
        services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsCheck>();
        services.AddSingleton<KeyFiles>();
        services.AddSingleton<PushTickets>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<ImagePasses>();
        services.AddSingleton<KnownTokens>();
        services.AddSingleton<CredentialReading>();
        services.AddSingleton<GroupRoles>();
        services.AddSingleton<Rights>();
        services.AddSingleton<Readers>();
        services.AddSingleton<TrustedIssuers>();
        services.AddSingleton<TrustExchange>();
        services.AddSingleton<LeakReports>();
        services.AddHostedService<TrustLeftovers>();
        services.AddSingleton<TokenMaking>();
        services.AddSignIn(configuration);
        services.AddSingleton<RefusalAudit>();
        services.AddHostedService(provider => provider.GetRequiredService<RefusalAudit>());
        services.AddHostedService<TokenUses>();
        services.AddOptions<LimitOptions>().Bind(configuration.GetSection("Limits"));
        services.AddSingleton<SharedLimits>();
        services.AddHostedService(provider => provider.GetRequiredService<SharedLimits>());
    }

    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        routes.MapTokens();
        routes.MapLeaks();
        routes.MapTrustRules();
        routes.MapTrustExchange();
        routes.MapUsers();
        routes.MapAudit();
    }

    /// <summary>Reads the credentials of every request that comes this far, and has what it changes or is refused recorded under its name.</summary>
    public static void UseCallers(this IApplicationBuilder app)
    {
        var credentials = app.ApplicationServices.GetRequiredService<CredentialReading>();
        var refusals = app.ApplicationServices.GetRequiredService<RefusalAudit>();
        var rights = app.ApplicationServices.GetRequiredService<Rights>();
        // Reads sessions, and takes what the identity provider sends back.
        app.UseAuthentication();
        app.Use((context, next) =>
        {
            var caller = credentials.Of(context).Caller;
            var reads = context.Request.IsRead();
            Record(context, reads);
            return reads ? next(context) : ActAsync(context, caller, next);
        });

        async Task ActAsync(HttpContext context, Caller caller, RequestDelegate next)
        {
            Actor.Current = new Actor(caller.Name, context.Connection.RemoteIpAddress?.ToString(), caller.TokenId, caller.TrustRuleId, caller.TrustClaims)
            {
                MakesNamespaces = rights.IsAdministrator(caller),
                Refuses = () => EndpointPolicies.DemandAgain(context),
            };
            await next(context);
        }

        void Record(HttpContext context, bool reads)
        {
            // Held here, because what handles an exception takes them from the request.
            var route = context.Request.RouteValues;
            context.Response.OnCompleted(() =>
            {
                var status = context.Response.StatusCode;
                if (status == StatusCodes.Status429TooManyRequests)
                    refusals.Count(context);
                else if (status == StatusCodes.Status403Forbidden || (reads ? status == StatusCodes.Status401Unauthorized && context.Request.Path == PassEndpoint.Path : status is 401 or 404 or 409 or 422))
                    refusals.Note(context, route);
                return Task.CompletedTask;
            });
        }
    }
}
