using Claimed.Registry.Storage;

namespace Claimed.Registry.Mirrors;

/// <summary>Sees that one process alone follows an origin on a data folder; nodes that share no folder share the database. The system frees it when the process dies.</summary>
internal static class MirrorLock
{
    public static string NameOf(string origin) => $"following-{Digest.Of(origin)[7..23]}.lock";

    /// <summary>Null when another process holds it.</summary>
    public static FileStream? TryTake(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault) when (FileHold.IsHeldByAnother(fault))
        {
            return null;
        }
    }
}
