using System.Text;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Claimed.Registry.Pages;

/// <summary>Renders a page to bytes, so that it has a strong ETag and a length; what publishers wrote is encoded by the renderer.</summary>
public sealed class PageWriter(IServiceProvider services, ILoggerFactory loggers)
{
    /// <param name="parameters">Parameters of the page by name.</param>
    /// <param name="status">Other than 200 for pages that tell of an error; those have no ETag.</param>
    /// <param name="hasForms">Whether the page has forms that this registry takes.</param>
    /// <param name="searches">Whether it has a form that only asks for another page.</param>
    public async Task<IResult> WriteAsync<TPage>(
        HttpContext context, Dictionary<string, object?> parameters, int status = StatusCodes.Status200OK, bool hasForms = false, bool searches = false)
        where TPage : IComponent
    {
        var visitor = Visitor.Of(context);
        var root = new Dictionary<string, object?> { [nameof(PageRoot.Visitor)] = visitor, [nameof(PageRoot.Page)] = typeof(TPage), [nameof(PageRoot.Parameters)] = parameters };
        await using var renderer = new HtmlRenderer(services, loggers);
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<PageRoot>(ParameterView.FromDictionary(root))).ToHtmlString());
        var bytes = Encoding.UTF8.GetBytes(HiddenCharacters.Reveal(html));
        return new PageResult(new Served(bytes, "text/html; charset=utf-8", Digest.Of(bytes), visitor.IsSignedIn || hasForms ? Served.Private : Served.Moving), status, hasForms || searches);
    }
}

/// <summary>A page with the headers that keep a browser from running or loading anything that is not ours.</summary>
public sealed record PageResult(Served Page, int Status, bool HasForms = false) : IResult
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action ";

    public async Task ExecuteAsync(HttpContext context)
    {
        var response = context.Response;
        response.Headers.ContentSecurityPolicy = HasForms ? Policy + "'self'" : Policy + "'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        if (Status == StatusCodes.Status200OK)
        {
            await Page.ExecuteAsync(context);
            return;
        }
        response.StatusCode = Status;
        response.Headers.CacheControl = Page.CacheControl;
        response.ContentType = Page.ContentType;
        response.ContentLength = Page.Bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(Page.Bytes, context.RequestAborted);
    }
}
