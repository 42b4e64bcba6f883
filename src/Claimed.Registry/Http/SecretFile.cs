using System.Diagnostics.CodeAnalysis;

namespace Claimed.Registry.Http;

/// <summary>Files that hold a password or token in their one line. Settings name them, and they are read for each use: whoever replaces one need not restart.</summary>
public static class SecretFile
{
    public static bool TryRead(string file, [NotNullWhen(false)] out string? fault) => TryRead(file, out fault, out _);

    /// <param name="fault">What is wrong, to go on after "names FILE, which".</param>
    public static bool TryRead(string file, [NotNullWhen(false)] out string? fault, out string secret)
    {
        (fault, secret) = (null, "");
        try
        {
            secret = File.ReadAllText(file).TrimEnd('\r', '\n');
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            fault = "is not there or cannot be read";
            return false;
        }
        fault = secret.Length == 0 ? "is empty" : secret.Any(char.IsControl) ? "holds more than one line" : null;
        return fault is null;
    }
}
