using System.Xml.Linq;
using Claimed.TestKit;

namespace Claimed.Library;

/// <summary>One run of pytest over <c>sources/</c>.</summary>
/// <param name="Outcomes">What came of each test, by the file that has it; null for one that passed.</param>
/// <param name="Log">What pytest wrote.</param>
public sealed record Pytest(ILookup<string, (string Test, string? Wrong)> Outcomes, string Log)
{
    /// <summary>Runs the files of these components, all without any, in the environment that <c>conftest.py</c> reads.</summary>
    /// <param name="marker">Only tests with this marker.</param>
    public static async Task<Pytest> RunAsync(IEnumerable<string> folders, IReadOnlyDictionary<string, string?> environment, string? marker = null)
    {
        var report = Path.GetTempFileName();
        try
        {
            var ran = await Shell.RunAsync(
                "/usr/bin/python3",
                [
                    // Much of their time is waiting; a file's tests share a server.
                    "-B", "-m", "pytest", "-q", "-n", "3", "--dist", "loadfile", "-p", "no:cacheprovider", "-o", "junit_family=xunit2", $"--junit-xml={report}",
                    .. marker is null ? Array.Empty<string>() : ["-m", marker], .. folders.Select(folder => FileOf(folder) + ".py"),
                ],
                new Dictionary<string, string?>(environment) { ["CLAIMED_COMPONENTS"] = ShippedComponent.Root },
                folder: RepositoryFolder.Of("tests/Library/sources"), limit: TimeSpan.FromMinutes(25));
            var cases = new FileInfo(report).Length > 0 ? XDocument.Load(report).Descendants("testcase") : [];
            return new Pytest(cases.ToLookup(FileOf, test => (test.Attribute("name")!.Value, WrongOf(test)), StringComparer.Ordinal), $"{ran.Out}\n{ran.Err}");
        }
        finally
        {
            File.Delete(report);
        }
    }

    /// <summary>The file with the tests of a component, <c>category/name</c>, without its extension.</summary>
    public static string FileOf(string folder) => "test_" + folder.Replace('/', '_').Replace('-', '_');

    /// <summary>Why the tests of a component did not all pass, or that there are none; null when they did.</summary>
    public string? WrongOf(string folder)
    {
        var outcomes = Outcomes[FileOf(folder)].ToList();
        if (outcomes.Count == 0)
            return $"No test of {folder} ran.\n{Log}";
        var wrong = outcomes.Where(test => test.Wrong is not null).Select(test => $"{test.Test}\n{test.Wrong}").ToList();
        return wrong.Count == 0 ? null : $"{wrong.Count} of {outcomes.Count} tests failed:\n{string.Join("\n\n", wrong)}";
    }

    private static string FileOf(XElement test) => test.Attribute("classname")!.Value.Split('.').FirstOrDefault(part => part.StartsWith("test_", StringComparison.Ordinal)) ?? "";

    private static string? WrongOf(XElement test) => test.Elements().FirstOrDefault(child => child.Name.LocalName is "failure" or "error" or "skipped") is { } wrong
        ? $"{wrong.Name}: {wrong.Attribute("message")?.Value}\n{wrong.Value}"
        : null;
}
