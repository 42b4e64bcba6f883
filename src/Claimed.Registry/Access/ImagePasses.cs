using System.Globalization;
using Claimed.Registry.Access.Tokens;

namespace Claimed.Registry.Access;

/// <summary>
/// Short-lived signed passes that image clients get from <c>/token</c>. Docker sends credentials only after a challenge, and after a
/// Basic challenge it refuses to pull without any; with passes the same client pulls anonymously and pushes signed in.
/// </summary>
public sealed class ImagePasses(KeyFiles keys, KnownTokens tokens, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const string ForToken = "token";
    private const string ForPush = "push";
    private readonly SignedText _signed = new(() => keys.Key(KeyFiles.ImagePass), "clms_");

    public string Issue(Caller caller)
    {
        var ends = (clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds();
        var holder = caller switch
        {
            { TokenId: { } id } => string.Create(CultureInfo.InvariantCulture, $"{ForToken} {id}"),
            { PushRepository: { } repository } => $"{ForPush} {repository}",
            _ => "anonymous -",
        };
        return _signed.Write(string.Create(CultureInfo.InvariantCulture, $"{ends} {holder}"));
    }

    /// <summary>Whose pass it is, <see cref="Caller.Anonymous"/> included; null when it is not a valid pass or its token was withdrawn.</summary>
    public Caller? Read(string pass)
    {
        if (_signed.Read(pass)?.Split(' ', 3) is not [var ends, var kind, var holder])
            return null;
        if (long.Parse(ends, CultureInfo.InvariantCulture) <= clock.GetUtcNow().ToUnixTimeSeconds())
            return null;
        return kind switch
        {
            ForToken => tokens.Find(long.Parse(holder, CultureInfo.InvariantCulture)),
            ForPush => Caller.OfBuild(holder),
            _ => Caller.Anonymous,
        };
    }
}
