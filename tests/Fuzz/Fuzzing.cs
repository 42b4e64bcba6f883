using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Xunit;

[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]

namespace Claimed.Fuzz;

/// <summary>What a reader is fuzzed with and held to.</summary>
/// <param name="Name">Names the files of failing inputs.</param>
/// <param name="Seeds">Good inputs.</param>
/// <param name="Words">Pieces that mean something in the format.</param>
internal sealed record Target(string Name, IReadOnlyList<byte[]> Seeds, IReadOnlyList<byte[]> Words)
{
    public Target(string name, IEnumerable<string> seeds, params IEnumerable<string> words)
        : this(name, [.. seeds.Select(Encoding.UTF8.GetBytes)], [.. words.Select(Encoding.UTF8.GetBytes)])
    {
    }

    /// <summary>Longest time for one input of at most 64 KiB. Linear readers need a hundredth of it; quadratic ones pass it.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes that reading may allocate, all garbage counted: so many for each byte of the input, and <see cref="Allowance"/>.</summary>
    public int BytesPerByte { get; init; } = 1000;

    /// <summary>Bytes that reading may allocate whatever the input is.</summary>
    public long Allowance { get; init; } = 32 << 20;
}

/// <summary>
/// Feeds a reader with inputs until the time is over: 10 seconds, 60 with <c>LONG=1</c>, or <c>CLAIMED_FUZZ_SECONDS</c>. Inputs follow from the seed
/// (<c>CLAIMED_FUZZ_SEED</c>; 1, or a new one with <c>LONG=1</c>) and from what the reader did with those before. A failing one is saved
/// in <c>fuzz-failures/</c> beside the test program, and its base64 stands in the message.
/// </summary>
internal static class Fuzzing
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("LONG") == "1";

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(Number("CLAIMED_FUZZ_SECONDS") ?? (Long ? 60 : 10));

    private static readonly int Seed = Number("CLAIMED_FUZZ_SEED") ?? (Long ? RandomNumberGenerator.GetInt32(int.MaxValue) : 1);

    /// <param name="read">Reads the input and returns what it did with it, in few words: inputs that do something new are mutated further. Throws when the reader breaks a promise.</param>
    public static void Run(Target target, Func<byte[], string> read)
    {
        var mutator = new Mutator(Seed, target.Seeds, target.Words);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var clock = Stopwatch.StartNew();
        var number = 0;
        for (; number < target.Seeds.Count || clock.Elapsed < Duration; number++)
        {
            var input = mutator.Next(number);
            // A stack that overflows ends the process; this file then says with what.
            if (input.Length > 4096)
                Save(target, input, "running");
            if (seen.Add(One(target, input, read, number)))
                mutator.Keep(input);
        }

        File.Delete(PathOf(target, "running"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{target.Name}: {number} inputs, {seen.Count} ways through, seed {Seed}.");
    }

    private static string One(Target target, byte[] input, Func<byte[], string> read, int number)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        string way;
        try
        {
            way = read(input);
        }
        catch (Exception fault)
        {
            throw Failure(target, input, number, $"it throws {fault.GetType().Name}: {fault.Message}", fault);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > target.Allowance + ((long)target.BytesPerByte * input.Length))
            throw Failure(target, input, number, $"it allocates {allocated >> 20} MiB", null);
        if (clock.Elapsed > target.Limit && Fastest(input, read) > target.Limit)
            throw Failure(target, input, number, $"it takes {clock.Elapsed.TotalSeconds:F1} s", null);
        return way;
    }

    // The machine may be busy: what is slow once may be so by chance.
    private static TimeSpan Fastest(byte[] input, Func<byte[], string> read) => Enumerable.Range(0, 3).Min(_ =>
    {
        var clock = Stopwatch.StartNew();
        read(input);
        return clock.Elapsed;
    });

    private static Exception Failure(Target target, byte[] input, int number, string what, Exception? fault)
    {
        var path = Save(target, input, Convert.ToHexStringLower(SHA256.HashData(input))[..12]);
        var shown = input.Length <= 600 ? Convert.ToBase64String(input) : Convert.ToBase64String(input[..600]) + "…";
        return new Xunit.Sdk.XunitException(
            $"{target.Name}, seed {Seed}, input {number} of {input.Length} bytes: {what}\nSaved as {path}\nBase64: {shown}\n{fault?.StackTrace}", fault);
    }

    private static string Save(Target target, byte[] input, string name)
    {
        var path = PathOf(target, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, input);
        return path;
    }

    private static string PathOf(Target target, string name) =>
        Path.Combine(AppContext.BaseDirectory, "fuzz-failures", $"{target.Name.Replace(' ', '-')}-{name}.bin");

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
