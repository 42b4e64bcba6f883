using System.Diagnostics;
using Claimed.Components.Sources.Dockerfiles;
using Xunit;

namespace Claimed.Components.Tests.Sources.Dockerfiles;

/// <summary>Where an engine may see another Dockerfile than the one that was read, nothing is built.</summary>
public sealed class DockerfileDifferenceTests
{
    private static string[] Problems(string text) => [.. DockerfileReading.Read(text).Problems.Select(one => $"{one.Line} {one.Kind}")];

    [Theory]
    [InlineData("FROM ok\nRUN true \\\r\r\nFROM evil", "2 Unclear")]
    [InlineData("FROM ok\nRUN true \\ \r \nFROM evil", "2 Unclear")]
    [InlineData("FROM ok\rRUN true", "1 Unclear")]
    [InlineData("FROM ok\r\nRUN true \\ \t\r\n && true\r\n# a comment\r\n", null)]
    public void A_carriage_return_is_the_end_of_a_line_or_unclear(string text, string? expected) =>
        Assert.Equal(expected, Problems(text).FirstOrDefault());

    [Theory]
    [InlineData("FROM a\nCOPY --chown=à--from=evil/x /a /b", "2 Unclear")]
    [InlineData("FROM a\nCOPY --chown=1 \u00A0--link /a /b", "2 Unclear")]
    [InlineData("FROM --platform=linux/amd64\u0085 a", "1 Unclear")]
    [InlineData("FROM a\nONBUILD COPY --chown=à--from=evil/x /a /b", "2 Unclear")]
    [InlineData("FROM a\nCOPY --chown=1 à /b", null)]
    [InlineData("FROM a\nCOPY --from=b -- --from=evil /b", "2 Unclear")]
    [InlineData("FROM a\nCOPY --from=b -- /a /b", null)]
    [InlineData("FROM a\nCOPY --from evil /a /b", "2 Invalid")]
    public void Flags_hold_nothing_that_engines_would_split_elsewhere(string text, string? expected) =>
        Assert.Equal(expected, Problems(text).FirstOrDefault());

    [Theory]
    [InlineData("#\u000Cescape=`\nFROM a", "1 Unclear")]
    [InlineData("# syntax=a\n# escape\u000C=\u000C`\nFROM a", "2 Unclear")]
    [InlineData("# a\n#\u000Cescape=`\nFROM a", null)]
    public void A_comment_that_newer_engines_take_for_a_directive_is_unclear(string text, string? expected) =>
        Assert.Equal(expected, Problems(text).FirstOrDefault());

    [Theory]
    [InlineData("COPY --from=b /a c:\\\u00A0\nRUN true")]
    [InlineData("ARG x=\\\u000B\nRUN true")]
    [InlineData("ARG x=\\\\ http_proxy\nRUN true")]
    [InlineData("RUN true \\")]
    [InlineData("RUN true \\\n\n# a comment\n")]
    public void A_line_that_written_anew_would_swallow_the_next_is_unclear(string lines) =>
        Assert.Equal("2 Unclear", Problems("FROM a\n" + lines).FirstOrDefault());

    [Theory]
    [InlineData("ADD http://169.254.169.254/latest /x", "Refused")]
    [InlineData("ADD --chown=1 a HTTPS://example.org/b /x", "Refused")]
    [InlineData("ADD git@example.org:a/b.git /x", "Refused")]
    [InlineData("ADD 'http':\\/\"/example.org/a\" /x", "Refused")]
    [InlineData("ADD [\"http:\\u002f/example.org/a\", \"/x\"]", "Refused")]
    [InlineData("ADD [\"http:\\\\//example.org/a\", \"/x\"]", "Refused")]
    [InlineData("ADD [\"http:\\u002f/example.org/a\", \"/x\"] y", "Unclear")]
    [InlineData("ADD \\\n http://example.org/a \\\n /x", "Refused")]
    [InlineData("ONBUILD ADD http://example.org/a /x", "Refused")]
    [InlineData("ONBUILD ADD [\"http://example.org/a\", \"/x\"]", "Refused")]
    [InlineData("ADD $X /x", "Unclear")]
    [InlineData("ADD [\"${X}\", \"/x\"]", "Unclear")]
    [InlineData("ADD \"a b\" /x", "Unclear")]
    [InlineData("ADD [a-z]*.tar.gz b /x/$Y", null)]
    [InlineData("ADD [\"a b\", \"/x\"]", null)]
    public void Nothing_is_added_that_the_engine_itself_would_fetch(string line, string? expected) =>
        Assert.Equal(expected, DockerfileReading.Read("FROM a\nARG X\n" + line).Problems.FirstOrDefault()?.Kind.ToString());

    [Fact]
    public void A_trigger_copies_from_no_stage_since_it_runs_in_another_file() =>
        Assert.Equal(["3 Refused"], Problems("FROM a AS evil\nFROM b\nONBUILD COPY --from=evil x y\n"));

    [Fact]
    public void An_open_quote_is_read_in_one_go()
    {
        var quotes = string.Concat(Enumerable.Repeat(string.Concat(Enumerable.Repeat("\\\"", 30_000)) + " \\\n", 8));
        var watch = Stopwatch.StartNew();
        Assert.Empty(Problems($"FROM a\nRUN echo \"{quotes} end"));
        Assert.Equal(["2 NeedsBuildKit"], Problems($"FROM a\nRUN echo \"{quotes} <<EOF"));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
    }

    [Fact]
    public void What_is_too_long_is_not_read_on() =>
        Assert.Equal(["2 Invalid"], Problems($"FROM a\nRUN echo {new string('x', 70_000)}\nFETCH y\nCOPY --from=$X a b"));

    [Fact]
    public void A_publisher_is_told_the_line_that_nobody_can_read_for_sure()
    {
        var reading = Reading.Of(("component.yaml", "name: x\nimplementation: {container: {image: '', command: [a]}}"), ("Dockerfile", "FROM a\nCOPY --from=$X a b\nADD http://169.254.169.254/ /x\n"));
        Assert.True(reading.HasErrors);
        Assert.Equal(2, reading.Only("dockerfile-unclear").Position.Line);
        Assert.Equal(3, reading.Only("dockerfile-not-allowed").Position.Line);
    }
}
