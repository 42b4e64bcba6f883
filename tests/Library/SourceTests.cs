using System.Xml.Linq;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Library;

/// <summary>
/// The sources of the component library, run with the runner of their image: the tests in <c>sources/</c>, which pytest runs. With
/// <c>CLAIMED_RUNNERS</c> the runners are written into that folder and stay, so that pytest can be called by hand.
/// </summary>
public sealed class SourceTests(SourceTests.Run run) : IClassFixture<SourceTests.Run>
{
    /// <summary>One run of pytest.</summary>
    public sealed class Run : IAsyncLifetime
    {
        /// <summary>What came of each test, by the file that has it; null for one that passed.</summary>
        public ILookup<string, (string Test, string? Wrong)> Outcomes { get; private set; } = Enumerable.Empty<string>().ToLookup(name => name, _ => ("", (string?)null));

        /// <summary>What pytest wrote.</summary>
        public string Log { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            var own = Environment.GetEnvironmentVariable("CLAIMED_RUNNERS") is null or "";
            var runners = own ? Directory.CreateTempSubdirectory("claimed-runners-").FullName : Environment.GetEnvironmentVariable("CLAIMED_RUNNERS")!;
            foreach (var component in ShippedComponent.All)
                component.WriteRunner(Path.Combine(runners, component.Folder));
            var report = Path.GetTempFileName();
            var ran = await Shell.RunAsync("/usr/bin/python3", ["-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit2", $"--junit-xml={report}", "."],
                new Dictionary<string, string?> { ["CLAIMED_RUNNERS"] = runners, ["CLAIMED_COMPONENTS"] = ShippedComponent.Root },
                folder: RepositoryFolder.Of("tests/Library/sources"), limit: TimeSpan.FromMinutes(20));
            Log = $"{ran.Out}\n{ran.Err}";
            if (new FileInfo(report).Length > 0)
                Outcomes = XDocument.Load(report).Descendants("testcase").ToLookup(FileOf, test => (test.Attribute("name")!.Value, WrongOf(test)), StringComparer.Ordinal);
            File.Delete(report);
            if (own)
                Directory.Delete(runners, recursive: true);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static string FileOf(XElement test) => test.Attribute("classname")!.Value.Split('.').FirstOrDefault(part => part.StartsWith("test_", StringComparison.Ordinal)) ?? "";

        private static string? WrongOf(XElement test) => test.Elements().FirstOrDefault(child => child.Name.LocalName is "failure" or "error" or "skipped") is { } wrong
            ? $"{wrong.Name}: {wrong.Attribute("message")?.Value}\n{wrong.Value}"
            : null;
    }

    public static TheoryData<string> Folders => [.. ShippedComponent.All.Select(component => component.Folder)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_source_passes_its_tests(string folder)
    {
        var outcomes = run.Outcomes["test_" + folder.Replace('/', '_').Replace('-', '_')].ToList();
        Assert.True(outcomes.Count > 0, $"There is no test of {folder}.\n{run.Log}");
        var wrong = outcomes.Where(test => test.Wrong is not null).Select(test => $"{test.Test}\n{test.Wrong}").ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {outcomes.Count} tests failed:\n{string.Join("\n\n", wrong)}");
    }

    [Fact]
    public void Every_test_is_of_a_component()
    {
        var files = ShippedComponent.All.Select(component => "test_" + component.Folder.Replace('/', '_').Replace('-', '_'));
        Assert.Equal([], run.Outcomes.Select(file => file.Key).Except(files));
    }
}
