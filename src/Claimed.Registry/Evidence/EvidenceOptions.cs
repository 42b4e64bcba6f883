using Microsoft.Extensions.Options;

namespace Claimed.Registry.Evidence;

/// <summary>Settings <c>Evidence__…</c>: bounds of what is said of images.</summary>
public sealed record EvidenceOptions
{
    /// <summary>Longest time for listing the packages of one image; what is not read by then is named as not read.</summary>
    public TimeSpan ListingTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most bytes that one layer may unpack to; a larger one is named as not read.</summary>
    public long MaxLayerBytes { get; init; } = 64L * 1024 * 1024 * 1024;

    /// <summary>Memory for what layers said of packages.</summary>
    public long LayerMemoryBytes { get; init; } = 32 * 1024 * 1024;
}

/// <summary>Says at start what is wrong with <see cref="EvidenceOptions"/>.</summary>
public sealed class EvidenceOptionsCheck : IValidateOptions<EvidenceOptions>
{
    public ValidateOptionsResult Validate(string? name, EvidenceOptions options)
    {
        if (options.ListingTimeout < TimeSpan.FromSeconds(1))
            return ValidateOptionsResult.Fail("Evidence__ListingTimeout is below a second.");
        return options.MaxLayerBytes < 1 || options.LayerMemoryBytes < 0
            ? ValidateOptionsResult.Fail("Evidence__MaxLayerBytes and Evidence__LayerMemoryBytes are numbers of bytes.")
            : ValidateOptionsResult.Success;
    }
}
