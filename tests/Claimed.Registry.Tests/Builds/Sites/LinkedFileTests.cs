using System.Collections.Concurrent;
using System.Net;
using Claimed.Registry.Builds.Sites;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Builds.Sites;

/// <summary>Steps get the files that the site's index links with the site's account, and nothing else of that host.</summary>
[Trait("Database", "any")]
public sealed class LinkedFileTests : IAsyncLifetime
{
    private const string Links = """<a href="../../files/tool-1+cpu.whl?sig=a%2Fb#sha256=00">tool-1+cpu.whl</a> <a href="/other/tool-2.whl">tool-2.whl</a>""";

    private readonly string _credentials = Path.GetTempFileName();
    private readonly ConcurrentQueue<(string Target, bool HasAccount)> _asked = [];
    private WebApplication _site = null!;
    private SiteClient _client = null!;
    private PackageIndex _index = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_credentials, "reader:secret");
        _site = WebApplication.CreateSlimBuilder().Build();
        _site.Urls.Add("http://127.0.0.1:0");
        _site.Run(async context =>
        {
            _asked.Enqueue((context.Request.Path + context.Request.QueryString, context.Request.Headers.Authorization.Count > 0));
            await context.Response.WriteAsync(context.Request.Path == "/pypi/simple/tool/" ? Links : "content");
        });
        await _site.StartAsync();
        var options = Options.Create(new SiteOptions { Pip = new PipOptions { IndexUrl = _site.Urls.Single() + "/pypi/simple/", Credentials = _credentials } });
        _client = new SiteClient(options);
        _index = new PackageIndex(_client, options, NullLogger<PackageIndex>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _site.DisposeAsync();
        File.Delete(_credentials);
    }

    [Fact]
    public async Task What_a_page_linked_is_fetched_with_the_account_and_what_it_did_not_is_refused()
    {
        var (inner, outer) = await LinkedAsync();
        Assert.Equal((200, "content"), await AskAsync(inner));
        // As pip writes a plus, and what it asks for beside a file.
        Assert.Equal((200, "content"), await AskAsync(inner.Replace("+", "%2B", StringComparison.Ordinal)));
        Assert.Equal((200, "content"), await AskAsync(inner.Replace(".whl?", ".whl.metadata?", StringComparison.Ordinal)));
        Assert.Equal(3, _asked.Count(one => one is { HasAccount: true, Target: var target } && target.StartsWith("/pypi/files/tool-1", StringComparison.Ordinal)));
        var before = _asked.Count;
        foreach (var wrong in new[]
        {
            inner.Replace("files/tool-1", "files/tool-3", StringComparison.Ordinal), inner.Replace("/pypi/files/", "/admin/", StringComparison.Ordinal),
            inner.Replace("sig=a", "sig=b", StringComparison.Ordinal), inner.Split('?')[0], inner.Replace("/files/", "/files/../files/x/", StringComparison.Ordinal),
            inner.Split('?')[0] + "/more", outer.Replace("tool-2", "tool-4", StringComparison.Ordinal), string.Join('/', inner.Split('/')[..4]),
            inner.Replace("/at/", "/at//", StringComparison.Ordinal),
        })
            Assert.Equal((403, ""), await AskAsync(wrong));
        Assert.Equal(before, _asked.Count);
    }

    [Fact]
    public async Task What_the_page_links_elsewhere_on_that_host_is_fetched_without_the_account()
    {
        var (_, outer) = await LinkedAsync();
        Assert.Equal((200, "content"), await AskAsync(outer));
        Assert.Contains(("/other/tool-2.whl", false), _asked);
    }

    /// <summary>The paths under which the gateway hands out the two files.</summary>
    private async Task<(string Inner, string Outer)> LinkedAsync()
    {
        var (status, page) = await AskAsync("/simple/tool/");
        Assert.Equal(200, status);
        var links = page.Split("href=\"").Skip(1).Select(part => WebUtility.HtmlDecode(part.Split('"')[0]).Split('#')[0]).ToList();
        return (links[0], links[1]);
    }

    private async Task<(int Status, string Text)> AskAsync(string path)
    {
        var body = new MemoryStream();
        var context = new DefaultHttpContext { Request = { Method = "GET" }, Response = { Body = body } };
        await _index.AnswerAsync(context, new Uri("http://" + SiteHosts.Pip + path));
        await context.Response.Body.FlushAsync();
        return (context.Response.StatusCode, System.Text.Encoding.UTF8.GetString(body.ToArray()));
    }
}
