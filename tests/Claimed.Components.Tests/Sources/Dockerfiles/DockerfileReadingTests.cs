using Claimed.Components.Sources.Dockerfiles;
using Xunit;

namespace Claimed.Components.Tests.Sources.Dockerfiles;

/// <summary>A Dockerfile is read as Docker's classic builder reads it.</summary>
public sealed class DockerfileReadingTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static string[] Bases(string text) => [.. DockerfileReading.Read(text).Bases.Select(one => $"{one.Line} {one.Use} {one.Name}")];

    private static string[] Problems(string text) => [.. DockerfileReading.Read(text).Problems.Select(one => $"{one.Line} {one.Kind}")];

    [Theory]
    [InlineData("FROM python:3.12\nRUN true\n", "1 From python:3.12")]
    [InlineData("\n# a comment\n  from  python:3.12  \r\nRUN true", "3 From python:3.12")]
    [InlineData("FROM \\\n  # a comment\n\n# another\n  python\\\n:3.12 \\\n as x\n", "1 From python:3.12")]
    [InlineData("\uFEFFFROM python", "1 From python")]
    [InlineData("FROM python:3.12 AS build\nFROM BUILD\nCOPY --from=build /a /a\nCOPY --from=0 /b /b\n", "1 From python:3.12")]
    [InlineData("FROM scratch\nCOPY --chown=1:1 --from=docker.io/library/busybox:1 /bin/sh /bin/sh\n", "2 Copy docker.io/library/busybox:1")]
    [InlineData("FROM scratch\nCOPY --from='busy'\"box\" \\\n /bin/sh \\\n /bin/sh\n", "2 Copy busybox")]
    [InlineData("FROM a@" + Digest, "1 From a@" + Digest)]
    [InlineData("FROM --platform=linux/arm64 a\n", "1 From a")]
    public void Images_are_found_with_their_lines(string text, string expected)
    {
        Assert.Equal([expected], Bases(text));
        Assert.Empty(Problems(text));
    }

    [Theory]
    [InlineData("ARG V=3.12\nFROM python:$V", "python:3.12")]
    [InlineData("ARG V=3.12\nFROM python:${V}-slim", "python:3.12-slim")]
    [InlineData("ARG V\nFROM python:${V:-3.11}", "python:3.11")]
    [InlineData("ARG V=3.12\nFROM python${V:+:$V}", "python:3.12")]
    [InlineData("FROM python${V:+:$V}", "python")]
    [InlineData("ARG A=python B=3\nARG C=\"${A}:$B\"\nFROM $C", "python:3")]
    [InlineData("ARG A='pyth'on\nFROM \"$A\"", "python")]
    [InlineData("FROM ${A:-${B:-python}}", "python")]
    public void Variables_that_stand_before_the_first_image_are_replaced(string text, string expected) =>
        Assert.Equal([expected], DockerfileReading.Read(text).Bases.Select(one => one.Name));

    [Fact]
    public void What_is_declared_within_a_stage_says_nothing_of_the_next_image() =>
        Assert.Equal(["2 Invalid"], Problems("FROM a\nFROM $B\nARG B=b\n"));

    [Fact]
    public void The_escape_character_may_be_another()
    {
        Assert.Equal(["2 From a", "6 From b"], Bases("# escape=`\nFROM a\nRUN dir c:\\\nRUN x `\nFROM y\nFROM b\n"));
        Assert.Equal(["1 From a"], Bases("FROM a\n# escape=`\nRUN x \\\nFROM b\n"));
    }

    [Fact]
    public void The_reader_that_BuildKit_would_run_is_an_image_too() =>
        Assert.Equal(["1 Syntax docker/dockerfile:1", "3 From a"], Bases("#syntax = docker/dockerfile:1\n# x\nFROM a\n# syntax=other\n"));

    [Theory]
    [InlineData("", "1 Invalid")]
    [InlineData("# nothing\n", "1 Invalid")]
    [InlineData("RUN true\nFROM a", "1 Invalid")]
    [InlineData("FROM a\nFETCH x", "2 Invalid")]
    [InlineData("FROM a b", "1 Invalid")]
    [InlineData("FROM a AS 1x", "1 Invalid")]
    [InlineData("FROM https://example.org/a", "1 Invalid")]
    [InlineData("FROM a\nCOPY --from=1 a b", "2 Invalid")]
    [InlineData("FROM a AS x\nCOPY --from=x a b", "2 Invalid")]
    [InlineData("FROM --platform=$X a", null)]
    [InlineData("ARG P='a b'\nFROM --platform=$P a", "2 Invalid")]
    [InlineData("FROM a\nCOPY --from=$X a b", "2 Unclear")]
    [InlineData("FROM ${X#y}", "1 Unclear")]
    [InlineData("FROM a\nRUN echo x \\\\\nFROM b", "2 Unclear")]
    [InlineData("# escape=`\n# escape=\\\nFROM a", "2 Unclear")]
    [InlineData("FROM a\nRUN --mount=type=secret,id=x cat /run/secrets/x", "2 NeedsBuildKit")]
    [InlineData("FROM a\nRUN --security=insecure true", "2 Refused")]
    [InlineData("FROM a\nRUN \\\n --network=host true", "2 Refused")]
    [InlineData("FROM a\nONBUILD RUN --network=host true", "2 Refused")]
    [InlineData("FROM a AS b\nONBUILD COPY --from=c x y\nFROM b", "2 Refused")]
    [InlineData("FROM a\nCOPY --link a b", "2 NeedsBuildKit")]
    [InlineData("FROM a\nADD --checksum=sha256:1 http://x/y z", "2 NeedsBuildKit")]
    [InlineData("FROM a\nRUN <<EOF\nRUN x\nEOF", "2 NeedsBuildKit")]
    [InlineData("FROM a\nCOPY <<\"EOF\" /x\nEOF", "2 NeedsBuildKit")]
    [InlineData("FROM a\nRUN python -c 'print(1 <<E)' && echo $((1 << 3)) && cat <<<x", null)]
    [InlineData("FROM a\nRUN echo -- --mount=x", null)]
    public void What_no_build_here_does_is_named_with_its_line(string text, string? expected) =>
        Assert.Equal(expected, Problems(text).FirstOrDefault());

    [Fact]
    public void Variables_that_repeat_each_other_do_not_fill_the_memory()
    {
        var text = "ARG A0=aaaaaaaaaaaaaaaa\n" + string.Concat(Enumerable.Range(1, 60).Select(n => $"ARG A{n}=$A{n - 1}$A{n - 1}\n")) + "FROM $A60";
        Assert.Contains("10 Unclear", Problems(text));
    }

    [Fact]
    public void A_line_may_be_as_long_as_engines_take_and_an_instruction_of_many_lines_longer()
    {
        var part = "RUN echo " + new string('x', 50_000);
        Assert.Empty(Problems($"FROM a\n{part} \\\n{part}\n"));
        Assert.Equal(["2 Invalid"], Problems($"FROM a\nLABEL a={new string('é', 40_000)}\n"));
        Assert.Equal(["2 Invalid"], Problems($"FROM a\nCOPY --from=b {new string('x', 40_000)} \\\n {new string('x', 40_000)} /c\n"));
    }

    [Fact]
    public void Braces_within_braces_do_not_fill_the_stack() =>
        Assert.Equal("1 Unclear", Problems("FROM " + string.Concat(Enumerable.Repeat("${A:-", 9_000))).First());
}

/// <summary>What an engine gets has nothing left in it that engines read differently, and exactly the images that were found.</summary>
public sealed class PinnedDockerfileTests
{
    private static string Pin(string text, string[]? declared = null) => PinnedDockerfile.Write(text, DockerfileReading.Read(text),
        new DockerfilePinning(image => $"pinned/{image.Name}", declared ?? [], ["http_proxy"]));

    [Fact]
    public void Images_are_replaced_and_lines_stay_where_they_are() => Assert.Equal(
        "#\nARG V=1\nFROM pinned/a:1 AS x\n\n\nRUN \\\n b\nFROM x\n\nFROM scratch\nCOPY --from=pinned/c --chown='1:1' /d /e\n\nRUN f",
        Pin("# syntax=s\nARG V=1\nFROM \\\n # a comment\n a:$V AS x\nRUN \\\n b\nFROM \\\n X\nFROM scratch\nCOPY --from=c --chown='1:1' \\\n /d /e\nRUN f").Replace("FROM X", "FROM x"));

    [Fact]
    public void The_escape_character_stands_where_every_engine_sees_it() =>
        Assert.Equal("# escape=`\n#\nFROM pinned/a\nRUN `\n x", Pin("# syntax=s\n# escape=`\nFROM a\nRUN `\n x"));

    [Fact]
    public void A_platform_that_only_BuildKit_knows_is_left_out() =>
        Assert.Equal("FROM pinned/a\nFROM --platform=linux/arm64 pinned/b", Pin("FROM --platform=$BUILDPLATFORM a\nFROM --platform=linux/arm64 b"));

    [Fact]
    public void Every_stage_knows_the_arguments_of_the_site_and_none_declares_what_history_would_keep() =>
        Assert.Equal("FROM pinned/a\nARG PIP_INDEX_URL\n#\nARG b=1\nFROM pinned/c\nARG PIP_INDEX_URL", Pin("FROM a\nARG http_proxy\nARG http_proxy=x b=1\nFROM c", ["PIP_INDEX_URL"]));

    [Fact]
    public void A_declaration_is_split_outside_of_quotes_and_known_with_quotes_around_its_name() => Assert.Equal(
        "FROM pinned/a\n#\nARG b=\"1  http_proxy  2\"\nARG c='http_proxy=x y'\n#",
        Pin("FROM a\nARG \"http_proxy\"=\"a b\"\nARG http_proxy b=\"1  http_proxy  2\"\nARG c='http_proxy=x y' 'http_proxy'\nARG http\\_proxy=x\\ y"));
}
