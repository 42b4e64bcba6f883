using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Images;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Builds.Engine;

/// <summary>The label that stands behind each FROM.</summary>
[Trait("Database", "any")]
public sealed class StepMarkTests
{
    private readonly StepMark _mark = new(Options.Create(new ImageOptions { PublicHost = "registry.example.org" }));

    [Theory]
    [InlineData("FROM base:1\nRUN true\n", "FROM base:1\n=\nRUN true\n")]
    [InlineData("FROM base:1", "FROM base:1\n=\n")]
    [InlineData("# syntax\nARG V=1\nfrom base:$V AS one\n\nRUN true\nFROM one\nCOPY --from=one /a /b\n", "# syntax\nARG V=1\nfrom base:$V AS one\n=\n\nRUN true\nFROM one\n=\nCOPY --from=one /a /b\n")]
    // Continued lines, with a comment and an empty line within; the FROM within a RUN is none.
    [InlineData("FROM \\\n# note\n\n base:1\nRUN echo \\\nFROM nothing\n", "FROM \\\n# note\n\n base:1\n=\nRUN echo \\\nFROM nothing\n")]
    [InlineData("# escape=`\nFROM `\nbase:1\nRUN echo \\\nFROM base:2\n", "# escape=`\nFROM `\nbase:1\n=\nRUN echo \\\nFROM base:2\n=\n")]
    [InlineData("FROM base:1\r\nRUN true\r\n", "FROM base:1\r\n=\nRUN true\r\n")]
    // A comment that is no directive any more; the escape character stays what it is.
    [InlineData("# My tool\n# escape=`\nFROM base:1\nRUN echo `date`\n", "# My tool\n# escape=`\nFROM base:1\n=\nRUN echo `date`\n")]
    [InlineData("FROMAGE\n", "FROMAGE\n")]
    public void It_stands_where_a_stage_begins_and_nowhere_else(string dockerfile, string marked) =>
        Assert.Equal(marked.Replace("=\n", $"LABEL {StepMark.Label}={_mark.Value}\n", StringComparison.Ordinal), _mark.Put(dockerfile));

    [Theory]
    [InlineData("FROM base:1\nRUN true", "FROM base:1\n=\nRUN true\n")]
    [InlineData("FROM base:1\nRUN true\n# note\n", "FROM base:1\n=\nRUN true\n# note\n")]
    public void The_last_line_tells_of_which_build_the_whole_image_is(string dockerfile, string marked) => Assert.Equal(
        marked.Replace("=\n", $"LABEL {StepMark.Label}={_mark.Value}\n", StringComparison.Ordinal) + $"LABEL {StepMark.Label}={_mark.Whole} {StepMark.BuildLabel}=7\n", _mark.Put(dockerfile, build: 7));

    [Theory]
    // The classic builder takes only a COPY for the first step of what begins with nothing, when it is for another platform.
    [InlineData("FROM scratch\nCOPY a /a\nRUN [\"/a\"]\n", "FROM scratch\nCOPY a /a\n=\nRUN [\"/a\"]\n")]
    [InlineData("ARG B=scratch\nFROM $B\nCOPY a /a\nCOPY b /b\n", "ARG B=scratch\nFROM $B\nCOPY a /a\n=\nCOPY b /b\n")]
    [InlineData("FROM base:1 AS scratch-pad\nRUN true\n", "FROM base:1 AS scratch-pad\n=\nRUN true\n")]
    public void For_another_platform_it_stands_behind_the_first_copy_of_what_begins_with_nothing(string dockerfile, string marked) =>
        Assert.Equal(marked.Replace("\n=\n", $"\nLABEL {StepMark.Label}={_mark.Value}\n", StringComparison.Ordinal), _mark.Put(dockerfile, "linux/arm64"));

    [Fact]
    public void Registries_have_different_marks_and_each_keeps_its_own()
    {
        Assert.Equal(_mark.Value, new StepMark(Options.Create(new ImageOptions { PublicHost = "registry.example.org" })).Value);
        Assert.NotEqual(_mark.Value, new StepMark(Options.Create(new ImageOptions { PublicHost = "other.example.org" })).Value);
    }
}
