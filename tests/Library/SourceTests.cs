using Xunit;

namespace Claimed.Library;

/// <summary>
/// The sources of the component library, run with the runner of their image and the packages of this machine. With <c>CLAIMED_RUNNERS</c>
/// the runners are written into that folder and stay, so that pytest can be called by hand.
/// </summary>
public sealed class SourceTests(SourceTests.Run run) : IClassFixture<SourceTests.Run>
{
    /// <summary>One run of all tests.</summary>
    public sealed class Run : IAsyncLifetime
    {
        public Pytest Pytest { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var kept = Environment.GetEnvironmentVariable("CLAIMED_RUNNERS") is { Length: > 0 } named ? named : null;
            var runners = kept ?? Directory.CreateTempSubdirectory("claimed-runners-").FullName;
            foreach (var component in ShippedComponent.All)
                component.WriteRunner(Path.Combine(runners, component.Folder));
            Pytest = await Pytest.RunAsync([], new Dictionary<string, string?> { ["CLAIMED_RUNNERS"] = runners });
            if (kept is null)
                Directory.Delete(runners, recursive: true);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    public static TheoryData<string> Folders => [.. ShippedComponent.All.Select(component => component.Folder)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_source_passes_its_tests(string folder) => Assert.True(run.Pytest.WrongOf(folder) is null, run.Pytest.WrongOf(folder));

    [Fact]
    public void Every_test_is_of_a_component() =>
        Assert.Equal([], run.Pytest.Outcomes.Select(file => file.Key).Except(ShippedComponent.All.Select(component => Pytest.FileOf(component.Folder))));
}
