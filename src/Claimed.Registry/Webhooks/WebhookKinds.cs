using Claimed.Registry.Http;

namespace Claimed.Registry.Webhooks;

/// <summary>Which kinds of events a webhook can be told: those that every member of the namespace reads. Who is a member, and who is trusted, is for its owners alone.</summary>
internal static class WebhookKinds
{
    /// <summary>What a trial is called.</summary>
    public const string Ping = "ping";

    /// <summary>Those of a webhook that names none.</summary>
    public static readonly string[] Usual = ["version.published", "version.ready", "version.failed", "version.yanked"];

    private const string All = "*";

    private static readonly string[] Known =
    [
        .. Usual, "version.unyanked", "version.deprecated", "version.undeprecated", "version.expired", "version.purged", "version.rerendered",
        "channel.moved", "channel.deleted", "component.changed", "build.deferred", "build.queued", "build.started", "build.requeued", "build.succeeded", "build.ended", "build.cancel-requested",
        "image.pushed", "image.deleted", "image.tagged", "image.untagged",
    ];

    private static readonly string[] Families = [.. Known.Select(FamilyOf).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether any webhook can be told this kind.</summary>
    public static bool IsTold(string kind) => Families.Contains(FamilyOf(kind), StringComparer.Ordinal);

    /// <param name="wanted">What the webhook names.</param>
    public static bool IsWanted(IReadOnlyList<string> wanted, string kind) =>
        IsTold(kind) && wanted.Any(word => word == kind || word == All || word == FamilyOf(kind) + ".*");

    /// <summary>The kinds of a request, each once.</summary>
    public static IReadOnlyList<string> Checked(IReadOnlyList<string> words)
    {
        if (words.FirstOrDefault(word => word != All && !Known.Contains(word, StringComparer.Ordinal) && !Families.Any(family => word == family + ".*")) is { } unknown)
            throw JsonBody.Bad("events", $"has \"{ShownText.Of(unknown, 60)}\"; known are {string.Join(", ", Known)}, all of a family such as version.*, and * for all.");
        return words.Count == 0 ? Usual : [.. words.Distinct(StringComparer.Ordinal)];
    }

    private static string FamilyOf(string kind) => kind.Split('.')[0];
}
