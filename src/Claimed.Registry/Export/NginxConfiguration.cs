using System.Text;
using System.Text.RegularExpressions;

namespace Claimed.Registry.Export;

/// <summary>
/// How nginx serves exported files under their URLs, with the content types that the registry gives them: some clients compare them. <c>site.conf</c> is for an
/// nginx that serves other things, too, and <c>nginx.conf</c> runs it alone.
/// </summary>
internal static class NginxConfiguration
{
    public const string Whole = "# Runs nginx for the exported files alone: nginx -c THIS_FILE\nevents { }\nhttp {\n    include site.conf;\n}\n";

    private const string Store = "/catalogs/kfp/store/";

    /// <param name="root">Absolute path of the files.</param>
    /// <param name="types">Content type by path.</param>
    public static string Site(string root, IReadOnlyDictionary<string, string> types)
    {
        var text = new StringBuilder();
        text.Append("# Serves the files of a Claimed.Registry; written by its word export. Include it in an http block; the address and a certificate are for the site to set.\n");
        text.Append("map $uri $claimed_cache {\n    default no-cache;\n    \"~/sha256[:/]\" \"public, max-age=31536000, immutable\";\n}\n");
        text.Append("server {\n    listen 8080;\n    root ").Append(Quoted(root)).Append(";\n    types { }\n    default_type application/octet-stream;\n    absolute_redirect off;\n");
        text.Append("    add_header Cache-Control $claimed_cache;\n    add_header X-Content-Type-Options nosniff;\n    add_header Access-Control-Allow-Origin *;\n");
        foreach (var (type, patterns) in PatternsByType(types))
            text.Append("    location ~ ").Append(Quoted($"({string.Join('|', patterns)})$")).Append(" { default_type ").Append(Quoted(type)).Append("; }\n");
        return text.Append("}\n").ToString();
    }

    /// <summary>By the file's name where all files of that name have one type; in the component store, whose paths end in digests and tags, by what stands before; else by the whole path.</summary>
    private static IEnumerable<KeyValuePair<string, SortedSet<string>>> PatternsByType(IReadOnlyDictionary<string, string> types)
    {
        var several = types.GroupBy(each => NameOf(each.Key), each => each.Value, StringComparer.Ordinal).Where(group => group.Distinct(StringComparer.Ordinal).Skip(1).Any())
            .Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        var patterns = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var (path, type) in types)
        {
            var name = NameOf(path);
            if (!patterns.TryGetValue(type, out var known))
                patterns[type] = known = new SortedSet<string>(StringComparer.Ordinal);
            known.Add(several.Contains(name) ? "^" + Regex.Escape(path) : name);
        }
        return patterns;
    }

    private static string NameOf(string path)
    {
        path = StaticCopy.FileOf(path);
        if (path.StartsWith(Store, StringComparison.Ordinal) && path.Contains("/versions/", StringComparison.Ordinal))
            return $"^{Store}.*{Regex.Escape(path[path.IndexOf("/versions/", StringComparison.Ordinal)..path.LastIndexOf('/')])}/[^/]+";
        return path.EndsWith(".pem", StringComparison.Ordinal) ? "\\.pem" : Regex.Escape(path[path.LastIndexOf('/')..]);
    }

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
