using Claimed.TestKit;

namespace Claimed.Faults.Roles;

/// <summary>The wall clock of one program, which can be set while it runs; the one that counts on stays as it is. By Debian's libfaketime.</summary>
public sealed class JumpingClock : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    /// <param name="registry">Not started yet.</param>
    public JumpingClock(RegistryProcess registry)
    {
        Jump("+0");
        registry.Environment["LD_PRELOAD"] = $"/usr/lib/{System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.Arm64 => "aarch64-linux-gnu",
            _ => "x86_64-linux-gnu",
        }}/faketime/libfaketime.so.1";
        registry.Environment["FAKETIME_TIMESTAMP_FILE"] = _file;
        registry.Environment["FAKETIME_NO_CACHE"] = "1";
        registry.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        registry.Environment["FAKETIME_DONT_RESET"] = "1";
    }

    /// <summary>Sets it that far from the true time: <c>+3h</c>, <c>-1d</c>.</summary>
    public void Jump(string offset)
    {
        // The program reads it at any moment, and never half of it.
        var next = _file + ".next";
        File.WriteAllText(next, offset + "\n");
        File.Move(next, _file, overwrite: true);
    }

    public void Dispose() => File.Delete(_file);
}
