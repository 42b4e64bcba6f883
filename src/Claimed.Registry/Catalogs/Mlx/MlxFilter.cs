using System.Globalization;
using System.Text.Json;
using Claimed.Registry.Http;

namespace Claimed.Registry.Catalogs.Mlx;

/// <summary>The parameters <c>filter</c> and <c>sort_by</c> of a list.</summary>
internal static class MlxFilter
{
    private const int Longest = 2000;
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    public static Func<MlxComponent, bool> Read(string? filter)
    {
        if (string.IsNullOrWhiteSpace(filter))
            return _ => true;
        Dictionary<string, string> wanted;
        try
        {
            using var parsed = JsonDocument.Parse(filter.Length <= Longest ? filter : throw Bad(), Strict);
            wanted = parsed.RootElement.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.ToString(), StringComparer.Ordinal);
        }
        catch (Exception unread) when (unread is JsonException or InvalidOperationException)
        {
            throw Bad();
        }
        return component => wanted.All(field => string.Equals(Value(component, field.Key), field.Value, StringComparison.OrdinalIgnoreCase));
    }

    public static IEnumerable<MlxComponent> Sorted(IEnumerable<MlxComponent> components, string? by)
    {
        var words = (by ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return components;
        Func<MlxComponent, string> key = words[0] switch
        {
            "name" => component => component.Label,
            "id" => component => component.Id,
            "created_at" => component => component.CreatedAt.ToString("O", CultureInfo.InvariantCulture),
            _ => throw PageQuery.BadQuery("sort_by is name, id or created_at, with asc or desc behind it."),
        };
        return words[1..] switch
        {
            [] or ["asc"] => components.OrderBy(key, StringComparer.OrdinalIgnoreCase),
            ["desc"] => components.OrderByDescending(key, StringComparer.OrdinalIgnoreCase),
            _ => throw PageQuery.BadQuery("sort_by is name, id or created_at, with asc or desc behind it."),
        };
    }

    private static string? Value(MlxComponent found, string field) => field switch
    {
        "id" => found.Id,
        "name" => found.Label,
        "description" => found.Component.Description,
        "featured" => found.IsFeatured.ToString(),
        "publish_approved" => found.IsApproved.ToString(),
        "category" => found.Component.Category,
        "group" => found.Component.Group,
        _ => throw PageQuery.BadQuery($"filter names {VersionReference.Quoted(field)}; use id, name, description, featured, publish_approved, category or group."),
    };

    private static RefusedException Bad() => PageQuery.BadQuery($"filter is a JSON object of at most {Longest} characters, such as {{\"featured\":true}}.");
}
