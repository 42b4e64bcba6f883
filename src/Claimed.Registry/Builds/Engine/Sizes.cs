using System.Globalization;
using Docker.DotNet.Models;

namespace Claimed.Registry.Builds.Engine;

/// <summary>Numbers of bytes for people.</summary>
internal static class Sizes
{
    private const int Steps = 3;
    private const int LongestStep = 80;

    public static string Of(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.##} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.#} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
    };

    /// <summary>The steps of an image that take most.</summary>
    public static string Largest(IEnumerable<ImageHistoryResponse> history) =>
        string.Join("; ", history.OrderByDescending(step => step.Size).Take(Steps).Where(step => step.Size > 0).Select(step => $"{Of(step.Size)} by {Short(step.CreatedBy)}"));

    private static string Short(string? step)
    {
        var text = (step ?? "").Replace("/bin/sh -c #(nop) ", "", StringComparison.Ordinal).Replace("/bin/sh -c ", "RUN ", StringComparison.Ordinal).Trim();
        return text.Length == 0 ? "the base image" : text.Length > LongestStep ? text[..LongestStep] + "…" : text;
    }
}
