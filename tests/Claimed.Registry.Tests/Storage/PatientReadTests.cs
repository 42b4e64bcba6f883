using System.Net;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Storage;

/// <summary>Answers that go on without the database.</summary>
public sealed class PatientReadTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ShiftedClock _clock = new();
    private readonly CommandPause _pause = new();
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(adjust: _pause.Adjust);

    public async ValueTask DisposeAsync()
    {
        _pause.Release();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_left_alone_for_a_while()
    {
        var reads = new PatientReads(_host.Services.GetRequiredService<RegistryDatabase>(), _clock, TimeSpan.FromSeconds(5));
        Task<Asked<int>> AskAsync() => reads.AskAsync((db, limit) => db.VersionReads.CountAsync(limit), CancellationToken.None).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(new Asked<int>(0, true), await AskAsync());
        _pause.Arm("SELECT", "version_reads", " AS ");
        Assert.False((await AskAsync()).IsKnown);
        Assert.False((await AskAsync()).IsKnown);
        _clock.Shift += TimeSpan.FromSeconds(11);
        Assert.True((await AskAsync()).IsKnown);
    }

    [Fact]
    public async Task Who_asks_leaves_without_blame_for_the_database()
    {
        var reads = new PatientReads(_host.Services.GetRequiredService<RegistryDatabase>(), _clock, Limit);
        _pause.Arm("SELECT", "version_reads", " AS ");
        using var gone = new CancellationTokenSource();
        var asked = reads.AskAsync((db, limit) => db.VersionReads.CountAsync(limit), gone.Token).AsTask();
        await _pause.Reached;
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.True((await reads.AskAsync((db, limit) => db.VersionReads.CountAsync(limit), CancellationToken.None)).IsKnown);
    }

    [Fact]
    public async Task A_component_s_page_comes_without_its_reads_while_the_database_does_not_answer()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        _pause.Arm("SELECT", "version_reads", " AS ");
        var page = await _host.GetAsync("/components/acme/greet").WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("1.0.0", page.Text, StringComparison.Ordinal);
    }
}
