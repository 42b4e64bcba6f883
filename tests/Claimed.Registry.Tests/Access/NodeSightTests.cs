using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Two nodes on one data folder and one PostgreSQL: who is signed in at one, and what may be seen no more, is so at both.</summary>
[Trait("Database", "own")]
public sealed class NodeSightTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("claimed-nodes-").FullName;
    private PostgresServer _server = null!;
    private RegistryHost _first = null!;
    private RegistryHost _second = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync("fsync=off");
        var settings = new Dictionary<string, string>
        {
            ["Database:Provider"] = "Postgres",
            ["Database:ConnectionString"] = await _server.CreateDatabaseAsync(),
        };
        _first = await RegistryHost.StartAsync(settings, _data);
        _second = await RegistryHost.StartAsync(settings, _data);
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task A_session_is_good_at_both_nodes_until_its_person_is_disabled()
    {
        await _first.PersonAsync("ada", SignInTests.Password);
        using var browser = new CookieBrowser(_first.Address);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync("ada", SignInTests.Password)).Status);
        // Cookies know no ports.
        using var other = new CookieBrowser(_second.Address);
        other.Cookies.Add(browser.Cookies.GetCookies(_first.Address));
        await UntilAsync(async () => (await other.GetAsync("/api/v1/me"))["user"] == "ada");
        await _first.Admin.JsonAsync(HttpMethod.Put, "/api/v1/users/ada", new { disabled = true });
        await WithinASecondAsync(async () => (await other.GetAsync("/api/v1/me"))["user"] is null);
    }

    [Fact]
    public async Task What_becomes_private_or_is_purged_at_one_node_is_so_at_the_other_within_a_second()
    {
        await _first.PublishReadyAsync("clinic", "open", "1.0.0");
        await _first.PublishReadyAsync("shown", "tool", "1.0.0");
        string[] purged = ["/api/v1/components/clinic/open/versions/1.0.0", "/api/v1/components/clinic/open/versions/1.0.0/component.yaml"];
        string[] hidden = ["/api/v1/components/shown/tool", "/components/shown/tool", "/catalogs/elyra/shown/catalog.json"];
        foreach (var path in purged.Concat(hidden))
            await _second.UntilAsync(path, answer => answer.Status == HttpStatusCode.OK);
        await _first.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/shown", new { visibility = "private" });
        await WithinASecondAsync(() => AreAsync(hidden, HttpStatusCode.NotFound));
        var purge = _first.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/clinic/open/versions/1.0.0/purge", new { reason = "test" });
        await _first.UntilAsync(purged[0], answer => answer.Status == HttpStatusCode.Gone);
        await WithinASecondAsync(() => AreAsync(purged, HttpStatusCode.Gone));
        Assert.Equal(HttpStatusCode.OK, (await purge).Status);
    }

    private async Task<bool> AreAsync(IEnumerable<string> paths, HttpStatusCode status)
    {
        foreach (var path in paths)
        {
            if ((await _second.GetAsync(path)).Status != status)
                return false;
        }
        return true;
    }

    private static async Task WithinASecondAsync(Func<Task<bool>> isSo)
    {
        // Counted in looks, of which a second has fifty: a machine that is busy with other tests has slower seconds.
        var looks = 0;
        await UntilAsync(() =>
        {
            looks++;
            return isSo();
        });
        Assert.InRange(looks, 1, 50);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await isSo())
            await timer.WaitForNextTickAsync(limit.Token);
    }
}
