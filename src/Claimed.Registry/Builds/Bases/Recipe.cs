using System.Security.Cryptography;
using System.Text;

namespace Claimed.Registry.Builds.Bases;

/// <summary>One name for everything that shapes an image: every file of the context, the images it begins with, what the site hands to its steps.</summary>
public static class Recipe
{
    /// <summary>Raised when this program begins to make other images of the same things.</summary>
    private const string Generation = "1";

    /// <param name="context">With images by id.</param>
    /// <param name="platform">What the image is for.</param>
    /// <param name="site">Settings of the site that reach into steps.</param>
    public static string Of(BuildContext context, string platform, params IEnumerable<string?> site)
    {
        var text = new StringBuilder(Generation).Append('\n').Append(platform).Append('\n');
        foreach (var setting in site)
            text.Append(setting).Append('\n');
        foreach (var file in context.Files.OrderBy(file => file.Path, StringComparer.Ordinal))
            text.Append(file.Path).Append('\0').Append(file.Executable ? 'x' : '-').Append(Convert.ToHexStringLower(SHA256.HashData(file.Content.Span))).Append('\n');
        return Storage.Digest.Of(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
