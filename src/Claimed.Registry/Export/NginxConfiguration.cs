using System.Text;
using System.Text.RegularExpressions;
using Claimed.Registry.Catalogs.Elyra;

namespace Claimed.Registry.Export;

/// <summary>
/// How nginx serves exported files under their URLs, with the content types that the registry gives them: some clients compare them. <c>site.conf</c> is for an
/// nginx that serves other things, too, and <c>nginx.conf</c> runs it alone. It says types of names, of which there are few however many files there are; nginx
/// has limits on the length of a line, of a pattern and of a key. Where files of one name have several types, those of all types but one lie in a
/// folder of their type a second time, and nginx looks there first.
/// </summary>
internal sealed class NginxConfiguration
{
    public const string Whole = "# Runs nginx for the exported files alone: nginx -c THIS_FILE\nevents { }\nhttp {\n    include site.conf;\n}\n";

    private const string Store = "/catalogs/kfp/store/";
    private const string Artifactory = "/catalogs/artifactory/";

    // What a query chooses has a path of its own, or is live only: then no file that means something else stands for it.
    private static readonly string Live =
        $$"""
        map "$uri?$args" $claimed_live {
            default "";
            "~^/catalogs/elyra/.*\.json\?(.*&)?(category|tag|channel)=[^&]" 1;
            "~^/catalogs/elyra/.*\.json\?(.*&)?pinned=true(&|$)" 1;
            "~^/catalogs/elyra/.*\.json\?(.*&)?runtime=(?!({{string.Join('|', ElyraRuntime.All.Select(runtime => runtime.Name))}})(&|$))" 1;
        }

        """;

    private const string Twins =
        """
            if ($claimed_live) { return 404; }
            if ($arg_runtime) {
                rewrite "^/catalogs/elyra/((?:url-)?catalog\.json)$" /catalogs/elyra/~/$arg_runtime/$1 last;
                rewrite "^/catalogs/elyra/([^/]+)/((?:url-)?catalog\.json)$" /catalogs/elyra/$1/$arg_runtime/$2 last;
            }

        """;

    // By the pattern of a name: its types, of which the first is that of the files that lie nowhere else. Whole paths stand before endings: a channel may be called a.whl.
    private readonly SortedDictionary<string, IReadOnlyList<string>> _types;

    /// <param name="types">Content type by path.</param>
    public NginxConfiguration(IEnumerable<KeyValuePair<string, string>> types) =>
        _types = new(types.GroupBy(each => NameOf(each.Key), each => each.Value, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, IReadOnlyList<string> (group) => [.. group.Distinct(StringComparer.Ordinal).OrderDescending(StringComparer.Ordinal)], StringComparer.Ordinal),
            Comparer<string>.Create((one, other) => string.CompareOrdinal(other, one)));

    /// <summary>Name of the folder that has the file a second time; null when its name says its type.</summary>
    public string? FolderOf(string path, string type) => _types[NameOf(path)][0] == type ? null : FolderOf(type);

    /// <param name="folder">Absolute path of the export.</param>
    public string Site(string folder)
    {
        var text = new StringBuilder();
        text.Append("# Serves the files of a Claimed.Registry; written by its word export. Include it in an http block; the address and a certificate are for the site to set.\n");
        text.Append("map $uri $claimed_cache {\n    default no-cache;\n    \"~/sha256[:/]\" \"public, max-age=31536000, immutable\";\n}\n");
        text.Append(Live);
        text.Append("server {\n    listen 8080;\n    root ").Append(Quoted(Path.Combine(folder, StaticCopy.FilesFolder))).Append(";\n    types { }\n    default_type application/octet-stream;\n    absolute_redirect off;\n");
        text.Append("    add_header Cache-Control $claimed_cache;\n    add_header X-Content-Type-Options nosniff;\n    add_header Access-Control-Allow-Origin *;\n");
        text.Append(Twins);
        var next = 0;
        foreach (var (name, types) in _types)
        {
            var location = $"~ {Quoted(name + "$")}";
            foreach (var type in types.Skip(1))
            {
                var root = Path.Combine(folder, StaticCopy.TypesFolder, FolderOf(type));
                text.Append($"    location {location} {{ root {Quoted(root)}; default_type {Quoted(type)}; try_files $uri @claimed_{++next}; }}\n");
                location = $"@claimed_{next}";
            }
            text.Append($"    location {location} {{ default_type {Quoted(types[0])}; }}\n");
        }
        return text.Append("}\n").ToString();
    }

    /// <summary>The file's name; in the component store, whose paths end in digests and tags, what stands before; of wheels, keys and Artifactory's files, which have names of their own, the ending.</summary>
    private static string NameOf(string path)
    {
        path = StaticCopy.FileOf(path);
        if (path.StartsWith(Store, StringComparison.Ordinal) && path.Contains("/versions/", StringComparison.Ordinal))
            return $"^{Store}.*{Regex.Escape(path[path.IndexOf("/versions/", StringComparison.Ordinal)..path.LastIndexOf('/')])}/[^/]+";
        if (path.StartsWith(Artifactory, StringComparison.Ordinal))
            return $"^{Artifactory}.*{Regex.Escape(Path.GetExtension(path))}";
        var ending = Path.GetExtension(path);
        return ending is ".pem" or ".whl" ? Regex.Escape(ending) : Regex.Escape(path[path.LastIndexOf('/')..]);
    }

    private static string FolderOf(string type) => string.Concat(type.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
