using System.Net;
using Claimed.Registry.Http;

namespace Claimed.Registry.Webhooks;

/// <summary>What a request wants a webhook to be; null where it does not say.</summary>
internal sealed record WebhookWish(string? Url, IReadOnlyList<string>? Kinds, string? Secret, bool? Enabled)
{
    private const int LongestUrl = 1000;

    public static async Task<WebhookWish> ReadAsync(HttpRequest request, WebhookOptions options, params string[] names)
    {
        var asked = await JsonBody.ReadAsync(request, names);
        var secret = asked.Secret("secret");
        if (secret is { Length: < WebhookSecrets.Least })
            throw JsonBody.Bad("secret", $"has {secret.Length} characters; {WebhookSecrets.Least} are the least. Leave it out and the registry makes one.");
        return new WebhookWish(
            asked.Has("url") ? Address(asked.Text("url"), options) : null, asked.Has("events") ? WebhookKinds.Checked(asked.Words("events")) : null,
            secret, asked.Has("enabled") ? asked.Flag("enabled") : null);
    }

    /// <summary>What a name means is looked at when a connection is made; an address that is written out is refused here.</summary>
    private static string Address(string? text, WebhookOptions options)
    {
        if (text is null)
            throw JsonBody.Bad("url", "is missing: name the address that is to be told.");
        if (text.Length > LongestUrl || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0 || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            throw JsonBody.Bad("url", $"is no address: write https://host/path, with at most {LongestUrl} characters.");
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
            throw JsonBody.Bad("url", "has a user, a password or a fragment, which are not sent; deliveries are signed instead.");
        var isPlain = url.Scheme == Uri.UriSchemeHttp;
        if (isPlain && !options.AllowsPlain)
            throw JsonBody.Bad("url", "is plain HTTP: use https. Receivers in the registry's own network can be allowed by its operator (Webhooks__AllowedNetworks).");
        if (IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address) && !options.Allows(address, isPlain))
            throw JsonBody.Bad("url", $"is {(isPlain ? "plain HTTP to " : "")}the address {address}, to which this registry sends nothing (Webhooks__AllowPrivateHosts, Webhooks__AllowedNetworks).");
        return url.AbsoluteUri;
    }
}
