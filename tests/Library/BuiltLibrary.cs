using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Library;

/// <summary>
/// A registry whose first start publishes <c>components/</c> and builds its starter set with a real engine, on packages of Debian alone; and
/// the tests with the marker <c>image</c>, run in containers of the built images.
/// </summary>
public sealed class BuiltLibrary : IAsyncLifetime
{
    private readonly ContainerEngine _engine = new() { HasBaseImages = false };
    private RegistryHost? _host;

    public RegistryHost Host => _host ?? throw new InvalidOperationException("The registry has not started.");

    /// <summary>What the containers did.</summary>
    public Pytest Pytest { get; private set; } = null!;

    /// <summary>The starter set, as <c>starter.txt</c> names it.</summary>
    public static ImmutableArray<string> Starters { get; } =
        [.. File.ReadAllLines(Path.Combine(ShippedComponent.Root, "starter.txt")).Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0)];

    public async ValueTask InitializeAsync()
    {
        await _engine.InitializeAsync();
        await BaseImages.LoadAsync(_engine.Endpoint, "library");
        var port = FreePorts.Next();
        _host = await RegistryHost.StartAsync(
            new Dictionary<string, string>(BaseImages.LibrarySettings)
            {
                ["Builds:Enabled"] = "true",
                ["Builds:Endpoint"] = _engine.Endpoint,
                ["Builds:NetworkMode"] = "none",
                ["Registry:PublicUrl"] = $"http://localhost:{port}",
                ["Registry:Seed"] = ShippedComponent.Root,
            }, port: port);

        var images = new Dictionary<string, string?>();
        foreach (var folder in Starters)
            images[folder] = (string?)(await EndedAsync(ShippedComponent.NameOf(folder)))["image"];
        var file = Path.Combine(_host.DataPath, "images.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(images));
        Pytest = await Pytest.RunAsync(Starters, new Dictionary<string, string?> { ["CLAIMED_IMAGES"] = file, ["CLAIMED_ENGINE"] = _engine.Endpoint }, marker: "image");
    }

    /// <summary>The newest version of a shipped component once its build has ended.</summary>
    public async Task<JsonNode> EndedAsync(string name)
    {
        var waited = Stopwatch.StartNew();
        var after = "0";
        while (waited.Elapsed < TimeSpan.FromMinutes(10))
        {
            if (await ShippedComponent.NewestAsync(Host.Admin, name) is { } version && (string?)version["state"] is "ready" or "failed")
                return version;
            // Answers when something has happened.
            after = (string)JsonNode.Parse(await Host.Admin.GetStringAsync($"api/v1/events?after={after}&wait=20&limit=500"))!["next"]!;
        }
        throw new TimeoutException($"{name} was not built within ten minutes: {await ShippedComponent.NewestAsync(Host.Admin, name)}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        await _engine.DisposeAsync();
    }
}
