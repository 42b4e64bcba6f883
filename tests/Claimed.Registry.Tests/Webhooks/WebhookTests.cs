using System.Net;
using System.Text;
using System.Text.Json;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Webhooks;

/// <summary>Owners have addresses told what happens in their namespace, and can rely on it.</summary>
public sealed class WebhookTests(HookedRegistry registry) : IClassFixture<HookedRegistry>, IAsyncLifetime
{
    private readonly RegistryHost _host = registry.Host;
    private WebhookReceiver _receiver = null!;

    public async ValueTask InitializeAsync() => _receiver = await WebhookReceiver.StartAsync();

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Fact]
    public async Task A_publish_is_told_in_order_and_signed_so_that_openssl_and_python_agree()
    {
        await _host.CreateNamespaceAsync("signed");
        await _host.Admin.HookAsync("signed", _receiver.Url);
        await _host.PublishReadyAsync("signed", "greet", "1.0.0");
        await _host.PatchAsync("signed/greet/versions/1.0.0", """{"yanked": true, "reason": "wrong"}""");
        var all = await _receiver.UntilAsync(3);
        Assert.Equal(["version.published", "version.ready", "version.yanked"], all.Select(one => one.Kind));
        Assert.Equal(all.Select(one => one.Serial).Order(), all.Select(one => one.Serial));
        foreach (var one in all)
        {
            var signature = one.Headers["X-Claimed-Signature-256"];
            Assert.Equal(signature, one.Headers["X-Hub-Signature-256"]);
            Assert.Equal(signature, "sha256=" + await OpensslAsync(one.Bytes));
            Assert.Equal(signature, "sha256=" + await PythonAsync(one.Bytes));
        }
        var yanked = all[2].Body;
        Assert.Equal(("signed", "greet", "1.0.0", "wrong"), (yanked.Text("namespace"), yanked.Text("component"), yanked.Text("version"), yanked.GetProperty("payload").Text("reason")));
        var links = yanked.GetProperty("links");
        Assert.EndsWith("/api/v1/components/signed/greet/versions/1.0.0", links.Text("version"), StringComparison.Ordinal);
        Assert.Equal(("application/json", "1"), (all[2].Headers["Content-Type"], all[2].Headers["X-Claimed-Attempt"]));
        Assert.InRange(long.Parse(all[2].Headers["X-Claimed-Timestamp"]), TimeProvider.System.GetUtcNow().AddMinutes(-5).ToUnixTimeSeconds(), TimeProvider.System.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds());
    }

    [Fact]
    public async Task What_failed_is_tried_again_before_anything_later_is_told()
    {
        await _host.CreateNamespaceAsync("again");
        var refusals = 2;
        _receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = Interlocked.Decrement(ref refusals) >= 0 ? 500 : 200;
            return Task.CompletedTask;
        };
        var id = await _host.Admin.HookAsync("again", _receiver.Url);
        await _host.PublishReadyAsync("again", "greet", "1.0.0");
        var all = await _receiver.UntilAsync(4);
        Assert.Equal(["version.published", "version.published", "version.published", "version.ready"], all.Select(one => one.Kind));
        Assert.Single(all.Take(3).Select(one => one.Id).Distinct());
        Assert.Equal(["1", "2", "3"], all.Take(3).Select(one => one.Headers["X-Claimed-Attempt"]));
        Assert.Single(all.Take(3).Select(one => Convert.ToHexString(one.Bytes)).Distinct());
        await _host.Admin.UntilHookAsync("again", id, hook => hook["after"] == $"{all[3].Serial}");
        var attempts = (await _host.Admin.SendAsync(HttpMethod.Get, $"{Hooks.PathOf("again")}/{id}/deliveries")).Items;
        Assert.Equal([(200, 1, "version.ready"), (200, 3, "version.published"), (500, 2, "version.published"), (500, 1, "version.published")],
            attempts.Select(one => (one.GetProperty("status").GetInt32(), one.GetProperty("attempt").GetInt32(), one.Text("kind"))));
        Assert.Equal("It answers 500.", attempts[2].Text("error"));
        var second = await _host.Admin.SendAsync(HttpMethod.Get, $"{Hooks.PathOf("again")}/{id}/deliveries?limit=3");
        Assert.Single((await _host.Admin.SendAsync(HttpMethod.Get, $"{Hooks.PathOf("again")}/{id}/deliveries?limit=3&cursor={second["next"]}")).Items);
    }

    [Fact]
    public async Task One_that_fails_for_too_long_is_disabled_with_its_reason_and_goes_on_where_it_stopped()
    {
        await _host.CreateNamespaceAsync("silent");
        var (id, port) = (await _host.Admin.HookAsync("silent", $"http://127.0.0.1:{FreePorts.Next()}/"), _receiver.Url);
        await _host.PublishReadyAsync("silent", "greet", "1.0.0");
        var disabled = await _host.Admin.UntilHookAsync("silent", id, hook => hook["enabled"] == "false");
        Assert.Contains("Connection refused", disabled["disabledReason"], StringComparison.Ordinal);
        Assert.Contains("namespace.webhook-disabled", await _host.AuditAsync("namespace.webhook-disabled"), StringComparison.Ordinal);
        await _host.PublishReadyAsync("silent", "greet", "1.1.0", "other");
        await _host.Admin.JsonAsync(HttpMethod.Patch, $"{Hooks.PathOf("silent")}/{id}", new { url = port, enabled = true });
        var all = await _receiver.UntilAsync(4);
        Assert.Equal(["1.0.0", "1.0.0", "1.1.0", "1.1.0"], all.Select(one => one.Body.Text("version")));
    }

    [Fact]
    public async Task A_receiver_that_says_it_is_gone_is_disabled_at_once()
    {
        await _host.CreateNamespaceAsync("gone");
        _receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = 410;
            return Task.CompletedTask;
        };
        var id = await _host.Admin.HookAsync("gone", _receiver.Url);
        await _host.PublishReadyAsync("gone", "greet", "1.0.0");
        Assert.Contains("gone", (await _host.Admin.UntilHookAsync("gone", id, hook => hook["enabled"] == "false"))["disabledReason"], StringComparison.Ordinal);
        Assert.Single(_receiver.All);
    }

    [Fact]
    public async Task Replay_tells_events_again_in_order_under_their_delivery_ids()
    {
        await _host.CreateNamespaceAsync("replayed");
        await _host.PublishReadyAsync("replayed", "before", "1.0.0");
        var id = await _host.Admin.HookAsync("replayed", _receiver.Url);
        await _host.PublishReadyAsync("replayed", "greet", "1.0.0");
        var first = await _receiver.UntilAsync(2);
        Assert.Equal(["replayed/greet", "replayed/greet"], first.Select(one => one.Subject));
        Assert.Equal(HttpStatusCode.Accepted, (await _host.Admin.JsonAsync(HttpMethod.Post, $"{Hooks.PathOf("replayed")}/{id}/replay", new { after = 0 })).Status);
        var all = await _receiver.UntilAsync(6);
        Assert.Equal(["replayed/before", "replayed/before", "replayed/greet", "replayed/greet"], all.Skip(2).Select(one => one.Subject));
        Assert.Equal(first.Select(one => (one.Id, Convert.ToHexString(one.Bytes))), all.Skip(4).Select(one => (one.Id, Convert.ToHexString(one.Bytes))));
        Assert.Equal("bad-field", (await _host.Admin.JsonAsync(HttpMethod.Post, $"{Hooks.PathOf("replayed")}/{id}/replay", new { after = 1_000_000 }))["type"]);
    }

    [Fact]
    public async Task A_slow_receiver_delays_neither_publishes_nor_other_webhooks()
    {
        await _host.CreateNamespaceAsync("slow");
        await using var quick = await WebhookReceiver.StartAsync();
        var release = new TaskCompletionSource();
        _receiver.Answer = (_, _) => release.Task;
        await _host.Admin.HookAsync("slow", _receiver.Url);
        await _host.Admin.HookAsync("slow", quick.Url);
        for (var number = 1; number <= 5; number++)
            await _host.PublishReadyAsync("slow", "greet", $"1.{number}.0", $"word {number}");
        await quick.UntilAsync(10);
        Assert.Single(_receiver.All);
        release.SetResult();
        await _receiver.UntilAsync(10);
    }

    [Fact]
    public async Task Redirects_are_not_followed_and_long_answers_are_not_read()
    {
        await _host.CreateNamespaceAsync("wide");
        await using var other = await WebhookReceiver.StartAsync();
        _receiver.Answer = async (context, received) =>
        {
            if (received.Kind != "ping")
            {
                context.Response.Redirect(other.Url, permanent: true);
                return;
            }
            var block = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
        };
        var id = await _host.Admin.HookAsync("wide", _receiver.Url);
        var ping = await _host.Admin.JsonAsync(HttpMethod.Post, $"{Hooks.PathOf("wide")}/{id}/ping");
        Assert.Equal(("ping", "200", null), (ping["kind"], ping["status"], ping["error"]));
        await _host.PublishReadyAsync("wide", "greet", "1.0.0");
        await _host.Admin.UntilHookAsync("wide", id, hook => hook["failures"] != "0");
        Assert.Contains("redirects are not followed", (await _host.Admin.SendAsync(HttpMethod.Get, $"{Hooks.PathOf("wide")}/{id}/deliveries")).Text, StringComparison.Ordinal);
        Assert.Empty(other.All);
    }

    [Fact]
    public async Task What_happens_elsewhere_or_is_for_owners_alone_is_not_told()
    {
        await _host.CreateNamespaceAsync("open");
        await _host.CreateNamespaceAsync("open-not", isPrivate: true);
        await _host.Admin.HookAsync("open", _receiver.Url, "*");
        await _host.PublishReadyAsync("open-not", "hidden", "1.0.0");
        await _host.CreateNamespaceAsync("open", members: ("grace", "reader"));
        await _host.PublishReadyAsync("open", "greet", "1.0.0");
        await _host.SetChannelAsync("open/greet", "stable", "1.0.0");
        var all = await _receiver.UntilAsync(told => told.Any(one => one.Kind == "channel.moved"));
        Assert.All(all, one => Assert.StartsWith("open/", one.Subject, StringComparison.Ordinal));
        Assert.DoesNotContain(all, one => one.Kind.StartsWith("namespace.", StringComparison.Ordinal));
        Assert.DoesNotContain(all, one => Encoding.UTF8.GetString(one.Bytes) is var text
            && (text.Contains(RegistryHost.AdminToken, StringComparison.Ordinal) || text.Contains("grace", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_namespace_made_anew_is_told_nothing_of_the_one_before()
    {
        await _host.CreateNamespaceAsync("reborn");
        await _host.Admin.HookAsync("reborn", _receiver.Url);
        Assert.Equal(HttpStatusCode.NoContent, (await _host.Admin.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/reborn")).Status);
        await _host.CreateNamespaceAsync("reborn");
        Assert.Empty((await _host.Admin.SendAsync(HttpMethod.Get, Hooks.PathOf("reborn"))).Items);
        await _host.PublishReadyAsync("reborn", "greet", "1.0.0");
        var id = await _host.Admin.HookAsync("reborn", _receiver.Url, "version.yanked");
        await _host.PatchAsync("reborn/greet/versions/1.0.0", """{"yanked": true}""");
        Assert.Equal($"{id}-", (await _receiver.UntilAsync(1))[0].Id[..(id.Length + 1)]);
        Assert.Single(_receiver.All);
    }

    private static async Task<string> OpensslAsync(byte[] body) =>
        (await Shell.RunAsync("openssl", ["dgst", "-sha256", "-hmac", Hooks.Secret], input: Encoding.UTF8.GetString(body))).Succeeded().Split(' ')[^1];

    private static async Task<string> PythonAsync(byte[] body) => (await Shell.RunAsync("python3",
        ["-c", "import hmac, sys; print(hmac.new(sys.argv[1].encode(), sys.stdin.buffer.read(), 'sha256').hexdigest())", Hooks.Secret],
        input: Encoding.UTF8.GetString(body))).Succeeded();
}

internal static class JsonText
{
    public static string? Text(this JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : null;
}
