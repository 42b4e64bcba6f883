using System.Globalization;
using Claimed.Registry.Access;
using Claimed.Registry.Access.People;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Pages;

/// <summary><c>/account</c>: who one is, and one's tokens.</summary>
public static class AccountPages
{
    public const string Address = "/account";

    private const int MostShown = 200;

    internal static void MapAccount(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Address).ExcludeFromDescription().InBrowser();
        pages.MapMethods("", Reading.Methods, ShowAsync);
        pages.MapPost("tokens", MakeAsync);
        pages.MapPost("tokens/{id:long}/revoke", RevokeAsync);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, PageWriter writer) =>
        Session.Of(context) is { } session ? await WriteAsync(context, writer, session, new TokenForm(), null) : new SeeOther(SignInPages.For(Address));

    private static async Task<IResult> MakeAsync(HttpContext context, PageWriter writer, TokenMaking making)
    {
        if (Session.Of(context) is not { } session)
            return new SeeOther(SignInPages.For(Address));
        if (await FormFields.ReadAsync(context) is not { } form)
            return await SignInPages.ExpiredAsync(context, writer, Address);
        session.ActFor(context);
        var filled = new TokenForm();
        try
        {
            filled = new TokenForm { Name = form.Text("name"), Scopes = form.Texts("scopes"), Pattern = form.Text("pattern"), Days = form.Text("days") };
            if (!int.TryParse(filled.Days, NumberStyles.None, CultureInfo.InvariantCulture, out var days))
                throw JsonBody.Bad("days", $"is 0 for never, or at most {TokenMaking.MostDays}.");
            var pattern = filled.Pattern.Length == 0 ? null : filled.Pattern;
            var made = await making.MakeAsync(context, new NewTokenDocument(filled.Name, filled.Scopes, pattern, days, null, null));
            return await WriteAsync(context, writer, session, new TokenForm(), made);
        }
        catch (RefusedException refused) when (refused.Refusal.Status < 500)
        {
            return await WriteAsync(context, writer, session, filled with { Problem = refused.Refusal.Detail }, null, refused.Refusal.Status);
        }
    }

    private static async Task<IResult> RevokeAsync(long id, HttpContext context, PageWriter writer, TokenMaking making)
    {
        if (Session.Of(context) is not { } session)
            return new SeeOther(SignInPages.For(Address));
        if (await FormFields.ReadAsync(context) is null)
            return await SignInPages.ExpiredAsync(context, writer, Address);
        session.ActFor(context);
        try
        {
            await making.RevokeAsync(context, id);
        }
        catch (RefusedException refused) when (refused.Refusal.Status == StatusCodes.Status404NotFound)
        {
            // Sent twice, or revoked elsewhere: what was wanted is so.
        }
        return new SeeOther(Address);
    }

    private static async Task<IResult> WriteAsync(
        HttpContext context, PageWriter writer, Session session, TokenForm form, MadeToken? made, int status = StatusCodes.Status200OK)
    {
        var (person, tokens) = await context.RequestServices.GetRequiredService<RegistryDatabase>().ReadAsync(async db => (
            await db.Users.SingleAsync(row => row.Id == session.UserId, context.RequestAborted),
            await db.Tokens.Where(row => row.UserId == session.UserId && row.RevokedAt == null).OrderByDescending(row => row.Id).Take(MostShown).ToListAsync(context.RequestAborted)),
            context.RequestAborted);
        session.ActFor(context);
        var rights = context.RequestServices.GetRequiredService<Rights>();
        var roles = CatalogView.Of(context).Namespaces.Select(space => (space.Name, Role: rights.RoleIn(session.Caller, space)))
            .Where(space => space.Role != MemberRole.None).Take(MostShown).Select(space => (space.Name, RoleWords.Of(space.Role))).ToList();
        return await writer.WriteAsync<AccountPage>(context, new()
        {
            [nameof(AccountPage.Seal)] = FormSeal.For(context),
            [nameof(AccountPage.Person)] = person,
            [nameof(AccountPage.IsAdministrator)] = rights.IsAdministrator(session.Caller),
            [nameof(AccountPage.Roles)] = roles,
            [nameof(AccountPage.Tokens)] = tokens.ConvertAll(row => TokenDocument.From(row, person.Name)),
            [nameof(AccountPage.Form)] = form,
            [nameof(AccountPage.Made)] = made,
        }, status, hasForms: true);
    }
}

/// <summary>The form that makes a token, as it was filled in.</summary>
public sealed record TokenForm
{
    public string Name { get; init; } = "";

    public IReadOnlyList<string> Scopes { get; init; } = ["pull"];

    public string Pattern { get; init; } = "*";

    public string Days { get; init; } = TokenMaking.UsualDays.ToString(CultureInfo.InvariantCulture);

    public string? Problem { get; init; }
}
