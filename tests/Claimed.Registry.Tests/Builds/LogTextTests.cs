using Claimed.Registry.Builds;
using Claimed.Registry.Builds.Logs;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

/// <summary>What no terminal would take for one sequence, and no server for one account, reads the same however an engine cuts it.</summary>
[Trait("Database", "any")]
public sealed class LogTextTests
{
    [Theory]
    [InlineData(3990, "x y")]
    [InlineData(4001, null)]
    [InlineData(50_000, null)]
    public void A_sequence_of_any_length_reads_the_same_in_one_chunk_and_in_several(int length, string? expected)
    {
        var output = $"x\x1B]8;;{new string('h', length)}\x07 y";
        expected ??= $"x8;;{new string('h', length)} y";
        foreach (var cut in new[] { 0, 1, 2, 3, 100, length / 2, length + 4, length + 5, length + 6, output.Length })
            Assert.Equal(expected, Clean(output[..cut], output[cut..]));
        Assert.Equal(expected, Clean([.. output.Chunk(1000).Select(chunk => new string(chunk))]));
    }

    [Theory]
    [InlineData("bold\u001B(B\u001B[m end", "bold end")]
    [InlineData("\u001B7\u001B=a\u001B>\u001B8b\u001Bc", "ab")]
    [InlineData("a\u001BPq#0;2\u001B\\b\u001B_hidden\u001B\\c", "abc")]
    public void Sequences_of_every_kind_go_however_they_are_cut(string output, string expected)
    {
        for (var cut = 0; cut <= output.Length; cut++)
            Assert.Equal((cut, expected), (cut, Clean(output[..cut], output[cut..])));
    }

    [Theory]
    [InlineData(8000, true)]
    [InlineData(50_000, false)]
    public void A_password_of_any_length_reads_the_same_in_one_chunk_and_in_several(int length, bool isMasked)
    {
        var password = new string('p', length);
        var output = $"Fetching https://robot:{password}@pypi.example.org/simple\n";
        var expected = isMasked ? output.Replace($"robot:{password}", "***", StringComparison.Ordinal) : output;
        foreach (var cut in new[] { 0, 12, 20, 24, length / 2, length + 22, length + 23, length + 24, output.Length })
            Assert.Equal(expected, Clean(output[..cut], output[cut..]));
        Assert.Equal(expected, Clean([.. output.Chunk(1000).Select(chunk => new string(chunk))]));
    }

    [Theory]
    [InlineData("git clone https://ghp_0123456789@example.org/a.git\n", "git clone https://***@example.org/a.git\n")]
    [InlineData("https://ghp_0123456789:x-oauth-basic@example.org https://ghp_0123456789:@example.org", "https://***@example.org https://***@example.org")]
    [InlineData("'https://robot:p@ss:w@rd@example.org'", "'https://***@example.org'")]
    [InlineData("https://example.org/~joe@home mailto:joe@example.org registry.example.org/a@sha256:0f", "https://example.org/~joe@home mailto:joe@example.org registry.example.org/a@sha256:0f")]
    [InlineData("ends with https://ghp_0123456789", "ends with https://ghp_0123456789")]
    [InlineData("1https://ghp_0123456789@a ://b@c https://a://b@c/", "1https://***@a ://***@c https://a://***@c/")]
    [InlineData("aVeryLongWordThatIsNoSchemeAtAll://robot@a/", "aVeryLongWordThatIsNoSchemeAtAll://***@a/")]
    public void Every_kind_of_account_in_an_address_is_masked_however_it_is_cut(string output, string expected)
    {
        for (var first = 0; first <= output.Length; first++)
        {
            for (var second = first; second <= output.Length; second++)
                Assert.Equal((first, second, expected), (first, second, Clean(output[..first], output[first..second], output[second..])));
        }
    }

    [Fact]
    public void A_secret_that_begins_in_an_address_reads_the_same_however_it_is_cut()
    {
        const string output = "http://u:p@h/xyz@foo https://u@h/xyz";
        for (var cut = 0; cut <= output.Length; cut++)
        {
            var secrets = new SecretTexts();
            secrets.Add("h/xyz");
            var log = new LogText(secrets);
            Assert.Equal((cut, "http://***@foo https://***@***"), (cut, log.Take(output[..cut]) + log.Take(output[cut..]) + log.End()));
        }
    }

    [Fact]
    public void Accounts_cost_little_whatever_stands_around_them()
    {
        var began = TimeProvider.System.GetTimestamp();
        foreach (var part in new[] { "://", "://@", "@", ":", "://a", "://a:" + new string('b', 8250), new string('a', 8000) + "@" })
            Clean([.. string.Concat(Enumerable.Repeat(part, 1_000_000 / part.Length)).Chunk(4096).Select(chunk => new string(chunk))]);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 20);
    }

    [Fact]
    public void What_a_sequence_parts_comes_together_again()
    {
        foreach (var (output, expected) in new[] { ("a\r\x1B]\nb\x1B[d", "a\nb"), ("a\r\x1B[0m\nb", "a\nb"), ("a\ud83d\x1B]8;;h\x07\ude00b", "a\ud83d\ude00b") })
        {
            for (var cut = 0; cut <= output.Length; cut++)
                Assert.Equal((cut, expected), (cut, Clean(output[..cut], output[cut..])));
        }
    }

    private static string Clean(params string[] chunks)
    {
        var log = new LogText(new SecretTexts());
        return string.Concat(chunks.Select(log.Take)) + log.End();
    }
}
