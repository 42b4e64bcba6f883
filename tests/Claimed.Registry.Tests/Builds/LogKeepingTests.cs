using Claimed.Registry.Builds;
using Claimed.Registry.Builds.Logs;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

/// <summary>What of a log is kept, and what of it never gets into it.</summary>
public sealed class LogKeepingTests : IAsyncLifetime
{
    private const int Most = 4000;
    private readonly SecretTexts _secrets = new();
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_long_log_keeps_its_beginning_and_its_end_with_a_note_between()
    {
        var (lease, log) = await BeginAsync();
        var whole = string.Concat(Enumerable.Range(0, 1000).Select(line => $"line {line:0000} of the build\n"));
        for (var at = 0; at < whole.Length; at += 500)
        {
            log.Write(whole[at..Math.Min(whole.Length, at + 500)]);
            if (at % 3 == 0)
                await log.FlushAsync(CancellationToken.None);
        }
        await log.FlushAsync(CancellationToken.None);
        var rows = await TextAsync(lease);
        AssertKept(whole, rows);

        Assert.True(await _host.Services.GetRequiredService<BuildQueue>().FailAsync(lease, "failed", "for the test", await log.StoreAsync(CancellationToken.None), CancellationToken.None));
        Assert.Equal(rows, await TextAsync(lease));
        // A follower who was in the middle gets the note and the end; one who has all of it, nothing.
        var after = await FollowAsync(lease, 100);
        AssertKept(whole, whole[..100] + after[0]);
        Assert.Equal("failed", after[^1]);
        Assert.Equal(["failed"], await FollowAsync(lease, whole.Length));
    }

    [Fact]
    public async Task Secrets_and_escape_sequences_never_get_into_a_log_wherever_the_output_is_cut()
    {
        _secrets.Add("s3cret-of-the-site");
        const string output = "\x1B[32mFetching\x1B[0m https://robot:hunter2@pypi.example.org/simple\r\ntoken s3cret-of-\x1B[1mthe-site\x1B[0m and s3cret-of-the-\u00e9 \U0001F600 \x1B]0;title\x07 end s3cret";
        const string expected = "Fetching https://***@pypi.example.org/simple\ntoken *** and s3cret-of-the-\u00e9 \U0001F600  end s3cret";
        var (lease, _) = await BeginAsync();
        for (var first = 0; first < output.Length; first++)
        {
            var log = LogOf(lease);
            log.Write(output[..first]);
            log.Write(output[first..Math.Min(output.Length, first + 2)]);
            log.Write(output[Math.Min(output.Length, first + 2)..]);
            var stored = await log.StoreAsync(CancellationToken.None);
            var text = System.Text.Encoding.UTF8.GetString(await _host.Services.GetRequiredService<IBlobStore>().ReadAllAsync(stored.Blob, CancellationToken.None));
            Assert.Equal($"{first}: {expected}", $"{first}: {text}");
        }
    }

    [Fact]
    public async Task Many_followers_of_one_log_get_all_of_it_in_order()
    {
        var (lease, log) = await BeginAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var followers = Enumerable.Range(0, 20).Select(_ => Task.Run(() => FollowAsync(lease, 0))).ToArray();
        var whole = "";
        for (var line = 0; line < 30; line++)
        {
            log.Write($"line {line}\n");
            whole += $"line {line}\n";
            await log.FlushAsync(stop.Token);
        }
        await _host.Services.GetRequiredService<BuildQueue>().FailAsync(lease, "failed", "for the test", await log.StoreAsync(stop.Token), stop.Token);
        foreach (var follower in followers)
            Assert.Equal(whole + "failed", string.Concat(await follower.WaitAsync(stop.Token)));
    }

    private static void AssertKept(string whole, string kept)
    {
        Assert.InRange(kept.Length, Most - 600, Most + 200);
        var note = kept.IndexOf("\n… ", StringComparison.Ordinal);
        var after = kept.IndexOf(" …\n", note, StringComparison.Ordinal) + 3;
        Assert.StartsWith(kept[..note], whole, StringComparison.Ordinal);
        Assert.EndsWith(kept[after..], whole, StringComparison.Ordinal);
        Assert.Equal($"\n… {whole.Length - note - (kept.Length - after)} characters of the log are left out here; Builds__MaxLogLength says how many are kept …\n", kept[note..after]);
    }

    private async Task<string> TextAsync(BuildLease lease) => (await _host.GetAsync($"/api/v1/builds/{lease.BuildId}/log")).Text;

    private async Task<List<string>> FollowAsync(BuildLease lease, int from)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/builds/{lease.BuildId}/log");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (from > 0)
            request.Headers.Add("Last-Event-ID", $"{lease.Fence}:{from}");
        using var answer = await _host.Anonymous.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var data = new List<string>();
        await foreach (var item in System.Net.ServerSentEvents.SseParser.Create(await answer.Content.ReadAsStreamAsync()).EnumerateAsync())
            data.Add(item.Data);
        return data;
    }

    private async Task<(BuildLease Lease, BuildLog Log)> BeginAsync()
    {
        await _host.PublishAsync("acme", "kept", null, ("step.py", Samples.Script()));
        var lease = await _host.Services.GetRequiredService<BuildQueue>().TakeAsync(new BuilderOffer("pretend"), CancellationToken.None);
        return (lease!, LogOf(lease!));
    }

    private BuildLog LogOf(BuildLease lease) => new(_host.Services.GetRequiredService<RegistryDatabase>(), _host.Services.GetRequiredService<IBlobStore>(), lease, _secrets, Most);
}
