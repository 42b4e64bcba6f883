using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Claimed.Registry.Storage;

/// <summary>The two system calls that .NET has no method for.</summary>
internal static partial class Posix
{
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Fsync(SafeFileHandle file);
}
