using Claimed.Database.Catalog;
using Claimed.Registry.Http;

namespace Claimed.Registry.Publish;

/// <summary>Tags by which administrators say something of a component: publishers neither give nor take them.</summary>
public static class ReservedTags
{
    public const string Featured = "featured";
    public const string Approved = "publish-approved";

    private static readonly string[] All = [Featured, Approved];

    public static bool IsOne(string tag) => All.Contains(tag, StringComparer.OrdinalIgnoreCase);

    /// <summary>What a publisher says, beside what administrators have said.</summary>
    /// <exception cref="RefusedException">422: it has a reserved word that the component has not.</exception>
    internal static string Said(Component component, IReadOnlyList<string> tags)
    {
        var own = Of(component);
        return tags.FirstOrDefault(tag => IsOne(tag) && !own.Contains(tag, StringComparer.OrdinalIgnoreCase)) is { } taken
            ? throw PublishFields.Bad("tags", $"has \"{taken}\", which administrators alone give (POST /apis/v1alpha1/components/featured, …/publish_approved). Leave it out.")
            : Beside(own, tags);
    }

    /// <summary>What a source says of itself, without the reserved words that it may bring from elsewhere.</summary>
    internal static string FromSource(Component component, IReadOnlyList<string> tags) => Beside(Of(component), tags);

    private static IReadOnlyList<string> Of(Component component) => [.. Json.Read<string[]>(component.Tags).Where(IsOne)];

    private static string Beside(IReadOnlyList<string> own, IReadOnlyList<string> tags) => Json.Write<string[]>([.. tags.Where(tag => !IsOne(tag)), .. own]);
}
