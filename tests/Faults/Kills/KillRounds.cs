using System.Diagnostics;
using System.Security.Cryptography;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Kills;

/// <summary>Kills the program again and again while something is going on, starts it again each time and checks everything.</summary>
public sealed class KillRounds
{
    private readonly string _scenario;
    private readonly Store _store;
    private readonly int _most;
    private readonly List<Attempt> _kept = [];
    private readonly Random _random;
    private TimeSpan _longest;
    private int _kills;

    /// <param name="kills">How often the program is killed.</param>
    public KillRounds(string scenario, Store store, int kills)
    {
        (_scenario, _store, _most) = (scenario, store, kills);
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CLAIMED_FAULTS_SEED"), out var given) ? given : RandomNumberGenerator.GetInt32(int.MaxValue);
        _random = new Random(seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"{scenario}: CLAIMED_FAULTS_SEED={seed}");
    }

    /// <summary>True when builds are to end, because there is an engine.</summary>
    public bool Settles { get; init; }

    /// <summary>Where builds run; nothing of them is left there in the end. Null without one.</summary>
    public ITestEngine? Engine { get; init; }

    /// <summary>Which reasons of failed versions are true here.</summary>
    public Func<string, bool>? IsTrueReason { get; init; }

    /// <summary>How many acknowledged things <see cref="AlsoCheck"/> has looked for.</summary>
    public Func<int>? AlsoKept { get; init; }

    /// <summary>Checked after each round beside everything else; returns what is wrong.</summary>
    public Func<RegistryProcess, Task<IReadOnlyList<string>>>? AlsoCheck { get; init; }

    /// <summary>A random time of at most this.</summary>
    public Task SomeTimeAsync(TimeSpan most) => Task.Delay(most * _random.NextDouble());

    /// <summary>Until a random number of things, at most this, has been done, and a moment more.</summary>
    public async Task SomeStepsAsync(Progress progress, int most)
    {
        await progress.UntilAsync(_random.Next(most + 1));
        await SomeTimeAsync(TimeSpan.FromMilliseconds(30));
    }

    /// <param name="work">What goes on in round n; ends by itself when the program dies, with what it tried.</param>
    /// <param name="moment">Returns when the program is to be killed in round n.</param>
    public async Task RunAsync(RegistryProcess registry, Func<int, Task<List<Attempt>>> work, Func<int, Task> moment)
    {
        var invariants = new Invariants(registry, _store);
        for (var round = 0; round < _most; round++)
        {
            var working = work(round);
            await moment(round);
            registry.Kill();
            _kills++;
            var attempts = await working;
            var began = Stopwatch.GetTimestamp();
            await registry.StartAsync();
            if (Settles)
                await invariants.SettleAsync(Patience.Limit);
            _longest = TimeSpan.FromTicks(Math.Max(_longest.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
            await CheckAsync(registry, invariants, attempts);
            if (!invariants.Hold)
                break;
        }
        await invariants.CheckAsync(_kept, IsTrueReason);
        if (Engine is not null)
            await invariants.CheckEngineAsync(Engine);
        End(invariants, registry.Output);
    }

    /// <summary>The same for starts in empty folders, each killed once.</summary>
    public async Task RunStartsAsync(Func<RegistryProcess> make, Func<RegistryProcess, int, Task> moment)
    {
        var found = new List<Invariants>();
        for (var round = 0; round < _most; round++)
        {
            await using var registry = make();
            registry.Launch();
            await moment(registry, round);
            registry.Kill();
            _kills++;
            var recovery = await registry.StartAsync();
            _longest = TimeSpan.FromTicks(Math.Max(_longest.Ticks, recovery.Ticks));
            var invariants = new Invariants(registry, _store);
            var first = await registry.Admin.PublishAsync(new Attempt("first", "1.0.0", "first", Source.ExistingImage));
            await CheckAsync(registry, invariants, [first]);
            found.Add(invariants);
            if (!invariants.Hold)
            {
                End(invariants, registry.Output);
                return;
            }
        }
        End(found[0], "", found.Sum(invariants => invariants.Looked));
    }

    private async Task CheckAsync(RegistryProcess registry, Invariants invariants, List<Attempt> attempts)
    {
        await invariants.CheckAsync(attempts, IsTrueReason);
        if (AlsoCheck is not null)
            invariants.Broken.AddRange(await AlsoCheck(registry));
        _kept.AddRange(attempts.Where(attempt => attempt.IsAcknowledged));
    }

    private void End(Invariants invariants, string output, int? looked = null)
    {
        Figures.Add(new Figure(_scenario, _store.Name, _kills, (looked ?? _kept.Count) + (AlsoKept?.Invoke() ?? 0), invariants.Lost.Count, invariants.Stuck.Count, invariants.Broken.Count, _longest));
        Assert.True(invariants.Hold, $"after {_kills} kills:\n{invariants}\n{output}");
        Assert.Equal(_most, _kills);
    }
}
