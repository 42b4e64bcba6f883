using Claimed.Database.Events;
using Claimed.Registry.Http;

namespace Claimed.Registry.Webhooks;

/// <summary>An address that is told what happens in a namespace.</summary>
/// <param name="Events">Kinds of events that it is told.</param>
/// <param name="Enabled">False: nothing is sent; what it missed waits for it.</param>
/// <param name="DisabledReason">Why not.</param>
/// <param name="After">Serial of the last event that it need not be told any more.</param>
/// <param name="Failures">Attempts in a row that failed.</param>
/// <param name="NextAttemptAt">When the event that failed is tried again.</param>
/// <param name="Secret">What deliveries are signed with; only in the answer to the request that had it made.</param>
/// <param name="Links"><c>self</c> and <c>deliveries</c>.</param>
public sealed record WebhookDocument(
    long Id, string Url, IReadOnlyList<string> Events, bool Enabled, string? DisabledReason, long After, int Failures, DateTimeOffset? NextAttemptAt,
    DateTimeOffset CreatedAt, string? CreatedBy, string? Secret, IReadOnlyDictionary<string, string> Links)
{
    internal const string Example = """
        {"id": 3, "url": "https://ci.example.org/hooks/claimed", "events": ["version.ready", "version.failed"], "enabled": true, "after": 41, "failures": 0,
         "createdAt": "2026-01-01T12:00:00+00:00", "createdBy": "ada",
         "links": {"self": "http://localhost:8080/api/v1/namespaces/acme/webhooks/3", "deliveries": "http://localhost:8080/api/v1/namespaces/acme/webhooks/3/deliveries"}}
        """;

    internal static string UrlOf(RegistryUrls urls, string space, long id) => $"{urls.Namespace(space)}/webhooks/{id}";

    internal static WebhookDocument From(Webhook row, string space, RegistryUrls urls, string? secret = null) => new(
        row.Id, row.Url, Json.Read<string[]>(row.Kinds), row.Disabled is null, row.Disabled, row.Cursor, row.Failures,
        row is { Failures: > 0, Disabled: null } ? DateTimeOffset.FromUnixTimeMilliseconds(row.NotBefore) : null,
        DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt), row.CreatedBy, secret,
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["self"] = UrlOf(urls, space, row.Id),
            ["deliveries"] = UrlOf(urls, space, row.Id) + "/deliveries",
        });
}

/// <summary>What a request says of a new webhook.</summary>
/// <param name="Events">Without any: published, ready, failed and yanked versions.</param>
/// <param name="Secret">At least 16 characters; made by the registry when left out.</param>
public sealed record NewWebhookDocument(string Url, IReadOnlyList<string>? Events, string? Secret);

/// <summary>What a request changes of a webhook.</summary>
/// <param name="Enabled">True: it goes on where it stopped.</param>
public sealed record WebhookPatchDocument(string? Url, IReadOnlyList<string>? Events, string? Secret, bool? Enabled);

/// <summary>From where to tell again.</summary>
/// <param name="After">Serial of an event; those after it are told, as far as the webhook wants them.</param>
public sealed record ReplayDocument(long After);

/// <summary>One attempt to tell an event.</summary>
/// <param name="Serial">Of the event; absent for a trial.</param>
/// <param name="Kind">Of the event, or <c>ping</c>.</param>
/// <param name="Subject">What the event is about.</param>
/// <param name="Status">HTTP status of the answer; absent when none came.</param>
/// <param name="Error">Why it failed; absent when it did not.</param>
public sealed record WebhookDeliveryDocument(long Id, long? Serial, string Kind, string? Subject, int Attempt, DateTimeOffset At, int? Status, string? Error, long Milliseconds)
{
    internal const string Example = """
        {"id": 18, "serial": 42, "kind": "version.ready", "subject": "acme/filter-csv", "attempt": 1, "at": "2026-01-01T12:00:31+00:00", "status": 204, "milliseconds": 38}
        """;

    internal static WebhookDeliveryDocument From(WebhookDelivery row, RegistryEvent? told) => new(
        row.Id, row.Serial == 0 ? null : row.Serial, told?.Kind ?? WebhookKinds.Ping, told?.Subject, row.Attempt, DateTimeOffset.FromUnixTimeMilliseconds(row.At),
        row.Status, row.Error, row.Milliseconds);
}
