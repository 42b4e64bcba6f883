using System.Formats.Tar;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Claimed.Registry.Builds.Engine;

/// <summary>Reads the ONBUILD instructions of an image out of the archive that an engine gives of it: they stand in its configuration alone.</summary>
internal static partial class ImageTriggers
{
    private const long MostConfig = 16 << 20;

    /// <param name="archive">Read to its end, or to the configuration; layers are passed over.</param>
    /// <exception cref="BuildFailedException">There is no configuration in it, so nobody knows what the image brings along.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(Stream archive, CancellationToken cancellation)
    {
        await using var tar = new TarReader(archive);
        while (await tar.GetNextEntryAsync(copyData: false, cancellation) is { } entry)
        {
            if (!ConfigName.IsMatch(entry.Name) || entry.Length is 0 or > MostConfig || entry.DataStream is not { } data)
                continue;
            using var config = await JsonDocument.ParseAsync(data, cancellationToken: cancellation);
            return config.RootElement.TryGetProperty("config", out var run) && run.ValueKind == JsonValueKind.Object
                && run.TryGetProperty("OnBuild", out var triggers) && triggers.ValueKind == JsonValueKind.Array
                ? [.. triggers.EnumerateArray().Select(trigger => trigger.GetString() ?? "")] : [];
        }
        throw new BuildFailedException("The engine gives an image without its configuration, so what it would run in a build is not known.") { IsSaid = true };
    }

    // Podman's layout; a layer of Docker's has a folder.
    [GeneratedRegex(@"\A[0-9a-f]{64}\.json\z", RegexOptions.CultureInvariant)]
    private static partial Regex ConfigName { get; }
}
