using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Claimed.Registry.Storage;

/// <summary>The system calls that .NET has no method for.</summary>
internal static partial class Posix
{
    private const int NoEntry = 2;
    private const int NoFolder = 20;
    private const int ReadBuffer = 64 * 1024;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Fsync(SafeFileHandle file);

    /// <summary>Flag of <see cref="Open"/>: a program that we start does not inherit the handle, and with it a lock.</summary>
    internal static int CloseOnExec => OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint Umask(uint mask);

    /// <summary>From now on this process makes files and folders that its user alone may read: the database has private namespaces and hashes of passwords.</summary>
    internal static void KeepFilesToOneself()
    {
        if (!OperatingSystem.IsWindows())
            _ = Umask(0x3F);
    }

    /// <summary>
    /// Opens a file for reading, or null when it is absent. It asks for no lock: whoever has just made an upload a blob of this name may
    /// still hold it, and .NET would refuse to read it until then.
    /// </summary>
    internal static FileStream? OpenRead(string path)
    {
        if (OperatingSystem.IsWindows())
            return File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, ReadBuffer) : null;
        var file = new SafeFileHandle(Open(path, CloseOnExec), ownsHandle: true);
        if (!file.IsInvalid)
            return new FileStream(file, FileAccess.Read, ReadBuffer);
        var error = Marshal.GetLastPInvokeError();
        file.Dispose();
        return error is NoEntry or NoFolder ? null : throw new IOException($"A file could not be opened (error {error}).", error);
    }

    /// <summary>Flushes what a file holds without asking for its lock, which whoever uploads it may hold.</summary>
    internal static void FlushFile(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            using var shared = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.FlushToDisk(shared);
            return;
        }
        using var file = new SafeFileHandle(Open(path, CloseOnExec), ownsHandle: true);
        if (file.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            throw new IOException($"A file could not be opened to be flushed to disk (error {error}).", error);
        }
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>What a file has and its successor under the same name has not; a new time does not change it.</summary>
    internal static unsafe string IdentityOf(FileInfo file)
    {
        // On Linux .NET makes the time of creation up from the times that a touch changes.
        if (!OperatingSystem.IsLinux())
            return file.CreationTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture);
        const int WorkingFolder = -100;
        const uint Inode = 0x100;
        var status = stackalloc ulong[32];
        // The same on every processor: the number of the file is the fifth word.
        return Statx(WorkingFolder, file.FullName, 0, Inode, status) == 0 ? status[4].ToString(CultureInfo.InvariantCulture) : "";
    }

    /// <summary>Whether a path is a file with bytes in it, and no pipe or device that a reader would wait at. Known on Linux alone.</summary>
    internal static unsafe bool IsPlainFile(string path)
    {
        if (!OperatingSystem.IsLinux())
            return true;
        const int WorkingFolder = -100;
        const int NoLink = 0x100;
        const uint Type = 1;
        const int Kind = 0xF000;
        const int Plain = 0x8000;
        var status = stackalloc ulong[32];
        // The mode is the fifteenth half word on every processor.
        return Statx(WorkingFolder, path, NoLink, Type, status) != 0 || (((ushort*)status)[14] & Kind) == Plain;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, ulong* status);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long count, uint flags);

    /// <summary>Lets the disk begin with a part of a file, and waits for nothing. A wish: whoever needs the bytes on the disk flushes the file.</summary>
    internal static void BeginFlush(SafeFileHandle file, long offset, long count)
    {
        const uint Write = 2;
        if (OperatingSystem.IsLinux())
            _ = SyncFileRange(file, offset, count, Write);
    }

    /// <summary>A rename is only durable once its folder is flushed; .NET opens no folders, so this asks the system.</summary>
    internal static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var handle = new SafeFileHandle(Open(folder, 0), ownsHandle: true);
        if (handle.IsInvalid || Fsync(handle) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw new IOException($"A folder could not be flushed to disk (error {error}).", error);
        }
    }
}
