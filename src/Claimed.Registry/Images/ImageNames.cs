using System.Text.RegularExpressions;
using Claimed.Components;

namespace Claimed.Registry.Images;

/// <summary>The grammar of repositories and tags (OCI Distribution 1.1); a repository here is <c>namespace/name</c> or deeper.</summary>
public static partial class ImageNames
{
    public const int MaxRepositoryLength = 255;

    public static bool IsRepository(string text) =>
        text.Length <= MaxRepositoryLength && Repository.IsMatch(text) && ComponentName.IsNamespace(text[..text.IndexOf('/')]);

    public static bool IsTag(string text) => Tag.IsMatch(text);

    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)+\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Repository { get; }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Tag { get; }
}
