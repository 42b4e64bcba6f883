using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access;

/// <summary>Keys and secrets in files that only the registry's user can read.</summary>
public sealed class KeyFiles(IOptions<RegistryOptions> options)
{
    /// <summary>The 32 bytes of a named key in <c>Registry__KeysPath</c>, made on first use.</summary>
    public byte[] Key(string name)
    {
        var folder = options.Value.Keys;
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, name + ".key");
        return Convert.FromHexString(ReadOrCreate(path, () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))));
    }

    /// <summary>Reads a secret file, or writes it once with mode 0600.</summary>
    public static string ReadOrCreate(string path, Func<string> make)
    {
        if (File.Exists(path))
            return File.ReadAllText(path).Trim();
        var secret = make();
        var temporary = path + ".new";
        File.Delete(temporary);
        var settings = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            settings.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new StreamWriter(path + ".new", settings))
        {
            file.Write(secret);
            file.Write('\n');
            file.Flush();
            ((FileStream)file.BaseStream).Flush(flushToDisk: true);
        }
        File.Move(temporary, path);
        return secret;
    }
}
