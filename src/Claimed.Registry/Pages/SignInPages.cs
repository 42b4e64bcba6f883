using System.Globalization;
using Claimed.Registry.Access;
using Claimed.Registry.Access.Limits;
using Claimed.Registry.Access.People;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Http;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Pages;

/// <summary><c>/sign-in</c> and <c>/sign-out</c>.</summary>
public static class SignInPages
{
    public const string Address = "/sign-in";

    private const string ProviderAddress = Address + "/provider";

    /// <summary>The page, which leads on to an address of ours.</summary>
    public static string For(string next) => next == "/" ? Address : $"{Address}?returnUrl={Uri.EscapeDataString(next)}";

    internal static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").ExcludeFromDescription().InBrowser();
        pages.MapMethods(Address, Reading.Methods, ShowAsync);
        pages.MapPost(Address, SignInAsync);
        pages.MapPost("/sign-out", SignOutAsync);
        if (routes.ServiceProvider.GetRequiredService<IConfiguration>()["Access:Oidc:Authority"] is { Length: > 0 })
            pages.MapGet(ProviderAddress, ProviderAsync);
    }

    private static Task<IResult> ShowAsync(string? returnUrl, string? problem, HttpContext context, PageWriter writer, RegistryUrls urls)
    {
        var next = LocalAddress.Or(returnUrl);
        var said = SignInProblems.Read(problem);
        return Session.Of(context) is not null && said is null
            ? Task.FromResult<IResult>(new SeeOther(next))
            : WriteAsync(context, writer, next, said?.Text(urls.Base), StatusCodes.Status200OK);
    }

    private static async Task<IResult> SignInAsync(HttpContext context, PageWriter writer, LocalSignIn local)
    {
        if (await FormFields.ReadAsync(context) is not { } form)
            return await ExpiredAsync(context, writer, Address);
        var next = LocalAddress.Or(form.Raw("returnUrl"));
        var name = form.Raw("name").Trim().ToLowerInvariant();
        var address = context.Connection.RemoteIpAddress?.ToString();
        if (await local.TooManyAsync(name, AddressKey.Of(context), context.RequestAborted) is { } over)
        {
            over.WriteTo(context.Response);
            context.Response.Headers.RetryAfter = over.Resets.ToString(CultureInfo.InvariantCulture);
            return await WriteAsync(context, writer, next, $"There were too many attempts to sign in. Wait {over.Resets} seconds and try again.", StatusCodes.Status429TooManyRequests);
        }
        if (await local.SignInAsync(name, form.Raw("password"), address, context.RequestAborted) is not { } person)
        {
            // Not Basic: browsers would ask for the password themselves.
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"claimed-registry\"";
            return await WriteAsync(context, writer, next, "Name and password do not belong together, or you may not sign in here.", StatusCodes.Status401Unauthorized);
        }
        await Session.BeginAsync(context, person);
        return new SeeOther(next);
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, PageWriter writer, LocalSignIn local)
    {
        if (await FormFields.ReadAsync(context) is null)
            return await ExpiredAsync(context, writer, AccountPages.Address);
        await Session.EndAsync(context);
        if (Session.Of(context) is { } session)
            await local.SignOutAsync(session, context.RequestAborted);
        return new SeeOther("/");
    }

    private static async Task<IResult> ProviderAsync(string? returnUrl, HttpContext context) =>
        await ProviderSignIn.BeginAsync(context, LocalAddress.Or(returnUrl)) is { } problem ? new SeeOther(SignInProblems.PageOf(problem)) : Results.Empty;

    /// <summary>For a form that was open too long, or was sent by someone else.</summary>
    internal static Task<IResult> ExpiredAsync(HttpContext context, PageWriter writer, string back) => writer.WriteAsync<RefusedPage>(context, new()
    {
        [nameof(RefusedPage.Heading)] = "Nothing was done",
        [nameof(RefusedPage.Message)] = "The form was open for too long, or was not sent by a page of this registry, or cookies are blocked. Go back and send it again.",
        [nameof(RefusedPage.Back)] = back,
    }, StatusCodes.Status400BadRequest);

    private static Task<IResult> WriteAsync(HttpContext context, PageWriter writer, string next, string? problem, int status)
    {
        var provider = context.RequestServices.GetRequiredService<IOptions<AccessOptions>>().Value.Oidc;
        return writer.WriteAsync<SignInPage>(context, new()
        {
            [nameof(SignInPage.Seal)] = FormSeal.For(context),
            [nameof(SignInPage.Next)] = next,
            [nameof(SignInPage.Problem)] = problem,
            [nameof(SignInPage.Provider)] = provider.IsConfigured ? provider.Title : null,
            [nameof(SignInPage.ProviderAddress)] = next == "/" ? ProviderAddress : $"{ProviderAddress}?returnUrl={Uri.EscapeDataString(next)}",
            [nameof(SignInPage.IsLocal)] = !provider.IsConfigured || context.RequestServices.GetRequiredService<KnownTokens>().HasLocalPeople,
        }, status, hasForms: true);
    }
}
