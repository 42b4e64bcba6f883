using Claimed.Components.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

/// <summary>Lines that are put on top of a Dockerfile change nothing of what it means.</summary>
public sealed class DockerfileHeadTests
{
    [Theory]
    [InlineData("FROM a\n", "# one\n# two\nFROM a\n")]
    [InlineData("# A tool.\nFROM a\n", "# one\n# two\n# A tool.\nFROM a\n")]
    [InlineData("# escape=`\nFROM a\n", "# escape=`\n# one\n# two\nFROM a\n")]
    [InlineData("#syntax=docker/dockerfile:1\r\n# escape = `\r\nFROM a\n", "#syntax=docker/dockerfile:1\r\n# escape = `\r\n# one\n# two\nFROM a\n")]
    [InlineData("", "# one\n# two\n")]
    public void They_stand_after_directives(string text, string expected) => Assert.Equal(expected, DockerfileHead.Put(text, "one", "two"));
}
