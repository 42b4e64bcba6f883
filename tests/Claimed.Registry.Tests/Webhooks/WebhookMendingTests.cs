using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Webhooks;

/// <summary>A clock that was wrong costs no event, and an owner who mends a webhook need not wait for its pause.</summary>
public sealed class WebhookMendingTests : IAsyncLifetime
{
    private readonly Dictionary<string, string> _settings = new(HookedRegistry.Quick)
    {
        ["Webhooks:FirstPause"] = "01:00:00",
        ["Webhooks:LongestPause"] = "02:00:00",
        ["Webhooks:GiveUpAfter"] = "1.00:00:00",
    };

    private RegistryHost _host = null!;
    private WebhookReceiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await WebhookReceiver.StartAsync();
        _host = await RegistryHost.StartAsync(_settings);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_namespace_made_while_a_clock_was_ahead_is_told_what_happens()
    {
        var database = _host.Services.GetRequiredService<RegistryDatabase>();
        await database.ChangeAsync(change =>
        {
            change.Tell("version.ready", "ahead/old", new { version = "1.0.0" });
            return Task.CompletedTask;
        }, TestContext.Current.CancellationToken);
        await _host.CreateNamespaceAsync("ahead");
        await database.ChangeAsync(change => change.Db.Namespaces.Where(row => row.Name == "ahead")
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.CreatedAt, row => row.CreatedAt + 3_600_000), change.Cancellation), TestContext.Current.CancellationToken);
        var id = await _host.Admin.HookAsync("ahead", _receiver.Url);
        await _host.PublishReadyAsync("ahead", "greet", "1.0.0");
        await _receiver.UntilAsync(2);
        // Nor is it told of the one before, though no clock tells them apart.
        await _host.Admin.JsonAsync(HttpMethod.Post, $"{Hooks.PathOf("ahead")}/{id}/replay", new { after = 0 });
        Assert.All(await _receiver.UntilAsync(4), one => Assert.Equal("ahead/greet", one.Subject));
    }

    [Fact]
    public async Task Another_address_and_other_kinds_are_tried_at_once()
    {
        await _host.CreateNamespaceAsync("mended");
        var path = $"{Hooks.PathOf("mended")}/{await _host.Admin.HookAsync("mended", $"http://127.0.0.1:{FreePorts.Next()}/")}";
        await _host.PublishReadyAsync("mended", "greet", "1.0.0");
        await _host.Admin.UntilAsync(path, hook => hook["failures"] == "1");
        _receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        await _host.Admin.JsonAsync(HttpMethod.Patch, path, new { url = _receiver.Url });
        Assert.Equal(("version.published", "1"), Seen((await _receiver.UntilAsync(1))[0]));
        await _host.Admin.UntilAsync(path, hook => hook["failures"] == "1");
        await _host.Admin.JsonAsync(HttpMethod.Patch, path, new { events = new[] { "version.ready" } });
        Assert.Equal(("version.ready", "1"), Seen((await _receiver.UntilAsync(2))[1]));
    }

    private static (string Kind, string Attempt) Seen(Received one) => (one.Kind, one.Headers["X-Claimed-Attempt"]);
}
