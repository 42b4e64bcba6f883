using System.Text;
using Claimed.Components.Sources;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

/// <summary>The command that copies outputs from fixed paths, run by a real shell as clients fill it in.</summary>
public sealed class FileOutputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-outputs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_output_is_copied_once_the_program_has_ended_and_its_own_words_reach_it()
    {
        var result = Run("printf 1 > 'a b.txt'; mkdir \"it's\"; printf 2 > \"it's/\\$(exit 3)\"; printf '%s|' \"$0\" \"$@\"", """{one: 'a b.txt', two: "it's/$(exit 3)"}""");
        Assert.Equal((0, "x y|--flag|z|"), (result.ExitCode, result.Output));
        Assert.Equal(["1", "2"], new[] { "one", "two" }.Select(name => File.ReadAllText(Path.Combine(_folder, "out", name, "data"))));
    }

    [Fact]
    public void A_folder_is_copied_as_one()
    {
        Assert.Equal(0, Run("mkdir -p made/deep; printf 1 > made/deep/file", "{one: made, two: made/deep}").ExitCode);
        Assert.Equal("1", File.ReadAllText(Path.Combine(_folder, "out", "one", "data", "deep", "file")));
        Assert.Equal("1", File.ReadAllText(Path.Combine(_folder, "out", "two", "data", "file")));
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("kill -9 $$", 137)]
    public void The_program_s_exit_code_is_kept_and_nothing_is_copied_then(string program, int code)
    {
        Assert.Equal(code, Run($"printf 1 > one; printf 2 > two; {program}", "{one: one, two: two}").ExitCode);
        Assert.False(Directory.Exists(Path.Combine(_folder, "out")));
    }

    [Fact]
    public void An_output_that_was_not_written_fails_the_task() => Assert.NotEqual(0, Run("printf 1 > one", "{one: one, two: two}").ExitCode);

    private ProgramResult Run(string program, string files)
    {
        var yaml = $$"""
            name: x
            inputs: [{name: a, type: String}]
            outputs: [{name: one, type: String}, {name: two, type: Artifact}]
            implementation:
              container:
                image: a:1
                command: [sh, -c, {{System.Text.Json.JsonSerializer.Serialize(program)}}, {inputValue: a}, --flag]
                args: [z]
                fileOutputs: {{files}}
            """;
        var reading = SourceReader.Read([new SourceFile("component.yaml", Encoding.UTF8.GetBytes(yaml))], new SourceOptions());
        Assert.False(reading.HasErrors);
        var container = reading.Definition!.Container!;
        var words = container.Command.Concat(container.Args).Select(part => part switch
        {
            CommandPart.Text text => text.Value,
            CommandPart.OutputPath output => Path.Combine(_folder, "out", output.Port, "data"),
            _ => "x y",
        }).ToList();
        return ExternalProgram.Run(words[0], words[1..], directory: _folder);
    }
}
