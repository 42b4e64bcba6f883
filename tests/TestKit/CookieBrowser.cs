using System.Net;
using System.Text.RegularExpressions;

namespace Claimed.TestKit;

/// <summary>A browser without scripts: keeps cookies, goes where it is sent only when told to, and fills in forms with the hidden fields that they have.</summary>
public sealed partial class CookieBrowser : IDisposable
{
    private readonly HttpClient _client;

    /// <param name="headers">Sent with every request.</param>
    public CookieBrowser(Uri address, params (string Name, string Value)[] headers)
    {
        _client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = Cookies }) { BaseAddress = address };
        foreach (var (name, value) in headers)
            _client.DefaultRequestHeaders.Add(name, value);
    }

    public Uri Address => _client.BaseAddress!;

    public CookieContainer Cookies { get; } = new();

    /// <summary>Asks once; a redirect is the answer.</summary>
    public async Task<Answer> GetAsync(string address) => await Answer.ReadAsync(await _client.GetAsync(address));

    /// <summary>Asks, and goes on as long as the answer is a redirect.</summary>
    public async Task<Answer> OpenAsync(string address)
    {
        var answer = await GetAsync(address);
        for (var hops = 0; answer.Message.Headers.Location is { } next && hops < 10; hops++)
            answer = await GetAsync(new Uri(answer.Message.RequestMessage!.RequestUri!, next).AbsoluteUri);
        return answer;
    }

    /// <summary>Sends the form of a page that has this action, with its hidden fields and these.</summary>
    public async Task<Answer> SubmitAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        var shown = await GetAsync(page);
        var form = Forms.Matches(shown.Text).FirstOrDefault(form => form.Groups["action"].Value == action)
            ?? throw new InvalidOperationException($"{page} has no form for {action}.\n{shown.Text}");
        var hidden = Hidden.Matches(form.Groups["body"].Value).Select(field => (WebUtility.HtmlDecode(field.Groups["name"].Value), WebUtility.HtmlDecode(field.Groups["value"].Value)));
        return await PostAsync(action, [.. hidden.Where(field => !fields.Any(given => given.Name == field.Item1)), .. fields]);
    }

    /// <summary>Sends a form that no page had.</summary>
    public async Task<Answer> PostAsync(string action, params (string Name, string Value)[] fields) => await Answer.ReadAsync(
        await _client.PostAsync(action, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)))));

    public async Task<Answer> SendAsync(HttpRequestMessage request) => await Answer.ReadAsync(await _client.SendAsync(request));

    /// <summary>Signs a local person in.</summary>
    public Task<Answer> SignInAsync(string name, string password) => SubmitAsync("/sign-in", "/sign-in", ("name", name), ("password", password));

    public void Dispose() => _client.Dispose();

    [GeneratedRegex("<form[^>]* action=\"(?<action>[^\"]+)\"[^>]*>(?<body>.*?)</form>", RegexOptions.Singleline)]
    private static partial Regex Forms { get; }

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Hidden { get; }
}
