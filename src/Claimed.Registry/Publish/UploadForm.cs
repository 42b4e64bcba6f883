namespace Claimed.Registry.Publish;

/// <summary>Which parts a multipart form has that brings files; every other part is refused.</summary>
/// <param name="Files">Name of the parts that are one file each, called as they say; null for none.</param>
/// <param name="Archive">Name of the part that is a tar.gz or zip; null for none.</param>
/// <param name="Either">Name of the part that is a file or an archive, told apart by its first bytes; null for none.</param>
/// <param name="Fields">Names of the text fields.</param>
public sealed record UploadForm(string? Files, string? Archive, string? Either, IReadOnlyList<string> Fields)
{
    /// <summary>What a single file of the part <see cref="Either"/> is called; what it is for only its content tells.</summary>
    public const string Unnamed = "content";

    /// <summary>The form of the registry's own API.</summary>
    public static readonly UploadForm Publish = new("source", "bundle", null, PublishFields.Names);

    /// <summary>False for a form of fields alone.</summary>
    public bool HasFiles => FileParts.Length > 0;

    /// <summary>The names of the parts with files, for those who sent another.</summary>
    public string FileParts => string.Join(" or ", new[] { Files, Archive, Either }.OfType<string>());
}
