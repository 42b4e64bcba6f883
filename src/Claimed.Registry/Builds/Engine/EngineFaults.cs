using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Docker.DotNet;

namespace Claimed.Registry.Builds.Engine;

/// <summary>What another attempt can do about an error.</summary>
internal enum EngineVerdict
{
    /// <summary>Nothing: it would be met again.</summary>
    Fails,

    /// <summary>A server was away, slow or busy.</summary>
    MayPass,

    /// <summary>The engine's disk is full: an attempt may work when someone has made room.</summary>
    Full,
}

/// <summary>Judges by their words the errors that engines tell. They have no codes: both print what their libraries said.</summary>
internal static partial class EngineFaults
{
    /// <summary>An error of a build, the fetching of its base images included.</summary>
    public static EngineVerdict OfBuild(string error)
    {
        // The text of a command may hold any words.
        if (ExitCodeOf(error) is not null || error.StartsWith("COPY failed", StringComparison.Ordinal))
            return EngineVerdict.Fails;
        return IsFull(error) ? EngineVerdict.Full : Passing.IsMatch(error) ? EngineVerdict.MayPass : EngineVerdict.Fails;
    }

    /// <summary>An error of a push. The image is made already, so what is not known is tried again.</summary>
    public static EngineVerdict OfPush(string error) =>
        IsFull(error) ? EngineVerdict.Full : Passing.IsMatch(error) || !Lasting.IsMatch(error) ? EngineVerdict.MayPass : EngineVerdict.Fails;

    /// <summary>Exit code of the command that failed, where the error is that one did.</summary>
    public static int? ExitCodeOf(string error) =>
        CommandEnd.Match(error.TrimEnd()) is { Success: true } end && int.TryParse(end.Groups["code"].ValueSpan, out var code) ? code : null;

    /// <summary>Another build that shares a layer has ended, and the engine removed it with that image between two steps of this one. The next try makes it anew.</summary>
    public static bool IsLostLayer(string error) => LostLayer.IsMatch(error);

    /// <summary>The engine's disk, as the engine tells it or as the end of a step's output does.</summary>
    public static bool IsFull(string text) =>
        text.Contains("no space left on device", StringComparison.OrdinalIgnoreCase) || text.Contains("disk quota exceeded", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether nothing answered, or the answer broke off.</summary>
    public static bool IsConnection(Exception fault) =>
        fault is HttpRequestException or IOException or SocketException or TimeoutException or DockerApiException
        // A message that was cut in the middle.
        or JsonException
        // A refused TCP connection comes as one fault per address that was tried.
        or AggregateException { InnerException: SocketException };

    public static string Innermost(Exception fault) => fault.GetBaseException().Message;

    // Docker; Podman.
    [GeneratedRegex(@"returned a non-zero code: (?<code>\d+)$|while running runtime: exit status (?<code>\d+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex CommandEnd { get; }

    [GeneratedRegex(
        @"toomanyrequests|Too Many Requests|\b429\b|HTTP status: 5\d\d|\b50[0234] \(|HTTP 5\d\d response|i/o timeout|TLS handshake timeout|Client\.Timeout|context deadline exceeded"
        + @"|connection reset|connection refused|broken pipe|unexpected EOF|: EOF$|server misbehaving|Temporary failure in name resolution|no route to host|network is unreachable|use of closed network connection",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Passing { get; }

    // A password may be on its way to being changed, so "unauthorized" is not among them.
    [GeneratedRegex(
        @"\bdenied\b|\b40[03] \(|\b413\b|Request Entity Too Large|manifest invalid|manifest unknown|name unknown|repository name not known|blob unknown|\bx509\b|server gave HTTP response to HTTPS client|no such host",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Lasting { get; }

    [GeneratedRegex("No such image: sha256:|failed to get digest sha256:|unknown parent image ID|layer does not exist|layer not known|image not known|An image does not exist locally with the tag",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LostLayer { get; }
}
