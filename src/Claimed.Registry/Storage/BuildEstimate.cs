using System.Globalization;

namespace Claimed.Registry.Storage;

/// <summary>What a build is expected to take, as the folder of its component says.</summary>
/// <param name="ImageBytes">Bytes of the image, unpacked.</param>
/// <param name="Seconds">From its beginning to its end.</param>
public sealed record BuildEstimate(long ImageBytes, long Seconds)
{
    /// <summary>From the columns of a build; null unless both are there.</summary>
    public static BuildEstimate? Of(long? imageBytes, long? seconds) => imageBytes is { } bytes && seconds is { } time ? new BuildEstimate(bytes, time) : null;

    /// <summary>For people: <c>about 2.1 GiB, 6 min</c>.</summary>
    public string InWords()
    {
        var size = ImageBytes >= 1L << 30 ? $"{Rounded(ImageBytes / (double)(1L << 30))} GiB" : $"{Rounded(ImageBytes / (double)(1L << 20))} MiB";
        return $"about {size}, {(Seconds >= 2 * 3600 ? $"{Rounded(Seconds / 3600.0)} h" : $"{Rounded(Seconds / 60.0)} min")}";
    }

    private static string Rounded(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);
}
