using Claimed.Components;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images.Proxies;

/// <summary>Settings <c>Images__Proxies__n__…</c>: a namespace that hands on the images of a registry elsewhere, and keeps them.</summary>
public sealed record ProxyOptions
{
    /// <summary>How the files begin that layers on their way are kept in.</summary>
    internal const string Temporary = "fetch-";

    /// <summary>The namespace, which is then for nothing else: <c>hub/library/python</c> is <c>library/python</c> elsewhere.</summary>
    public string Namespace { get; init; } = "";

    /// <summary><c>host[:port]</c> of the registry elsewhere, as image references name it; its account and certificates are those of the entry of <c>Images__Upstreams</c> with this host.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>Most bytes of manifests, configs and layers that are kept, what is on its way included; what was not used for longest goes first. A layer that is larger is refused.</summary>
    public long MaxBytes { get; init; } = 50L << 30;

    /// <summary>How long a tag is believed before the registry elsewhere is asked again what it means.</summary>
    public TimeSpan Recheck { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an image that nobody pulls is kept.</summary>
    public TimeSpan KeepUnused { get; init; } = TimeSpan.FromDays(90);
}

/// <summary>Says at start what is wrong with <see cref="ImageOptions.Proxies"/>.</summary>
public sealed class ProxyOptionsCheck : IValidateOptions<ImageOptions>
{
    private const long LeastBytes = 64 << 20;

    public ValidateOptionsResult Validate(string? name, ImageOptions options)
    {
        for (var index = 0; index < options.Proxies.Count; index++)
        {
            if (WrongWith($"Images__Proxies__{index}", options.Proxies[index], options, index) is { } wrong)
                return ValidateOptionsResult.Fail(wrong);
        }
        return ValidateOptionsResult.Success;
    }

    private static string? WrongWith(string setting, ProxyOptions one, ImageOptions options, int index)
    {
        if (!ComponentName.IsNamespace(one.Namespace))
            return $"{setting}__Namespace is \"{one.Namespace}\": give the name of a namespace, such as hub";
        if (options.Proxies.Take(index).Any(other => other.Namespace == one.Namespace))
            return $"{setting}__Namespace is {one.Namespace}, which an entry before it has: a namespace stands for one registry";
        if (UpstreamOptionsCheck.WrongWithHost($"{setting}__Upstream", one.Upstream, options) is { } wrong)
            return wrong;
        if (ImageProxies.UpstreamOf(one, options) is { } account && !Upstream.CoversNamespace(account, one.Namespace))
            return $"{setting}: the entry of Images__Upstreams for {one.Upstream} does not name the namespace {one.Namespace}, so its account is not for it: add it to that entry's Namespaces";
        if (one.MaxBytes < LeastBytes)
            return $"{setting}__MaxBytes is {one.MaxBytes}: give at least {LeastBytes} bytes, or hardly an image would fit";
        if (one.Recheck < TimeSpan.Zero || one.KeepUnused < TimeSpan.FromHours(1))
            return $"{setting}__Recheck is below 0 or {setting}__KeepUnused below an hour: write them as d.hh:mm:ss";
        return null;
    }
}
