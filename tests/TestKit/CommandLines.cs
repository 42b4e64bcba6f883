namespace Claimed.TestKit;

/// <summary>What runs on this machine, the steps of its container engines included.</summary>
public static class CommandLines
{
    /// <summary>How many processes have such a command line; its words are parted by single spaces.</summary>
    public static int Count(Func<string, bool> isMeant) => Directory.EnumerateDirectories("/proc").Count(folder =>
    {
        try
        {
            return char.IsAsciiDigit(folder["/proc/".Length]) && isMeant(File.ReadAllText(Path.Combine(folder, "cmdline")).TrimEnd('\0').Replace('\0', ' '));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });
}
