using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Claimed.Registry.Images;

/// <summary>How a challenge of another registry is met: with a pass as everyone gets one, or with the operator's account.</summary>
internal sealed partial class OutsideRegistry
{
    private const string Basic = "Basic";

    /// <summary>What goes into the next request, or why there is none.</summary>
    private readonly record struct Met(AuthenticationHeaderValue? Authorization, OutsideImage? Refusal);

    private async Task<Met> AsEveryoneAsync(HttpResponseMessage challenged, Uri url, ImageName name, CancellationToken cancellation)
    {
        if (OutsideChallenge.Of(challenged) is { Realm: { } realm } challenge && OutsideRequests.MayGo(url, realm))
        {
            using var answer = await _requests.SendAsync(HttpMethod.Get, challenge.PassUrl(name.Repository), null, cancellation);
            // Only a refusal says something of the image; a token service that is broken or busy says nothing.
            if (!answer.IsSuccessStatusCode && answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.BadRequest))
                return new Met(null, OutsideImage.Unreachable($"{name.Host} wants a pass, and {realm.Authority} answered {(int)answer.StatusCode} when asked for one."));
            if (answer.IsSuccessStatusCode && await PassOf(answer, cancellation) is { } pass)
                return new Met(pass, null);
        }
        return new Met(null, OutsideImage.NotFound($"{name.Host} shows {name} to nobody without credentials."));
    }

    /// <summary>
    /// The password goes to the registry's own host and to the token service that the operator trusts, never where a challenge or a redirect
    /// of someone else points to. What goes wrong is the operator's to mend, so the image may well exist: it is not pinned.
    /// </summary>
    private async Task<Met> WithAccountAsync(Upstream account, HttpResponseMessage challenged, Uri url, ImageName name, CancellationToken cancellation)
    {
        if (challenged.RequestMessage?.RequestUri is not { } asked || asked.Authority != url.Authority)
            return Fault(name, "redirects to another host, which asks for credentials; those of this registry are not for it");
        if (OutsideChallenge.Of(challenged) is not { } challenge || (challenge.Realm is { } given && !OutsideRequests.MayGo(url, given)))
            return Fault(name, "asks for credentials in a way that this registry does not know");
        if (challenge.Realm is { } other && !account.Trusts(other))
            return Fault(name, $"wants the credentials of this registry sent to {other.Authority}, which is not set as its token service ({Setting}__…__TokenHost)");
        if (account.Account(out var fault) is not { } basic)
        {
            LogUnreadable(logger, name.Host, Setting, fault!);
            return new Met(null, OutsideImage.Unreachable($"this registry cannot read its password for {name.Host}."));
        }
        if (challenge.Realm is not { } realm)
            return new Met(basic, null);
        using var answer = await _requests.SendAsync(HttpMethod.Get, challenge.PassUrl(name.Repository), basic, cancellation);
        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            return new Met(null, Refused(name));
        if (!answer.IsSuccessStatusCode)
            return Fault(name, $"wants a pass, and {realm.Authority} answered {(int)answer.StatusCode} when asked for one");
        return await PassOf(answer, cancellation) is { } pass ? new Met(pass, null) : Fault(name, $"wants a pass, and {realm.Authority} gave none");
    }

    private OutsideImage Refused(ImageName name) => Fault(name, $"refused the credentials that this registry has for it ({Setting})").Refusal!;

    /// <summary>Told to the publisher and to the log, for a publisher cannot mend it.</summary>
    private Met Fault(ImageName name, string what)
    {
        LogFault(logger, name.Host, what);
        return new Met(null, OutsideImage.Unreachable($"{name.Host} {what}."));
    }

    private static async Task<AuthenticationHeaderValue?> PassOf(HttpResponseMessage answer, CancellationToken cancellation)
    {
        using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation));
        return (TextOf(document.RootElement, "token") ?? TextOf(document.RootElement, "access_token")) is { } pass ? new AuthenticationHeaderValue("Bearer", pass) : null;
    }

    // What cannot stand in a header is no pass; left to the header it would stand in the message of an exception.
    private static string? TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text && text.All(char.IsAscii) && !text.Any(letter => char.IsControl(letter) || letter == ' ')
            ? text : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Images of {Host} cannot be had: it {What}.")]
    private static partial void LogFault(ILogger logger, string host, string what);

    [LoggerMessage(Level = LogLevel.Error, Message = "Images of {Host} cannot be had: the file of {Setting} with its password {Fault}.")]
    private static partial void LogUnreadable(ILogger logger, string host, string setting, string fault);
}
