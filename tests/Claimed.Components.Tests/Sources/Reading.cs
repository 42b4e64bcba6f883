using System.Text;
using Claimed.Components.Sources;
using Xunit;

namespace Claimed.Components.Tests.Sources;

/// <summary>Short ways to read a source in a test.</summary>
internal static class Reading
{
    /// <summary>The folder of the solution.</summary>
    public static string Repository { get; } = Top(AppContext.BaseDirectory);

    public static SourceFile File(string path, string text) => new(path, Encoding.UTF8.GetBytes(text));

    public static SourceReading Of(params (string Path, string Text)[] files) =>
        SourceReader.Read([.. files.Select(file => File(file.Path, file.Text))], new SourceOptions());

    public static SourceReading Script(string text, string path = "my_script.py") => Of((path, text));

    /// <summary>The definition of a script that must be sound.</summary>
    public static Definition Sound(string text, string path = "my_script.py")
    {
        var reading = Script(text, path);
        Assert.DoesNotContain(reading.Findings, finding => finding.Severity == Severity.Error);
        return Assert.IsType<Definition>(reading.Definition);
    }

    public static Port Input(this Definition definition, string name) => Assert.Single(definition.Inputs, port => port.Name == name);

    public static Port Output(this Definition definition, string name) => Assert.Single(definition.Outputs, port => port.Name == name);

    /// <summary>The one input of a script with one statement.</summary>
    public static Port OnlyInput(string text) => Assert.Single(Sound(text).Inputs, port => port.Name != "log_level");

    public static Finding Only(this SourceReading reading, string code) => Assert.Single(reading.Findings, finding => finding.Code == code);

    public static void HasNo(this SourceReading reading, string code) => Assert.DoesNotContain(reading.Findings, finding => finding.Code == code);

    private static string Top(string folder) => System.IO.File.Exists(Path.Combine(folder, "Claimed.Registry.sln"))
        ? folder
        : Top(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests run outside the repository."));
}
