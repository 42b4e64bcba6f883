using Claimed.Components.Sources;
using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class ShippedComponentTests
{
    [Fact]
    public void Every_component_that_ships_is_read_without_error_and_describes_each_port()
    {
        var folders = Directory.EnumerateDirectories(Path.Combine(Reading.Repository, "components"))
            .SelectMany(Directory.EnumerateDirectories)
            .ToList();

        Assert.NotEmpty(folders);
        Assert.All(folders, folder =>
        {
            var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(file => new SourceFile(Path.GetRelativePath(folder, file).Replace('\\', '/'), File.ReadAllBytes(file)))
                .ToList();
            var reading = SourceReader.Read(files, new SourceOptions());
            Assert.DoesNotContain(reading.Findings, finding => finding.Severity == Severity.Error);
            Assert.NotEqual("", reading.Definition!.Description);
            Assert.All(reading.Definition.Inputs.Concat(reading.Definition.Outputs), port => Assert.False(string.IsNullOrEmpty(port.Description), port.Name));
        });
    }
}
