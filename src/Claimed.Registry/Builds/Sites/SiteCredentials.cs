using System.Net.Http.Headers;
using System.Text;
using Claimed.Registry.Http;

namespace Claimed.Registry.Builds.Sites;

/// <summary>A user and a password from a file, read whenever they are needed, so that a new password needs no restart.</summary>
public sealed record SiteCredentials(string User, string Password)
{
    /// <summary>Null without a file, or when it cannot be read by now.</summary>
    public static SiteCredentials? Read(string? file)
    {
        if (file is null || !SecretFile.TryRead(file, out _, out var text))
            return null;
        var parts = text.Split(':', 2);
        return parts.Length == 2 && parts[0].Length > 0 ? new SiteCredentials(parts[0], parts[1]) : null;
    }

    /// <summary>What is wrong with the setting, or null.</summary>
    public static string? WrongWith(string setting, string? file) => file is null || Read(file) is not null ? null
        : $"{setting} names {file}, which cannot be read or does not hold one line of the form user:password.";

    public AuthenticationHeaderValue Header => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
}
