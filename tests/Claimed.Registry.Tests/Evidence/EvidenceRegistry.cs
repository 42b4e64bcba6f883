using System.Text;
using System.Text.Json;
using Claimed.Registry.Builds;
using Claimed.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Evidence;

/// <summary>A registry that builds images of the layers that a test gives, pushed as an engine pushes them.</summary>
public sealed class EvidenceRegistry : IAsyncLifetime
{
    private readonly PretendEngine _engine = new(1);
    private readonly Dictionary<string, IReadOnlyList<byte[]>> _layers = new(StringComparer.Ordinal);

    public RegistryHost Host { get; private set; } = null!;

    /// <summary>Settings beside those of every test.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Replaces parts.</summary>
    public Action<WebApplicationBuilder>? Adjust { get; init; }

    /// <summary>Done once, when the next image is pushed.</summary>
    public Action? Adding { get; set; }

    public async ValueTask InitializeAsync()
    {
        _engine.Pushed = () =>
        {
            Adding?.Invoke();
            Adding = null;
        };
        _engine.Layers = job => _layers.FirstOrDefault(image => job.Reference.Contains($"/{image.Key}:", StringComparison.Ordinal)).Value ?? [Encoding.UTF8.GetBytes(job.Reference)];
        var settings = new Dictionary<string, string>(Settings) { ["Builds:Enabled"] = "true" };
        Host = await RegistryHost.StartAsync(settings, adjust: builder =>
        {
            builder.Services.AddSingleton<IImageBuilder>(_engine);
            Adjust?.Invoke(builder);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _engine.Dispose();
    }

    /// <summary>Publishes a script and waits until the version of its image is ready.</summary>
    /// <param name="component"><c>namespace/name</c>.</param>
    public async Task<Answer> BuildAsync(string component, string version, params byte[][] layers)
    {
        if (layers.Length > 0)
            _layers[component] = layers;
        var parts = component.Split('/');
        var published = await Host.PublishAsync(parts[0], parts[1], version, ("step.py", Samples.Script($"{component} {version}")));
        Assert.True((int)published.Status is 200 or 201, published.Text);
        var built = await Host.Admin.UntilAsync($"/api/v1/components/{component}/versions/{version}", answer => answer["state"] is "ready" or "failed");
        Assert.True(built["state"] == "ready", built.Text);
        return built;
    }

    /// <summary>What a signed form of a version says.</summary>
    public async Task<JsonElement> StatementAsync(string component, string version, string form)
    {
        var envelope = await Host.ComponentAsync($"{component}/versions/{version}/{form}");
        Assert.True(envelope.Json.ValueKind == JsonValueKind.Object, envelope.Text);
        return JsonDocument.Parse(Convert.FromBase64String(envelope["payload"]!)).RootElement;
    }

    /// <summary>The packages of a version, as <c>pkg:…</c>, without the image itself.</summary>
    public async Task<IReadOnlyList<string>> PackagesAsync(string component, string version) =>
        [.. (await ListAsync(component, version)).GetProperty("packages").EnumerateArray()
            .Select(package => package.GetProperty("externalRefs")[0].GetProperty("referenceLocator").GetString()!).Where(purl => !purl.StartsWith("pkg:oci/", StringComparison.Ordinal))];

    /// <summary>What its list says it could not read.</summary>
    public async Task<IReadOnlyList<string>> NotesAsync(string component, string version) =>
        (await ListAsync(component, version)).TryGetProperty("annotations", out var notes) ? [.. notes.EnumerateArray().Select(note => note.GetProperty("comment").GetString()!)] : [];

    private async Task<JsonElement> ListAsync(string component, string version) => (await StatementAsync(component, version, "contents.json")).GetProperty("predicate");
}
