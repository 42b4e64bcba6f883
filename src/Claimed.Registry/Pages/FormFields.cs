using Claimed.Registry.Http;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;

namespace Claimed.Registry.Pages;

/// <summary>The fields of a form of ours: small, and sent by a page that this registry gave to the same browser.</summary>
internal sealed class FormFields
{
    private const int MaxBytes = 64 * 1024;
    private static readonly FormOptions Limits = new() { ValueCountLimit = 50, KeyLengthLimit = 100, ValueLengthLimit = 2 * JsonBody.MaxText, BufferBodyLengthLimit = MaxBytes };
    private readonly IFormCollection _form;

    private FormFields(IFormCollection form) => _form = form;

    /// <summary>Null when it is none of our forms, or its antiforgery token is not this browser's.</summary>
    public static async Task<FormFields?> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.GetTypedHeaders().ContentType?.MediaType.Value != "application/x-www-form-urlencoded")
            return null;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxBytes;
        try
        {
            var form = await request.ReadFormAsync(Limits, context.RequestAborted);
            return await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context) ? new FormFields(form) : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>What was typed, without blanks around it; empty when nothing was.</summary>
    /// <exception cref="RefusedException">It is too long or has control characters.</exception>
    public string Text(string name) => Checked(name, Raw(name));

    /// <summary>What was typed, as it is.</summary>
    public string Raw(string name) => _form[name].FirstOrDefault() ?? "";

    /// <summary>The check boxes of this name that were set.</summary>
    public IReadOnlyList<string> Texts(string name) => [.. _form[name].OfType<string>().Select(text => Checked(name, text))];

    private static string Checked(string name, string text) =>
        text.Length > JsonBody.MaxText ? throw JsonBody.Bad(name, $"has {text.Length} characters; {JsonBody.MaxText} are the most.")
        : text.Any(char.IsControl) ? throw JsonBody.Bad(name, "has control characters.")
        : text.Trim();
}

/// <summary>The hidden field of a form that <see cref="FormFields"/> takes.</summary>
public sealed record FormSeal(string Name, string Value)
{
    public static FormSeal For(HttpContext context)
    {
        var tokens = context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context);
        return new FormSeal(tokens.FormFieldName, tokens.RequestToken!);
    }
}

/// <summary>Where a browser goes after a form was taken.</summary>
internal sealed class SeeOther(string address) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = address;
        httpContext.Response.Headers.CacheControl = Served.Private;
        return Task.CompletedTask;
    }
}
