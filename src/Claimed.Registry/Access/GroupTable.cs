using System.Collections.Frozen;
using System.Text.Json;

namespace Claimed.Registry.Access;

/// <summary>What <c>Access__File</c> says: <c>{"groups": {GROUP: {NAMESPACE: ROLE}}}</c>, or <c>{"*": "administrator"}</c> for a group.</summary>
internal sealed record GroupTable(FrozenDictionary<(string Group, string Space), MemberRole> Roles, FrozenSet<string> Administrators)
{
    public static readonly GroupTable Empty = new(FrozenDictionary<(string, string), MemberRole>.Empty, FrozenSet<string>.Empty);

    private const string Administrator = "administrator";
    private const string Shape = """it is {"groups": {"GROUP": {"NAMESPACE": "ROLE"}}}""";

    /// <exception cref="FormatException">It is no such file; the message says where.</exception>
    public static GroupTable Read(string json)
    {
        var roles = new Dictionary<(string, string), MemberRole>();
        var administrators = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in Members(Root(json), "groups"))
        {
            foreach (var space in Members(group.Value, $"group {group.Name}"))
            {
                var word = space.Value.ValueKind == JsonValueKind.String ? space.Value.GetString()! : space.Value.GetRawText();
                if (space.Name == "*" && word == Administrator)
                    administrators.Add(group.Name);
                else if (RoleWords.Read(word) is not MemberRole.None and var role)
                    roles[(group.Name, space.Name)] = role;
                else
                    throw new FormatException($"Group {group.Name} has the role \"{word}\" in {space.Name}; roles are {string.Join(", ", RoleWords.Known)}, and {Administrator} for *.");
            }
        }
        return new GroupTable(roles.ToFrozenDictionary(), administrators.ToFrozenSet(StringComparer.Ordinal));
    }

    private static JsonElement Root(string json)
    {
        try
        {
            var root = JsonElement.Parse(json);
            return root.ValueKind == JsonValueKind.Object && root.EnumerateObject().ToList() is [{ Name: "groups", Value: var groups }]
                ? groups
                : throw new FormatException($"It must have \"groups\" alone: {Shape}.");
        }
        catch (JsonException fault)
        {
            throw new FormatException($"It is not JSON: {fault.Message}", fault);
        }
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement value, string what) => value.ValueKind == JsonValueKind.Object
        ? value.EnumerateObject()
        : throw new FormatException($"What it says for {what} is no object: {Shape}.");
}
