using System.Globalization;
using System.Text.Json;
using Claimed.Database.Events;
using Claimed.Registry.Http;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Webhooks;

/// <summary>The body of a delivery: an event and where to read on. It has no more than every member of the namespace reads of that event.</summary>
/// <param name="Serial">Order of commits; 0 for a trial.</param>
/// <param name="Kind">For example <c>version.ready</c>.</param>
/// <param name="Subject">What it happened to: <c>acme/filter-csv</c>, or a repository of images.</param>
/// <param name="Component">Name of the component; absent for images.</param>
/// <param name="Digest">Of the image, where the event or the version has one.</param>
/// <param name="Payload">As <c>/api/v1/events</c> has it.</param>
internal sealed record WebhookMessage(
    long Serial, string Kind, DateTimeOffset At, string Namespace, string Subject, string? Component, string? Version, string? Digest,
    JsonElement Payload, IReadOnlyDictionary<string, string> Links)
{
    public static WebhookMessage Of(RegistryEvent told, CatalogSnapshot catalog, RegistryUrls urls)
    {
        var parts = told.Subject.Split('/', 2);
        var (space, name) = (parts[0], parts[1]);
        var payload = JsonSerializer.Deserialize<JsonElement>(told.Payload);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(told.At);
        if (told.Kind.StartsWith(SnapshotFeed.ImageKinds, StringComparison.Ordinal))
            return new(told.Serial, told.Kind, at, space, told.Subject, null, null, Text(payload, "digest"), payload, Named(("image", urls.Image(told.Subject))));
        var version = Text(payload, "version");
        // A version that has just become ready may not be in memory yet.
        var digest = Text(payload, "image") is { } image && image.StartsWith("sha256:", StringComparison.Ordinal) ? image
            : version is null ? null
            : catalog.Find(space, name)?.Versions.FirstOrDefault(entry => entry.Number.ToString() == version)?.ImageDigest;
        return new(told.Serial, told.Kind, at, space, told.Subject, name, version, digest, payload, Named(
            ("component", urls.Component(space, name)), ("page", urls.Page(space, name)), ("version", version is null ? null : urls.Version(space, name, version)),
            ("build", payload.TryGetProperty("build", out var build) && build.TryGetInt64(out var id) ? urls.Build(id) : null),
            ("log", payload.TryGetProperty("build", out build) && build.TryGetInt64(out id) ? urls.Build(id) + "/log" : null)));
    }

    /// <summary>For a trial.</summary>
    public static WebhookMessage Ping(string space, long webhook, DateTimeOffset at, RegistryUrls urls) =>
        new(0, WebhookKinds.Ping, at, space, space, null, null, null, JsonSerializer.SerializeToElement(new { webhook }, Json.Options),
            Named(("namespace", urls.Namespace(space)), ("webhook", WebhookDocument.UrlOf(urls, space, webhook))));

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json.Options);

    /// <summary>The same for every attempt at one event, so that a receiver knows what it has had.</summary>
    public string DeliveryOf(long webhook) => string.Create(CultureInfo.InvariantCulture,
        $"{webhook}-{(Serial > 0 ? Serial.ToString(CultureInfo.InvariantCulture) : $"ping-{At.ToUnixTimeMilliseconds()}")}");

    private static string? Text(JsonElement payload, string name) =>
        payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Dictionary<string, string> Named(params ReadOnlySpan<(string Name, string? Url)> links)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, url) in links)
        {
            if (url is not null)
                all[name] = url;
        }
        return all;
    }
}
