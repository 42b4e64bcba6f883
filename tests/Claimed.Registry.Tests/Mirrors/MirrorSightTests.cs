using System.Net;
using Claimed.Registry.Mirrors;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Mirrors;

/// <summary>What a mirror sees of the origin, and who sees it here.</summary>
[Trait("Database", "any")]
public sealed class MirrorSightTests : IAsyncLifetime
{
    private readonly MirrorPair _pair = new();
    private readonly string _token = Path.GetTempFileName();

    public async ValueTask InitializeAsync()
    {
        await _pair.InitializeAsync();
        await _pair.Origin.CreateNamespaceAsync("vault", isPrivate: true, ("rita", "reader"));
        await _pair.Origin.PublishReadyAsync("vault", "secret-tool", "1.0.0");
        await _pair.Origin.PublishReadyAsync("acme", "open-tool", "1.0.0");
    }

    public async ValueTask DisposeAsync()
    {
        await _pair.DisposeAsync();
        File.Delete(_token);
    }

    [Fact]
    public async Task A_private_namespace_comes_with_a_token_that_reads_it_and_is_private_here()
    {
        (await _pair.OnceAsync()).AssertDid(copied: 1, changed: 0);
        Assert.Equal(HttpStatusCode.NotFound, (await _pair.Copy.Admin.SendAsync(HttpMethod.Get, "/api/v1/namespaces/vault")).Status);

        await File.WriteAllTextAsync(_token, await _pair.Origin.TokenAsync("rita", "pull"), TestContext.Current.CancellationToken);
        await using var copy = await _pair.StartCopyAsync(("Mirror:TokenFile", _token));
        (await MirrorPair.OnceAsync(copy)).AssertDid(copied: 2, changed: 0);
        Assert.Equal("private", (await copy.Admin.SendAsync(HttpMethod.Get, "/api/v1/namespaces/vault"))["visibility"]);
        Assert.Equal(HttpStatusCode.NotFound, (await copy.ComponentAsync("vault/secret-tool")).Status);
        Assert.Equal(HttpStatusCode.OK, (await copy.Admin.SendAsync(HttpMethod.Get, "/api/v1/components/vault/secret-tool/versions/1.0.0/component.yaml")).Status);
        // Nobody saw it in between: it was private from its first event on.
        Assert.DoesNotContain(await copy.EventsAsync(), entry => entry.GetProperty("subject").GetString()!.StartsWith("vault", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_comes_into_view_later_is_copied_though_its_events_were_passed_over()
    {
        await _pair.Origin.CreateNamespaceAsync("other", isPrivate: true);
        await _pair.Origin.PublishReadyAsync("other", "later", "1.0.0");
        await File.WriteAllTextAsync(_token, await _pair.Origin.TokenAsync("rita", "pull"), TestContext.Current.CancellationToken);
        await using var copy = await _pair.StartCopyAsync(("Mirror:TokenFile", _token));
        (await MirrorPair.OnceAsync(copy)).AssertDid(copied: 2, changed: 0);
        await _pair.Origin.Admin.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/other/members/user/rita", new { role = "reader" });
        (await MirrorPair.OnceAsync(copy)).AssertDid(copied: 1, changed: 0);
        Assert.Equal(HttpStatusCode.OK, (await copy.Admin.SendAsync(HttpMethod.Get, "/api/v1/components/other/later/versions/1.0.0")).Status);
    }

    [Fact]
    public async Task A_token_that_is_revoked_stops_the_run_and_nothing_is_taken_for_done()
    {
        await File.WriteAllTextAsync(_token, await _pair.Origin.RevokedTokenAsync("rita"), TestContext.Current.CancellationToken);
        await using var copy = await _pair.StartCopyAsync(("Mirror:TokenFile", _token));
        var refused = await Assert.ThrowsAsync<OriginAwayException>(() => MirrorPair.OnceAsync(copy));
        Assert.Contains("does not take the token of Mirror__TokenFile", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await TestDatabase.QueryAsync(copy.DataPath, "SELECT \"Id\" FROM mirrors"));
    }

    [Fact]
    public async Task A_namespace_that_is_closed_at_the_origin_is_closed_here_before_anything_new_comes()
    {
        await File.WriteAllTextAsync(_token, RegistryHost.AdminToken, TestContext.Current.CancellationToken);
        await using var copy = await _pair.StartCopyAsync(("Mirror:TokenFile", _token));
        (await MirrorPair.OnceAsync(copy)).AssertDid(copied: 2, changed: 0);
        Assert.Equal(HttpStatusCode.OK, (await copy.ComponentAsync("acme/open-tool")).Status);
        await _pair.Origin.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/acme", new { visibility = "private" });
        await MirrorPair.OnceAsync(copy);
        Assert.Equal(HttpStatusCode.NotFound, (await copy.ComponentAsync("acme/open-tool")).Status);
    }

    [Fact]
    public async Task Of_named_namespaces_alone_is_copied()
    {
        await _pair.Origin.CreateNamespaceAsync("tools");
        await _pair.Origin.PublishReadyAsync("tools", "hammer", "1.0.0");
        await using var copy = await _pair.StartCopyAsync(("Mirror:Namespaces:0", "tools"));
        (await MirrorPair.OnceAsync(copy)).AssertDid(copied: 1, changed: 0);
        await _pair.Origin.PublishReadyAsync("acme", "open-tool", "1.1.0", "next");
        await _pair.Origin.PublishReadyAsync("tools", "hammer", "1.1.0", "next");
        (await MirrorPair.OnceAsync(copy)).AssertDid(copied: 1, changed: 0);
        Assert.Equal(HttpStatusCode.NotFound, (await copy.GetAsync("/api/v1/namespaces/acme")).Status);
    }
}
