using Microsoft.Win32.SafeHandles;

namespace Claimed.Registry.Storage;

/// <summary>Holds a file alone, over all processes on one folder; the system lets go of it when a process dies.</summary>
internal static class FileHold
{
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    /// <summary>Opens a file for reading and writing and holds it; null when another holds it, or it is not there.</summary>
    public static SafeFileHandle? TryTake(string path)
    {
        try
        {
            // On Windows a file that is to be renamed must be shared for that; a registry is one process there.
            return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.ReadWrite | FileShare.Delete : FileShare.None);
        }
        catch (IOException fault) when (fault is FileNotFoundException || IsHeldByAnother(fault))
        {
            return null;
        }
    }

    /// <summary>Another holds the file; every other fault, such as a full disk, is not that.</summary>
    public static bool IsHeldByAnother(IOException fault) => fault.HResult is WindowsSharingViolation
        || (!OperatingSystem.IsWindows() && fault.HResult == (OperatingSystem.IsMacOS() ? MacWouldBlock : LinuxWouldBlock));
}
