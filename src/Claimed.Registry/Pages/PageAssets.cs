using System.Collections.Frozen;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Pages;

/// <summary>The style sheet, the script and the icon: part of the program, so that pages need no network but ours.</summary>
public sealed class PageAssets
{
    private readonly FrozenDictionary<string, Served> _assets = new[]
    {
        Read("registry.css", "text/css; charset=utf-8"),
        Read("registry.js", "text/javascript; charset=utf-8"),
        Read("icon.svg", "image/svg+xml; charset=utf-8"),
    }.ToFrozenDictionary(asset => asset.File, asset => asset.Served, StringComparer.Ordinal);

    public IResult? Find(string file) =>
        _assets.TryGetValue(file, out var asset) ? new PageResult(asset, StatusCodes.Status200OK) : null;

    private static (string File, Served Served) Read(string file, string contentType)
    {
        using var stream = typeof(PageAssets).Assembly.GetManifestResourceStream($"pages/{file}")
            ?? throw new InvalidOperationException($"The program lacks its resource pages/{file}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return (file, new Served(bytes, contentType, Digest.Of(bytes), Served.Moving));
    }
}
