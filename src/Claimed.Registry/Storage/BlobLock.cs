using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Claimed.Registry.Storage;

/// <summary>
/// Keeps "is this blob still idle? then remove it" apart from "this blob is there: touch it", over all processes on one folder. Each
/// holds it for microseconds; the system frees it when a process dies. On Windows, where a registry is one process, nothing is held.
/// </summary>
internal sealed class BlobLock
{
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int Interrupted = 4;
    private readonly string _path;

    public BlobLock(string path)
    {
        _path = path;
        using var made = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
    }

    /// <summary>Many at a time: while held, no blob is removed.</summary>
    public IDisposable? Touching() => Take(Shared);

    /// <summary>One at a time: while held, no blob is touched or stored.</summary>
    public IDisposable? Removing() => Take(Exclusive);

    private SafeFileHandle? Take(int mode)
    {
        if (OperatingSystem.IsWindows())
            return null;
        // A lock belongs to an opening of the file, so each holder opens it for itself.
        var handle = new SafeFileHandle(Posix.Open(_path, Posix.CloseOnExec), ownsHandle: true);
        while (handle.IsInvalid || Posix.Flock(handle, mode) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (!handle.IsInvalid && error == Interrupted)
                continue;
            handle.Dispose();
            throw new IOException($"The lock of the blobs could not be taken (error {error}).");
        }
        return handle;
    }
}
