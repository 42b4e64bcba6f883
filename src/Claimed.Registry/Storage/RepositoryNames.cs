using Claimed.Database;
using Claimed.Database.Images;

namespace Claimed.Registry.Storage;

/// <summary>Repositories of images are named <c>namespace/name</c>, or deeper: which of them are whose.</summary>
internal static class RepositoryNames
{
    /// <summary>The namespace of a repository.</summary>
    public static string SpaceOf(string repository) => repository.Split('/', 2)[0];

    /// <summary>Its name within the namespace.</summary>
    public static string NameOf(string repository) => repository[(repository.IndexOf('/') + 1)..];

    /// <summary>The names of a namespace's repositories lie between these two, for <c>0</c> comes after the slash; an index finds them so.</summary>
    public static (string After, string Before) Of(string space) => (space + "/", space + "0");

    /// <summary>The repositories of a namespace.</summary>
    public static IQueryable<ImageRepository> RepositoriesOf(this RegistryContext db, string space)
    {
        var (after, before) = Of(space);
        return db.Repositories.Where(row => string.Compare(row.Name, after) > 0 && string.Compare(row.Name, before) < 0);
    }
}
