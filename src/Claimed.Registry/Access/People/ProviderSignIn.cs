using System.Security.Claims;
using System.Text.Json;
using Claimed.Registry.Access.Audit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Claimed.Registry.Access.People;

/// <summary>Sign-in at an OpenID Connect provider: authorization code with PKCE. Whatever goes wrong ends on the sign-in page, in our own words.</summary>
public static partial class ProviderSignIn
{
    public const string Scheme = "provider";

    /// <summary>Where the provider sends the browser back to; to be registered there after the public address.</summary>
    public const string ReturnPath = "/sign-in/return";

    // Tells that the browser left from here.
    private const string GoingCookie = "claimed-going-";

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    // A shared secret would make every client of the provider an issuer.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    internal static void AddProvider(this AuthenticationBuilder schemes, IServiceCollection services, IConfiguration configuration, CookieSecurePolicy secure)
    {
        services.AddSingleton<ProviderPeople>();
        var settings = configuration.GetSection("Access:Oidc").Get<ProviderOptions>() ?? new ProviderOptions();
        if (!settings.IsConfigured || settings.Fault() is not null)
            return;
        schemes.AddOpenIdConnect(Scheme, _ => { });
        services.AddOptions<OpenIdConnectOptions>(Scheme).Configure<IOptions<RegistryOptions>, TimeProvider>((oidc, registry, clock) => Configure(oidc, settings, registry.Value, clock, secure));
    }

    private static void Configure(OpenIdConnectOptions oidc, ProviderOptions settings, RegistryOptions registry, TimeProvider clock, CookieSecurePolicy secure)
    {
        oidc.Authority = settings.Authority;
        oidc.ClientId = settings.ClientId;
        oidc.ClientSecret = settings.Secret();
        oidc.RequireHttpsMetadata = settings.RequireHttps;
        oidc.SignInScheme = Session.Scheme;
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        // A form that another site posts would come without our cookies.
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.CallbackPath = ReturnPath;
        oidc.SignedOutCallbackPath = PathString.Empty;
        oidc.RemoteSignOutPath = PathString.Empty;
        oidc.TokenHandler = new SignedTokens { MapInboundClaims = false };
        oidc.GetClaimsFromUserInfoEndpoint = true;
        oidc.ClaimActions.Clear();
        oidc.Scope.Clear();
        foreach (var scope in settings.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Prepend("openid").Distinct(StringComparer.Ordinal))
            oidc.Scope.Add(scope);
        oidc.CorrelationCookie.Name = GoingCookie;
        oidc.NonceCookie.Name = "claimed-nonce-";
        foreach (var cookie in new[] { oidc.CorrelationCookie, oidc.NonceCookie })
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = secure;
        }
        oidc.TokenValidationParameters.ValidAlgorithms = Algorithms;
        oidc.TokenValidationParameters.ClockSkew = TimeSpan.FromMinutes(1);
        var backchannel = new HttpClient { Timeout = AnswerLimit, MaxResponseContentBufferSize = 1024 * 1024 };
        oidc.Backchannel = backchannel;
        oidc.ConfigurationManager = new ProviderDocument($"{settings.Authority!.TrimEnd('/')}/.well-known/openid-configuration",
            new HttpDocumentRetriever(backchannel) { RequireHttps = settings.RequireHttps }, clock)
        {
            // Keys that the provider took back are over.
            UseLastKnownGoodConfiguration = false,
        };
        oidc.Events = new OpenIdConnectEvents
        {
            // Absolute addresses come from the settings, never from a request.
            OnRedirectToIdentityProvider = going =>
            {
                going.ProtocolMessage.RedirectUri = registry.BaseUrl + ReturnPath;
                return Task.CompletedTask;
            },
            OnUserInformationReceived = told =>
            {
                AddMissing((ClaimsIdentity)told.Principal!.Identity!, told.User.RootElement, settings);
                return Task.CompletedTask;
            },
            OnTicketReceived = come => FinishAsync(come, settings),
            OnAccessDenied = denied => BackAsync(denied, SignInProblem.Declined),
            OnRemoteFailure = failed =>
            {
                LogFailed(Logger(failed.HttpContext), OneLine(failed.Failure?.GetBaseException().Message ?? "no reason was given"));
                return BackAsync(failed, failed.Failure is ProviderAwayException ? SignInProblem.Away
                    : failed.Request.Cookies.Keys.Any(name => name.StartsWith(GoingCookie, StringComparison.Ordinal)) ? SignInProblem.Provider : SignInProblem.Lost);
            },
        };
    }

    /// <summary>Sends the browser to the provider.</summary>
    public static async Task<SignInProblem?> BeginAsync(HttpContext context, string returnAddress)
    {
        try
        {
            await context.ChallengeAsync(Scheme, new AuthenticationProperties { RedirectUri = returnAddress });
            return null;
        }
        catch (ProviderAwayException away)
        {
            LogFailed(Logger(context), OneLine(away.Message));
            return SignInProblem.Away;
        }
    }

    private static async Task FinishAsync(TicketReceivedContext come, ProviderOptions settings)
    {
        var principal = come.Principal!;
        var (issuer, subject) = (principal.FindFirstValue("iss") ?? principal.FindFirst("sub")?.Issuer, principal.FindFirstValue("sub"));
        if (string.IsNullOrEmpty(issuer) || string.IsNullOrEmpty(subject) || subject.Length > 255 || subject.Contains('\0', StringComparison.Ordinal))
        {
            await BackAsync(come, SignInProblem.Provider);
            return;
        }
        var names = new[] { settings.NameClaim, "email", "sub" }.Select(principal.FindFirstValue).OfType<string>().ToList();
        var groups = principal.FindAll(settings.GroupsClaim).Select(claim => claim.Value).ToList();
        var people = come.HttpContext.RequestServices.GetRequiredService<ProviderPeople>();
        var person = await people.SignInAsync(new ProvidedPerson(issuer, subject, names, principal.FindFirstValue("name"), groups),
            come.HttpContext.Connection.RemoteIpAddress?.ToString(), come.HttpContext.RequestAborted);
        if (person is null)
        {
            await BackAsync(come, SignInProblem.Disabled);
            return;
        }
        await Session.BeginAsync(come.HttpContext, person);
        come.HandleResponse();
        come.Response.Redirect(LocalAddress.Or(come.ReturnUri));
    }

    /// <summary>What the token does not say the provider may say when asked; a list becomes a claim for each entry, as in tokens.</summary>
    private static void AddMissing(ClaimsIdentity identity, JsonElement told, ProviderOptions settings)
    {
        foreach (var name in new[] { settings.NameClaim, settings.GroupsClaim, "email", "name" }.Distinct(StringComparer.Ordinal))
        {
            if (identity.HasClaim(claim => claim.Type == name) || !told.TryGetProperty(name, out var value))
                continue;
            foreach (var each in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().AsEnumerable() : [value])
            {
                if (each.ValueKind == JsonValueKind.String)
                    identity.AddClaim(new Claim(name, each.GetString()!));
            }
        }
    }

    private static Task BackAsync(HandleRequestContext<RemoteAuthenticationOptions> context, SignInProblem problem)
    {
        // What was sent along is the provider's, and left out.
        context.HttpContext.RequestServices.GetRequiredService<RefusalAudit>().Note(context.HttpContext, [], $"refused sign-in: {problem.ToString().ToLowerInvariant()}");
        context.HandleResponse();
        context.Response.Redirect(SignInProblems.PageOf(problem));
        return Task.CompletedTask;
    }

    // A provider's words may have lines of their own.
    private static string OneLine(string text) => string.Concat(text.Take(500).Select(letter => char.IsControl(letter) ? ' ' : letter));

    private static ILogger Logger(HttpContext context) => context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ProviderSignIn));

    /// <summary>The framework takes unsigned tokens that come straight from the provider; we take none.</summary>
    private sealed class SignedTokens : JsonWebTokenHandler
    {
        public override Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
        {
            validationParameters.RequireSignedTokens = true;
            return base.ValidateTokenAsync(token, validationParameters);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sign-in at the identity provider failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
