using System.Globalization;
using System.Xml.Linq;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>
/// The Elyra connector of this repository against a running registry: the tests in <c>tests/elyra-connector</c>, which pytest runs. With
/// <c>ELYRA_HARNESS_BASE</c> they build on Elyra's own base classes.
/// </summary>
[Trait("Database", "any")]
public sealed class ElyraConnectorTests(ElyraConnectorTests.Run run) : IClassFixture<ElyraConnectorTests.Run>
{
    /// <summary>One run of pytest; each of its tests is one of ours.</summary>
    public sealed class Run : IAsyncLifetime
    {
        private const string Python = "/usr/bin/python3";

        /// <summary>What came of each test; null for one that passed.</summary>
        public IReadOnlyDictionary<string, string?> Outcomes { get; private set; } = new Dictionary<string, string?>();

        /// <summary>What pytest wrote.</summary>
        public string Log { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            await using var host = await RegistryHost.StartAsync();
            var report = Path.Combine(host.DataPath, "pytest.xml");
            var ran = await Shell.RunAsync(Python, ["-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit2", $"--junit-xml={report}", "."],
                new Dictionary<string, string?> { ["CLAIMED_URL"] = host.Address.ToString(), ["CLAIMED_TOKEN"] = RegistryHost.AdminToken },
                folder: RepositoryFolder.Of("tests/elyra-connector"));
            Log = $"{ran.Out}\n{ran.Err}";
            if (File.Exists(report))
                Outcomes = XDocument.Load(report).Descendants("testcase").ToDictionary(NameOf, OutcomeOf, StringComparer.Ordinal);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static string NameOf(XElement test) => $"{test.Attribute("classname")!.Value}.{test.Attribute("name")!.Value}";

        private static string? OutcomeOf(XElement test) => test.Elements().FirstOrDefault(child => child.Name.LocalName is "failure" or "error" or "skipped") is { } wrong
            ? $"{wrong.Name}: {wrong.Attribute("message")?.Value}\n{wrong.Value}"
            : null;
    }

    // A test that is not collected any more is missed.
    private const int Least = 48;

    [Fact]
    public void Every_test_of_the_connector_passes()
    {
        Assert.True(run.Outcomes.Count >= Least, $"{run.Outcomes.Count.ToString(CultureInfo.InvariantCulture)} tests ran; at least {Least} are there.\n{run.Log}");
        var wrong = run.Outcomes.Where(test => test.Value is not null).Select(test => $"{test.Key}\n{test.Value}").ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {run.Outcomes.Count} tests failed:\n{string.Join("\n\n", wrong)}");
    }

    [Fact]
    public async Task The_package_is_one_that_pip_installs_with_its_schema_and_entry_points()
    {
        var folder = Directory.CreateTempSubdirectory("claimed-connector-").FullName;
        try
        {
            // A build writes beside its sources.
            var source = Path.Combine(folder, "source");
            (await Shell.RunAsync("cp", ["-r", RepositoryFolder.Of("src/elyra-connector"), source])).Succeeded();
            var site = Path.Combine(folder, "site");
            (await Shell.RunAsync("/usr/bin/python3", ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check",
                "--root-user-action=ignore", "--target", site, source])).Succeeded();
            Assert.True(File.Exists(Path.Combine(site, "claimed_elyra_connector", "claimed-catalog.json")));
            var entries = await File.ReadAllTextAsync(Path.Combine(Directory.GetDirectories(site, "*.dist-info").Single(), "entry_points.txt"), TestContext.Current.CancellationToken);
            // Elyra is there where the connector is used, in whatever version; another one is not to come with it.
            var metadata = await File.ReadAllTextAsync(Path.Combine(Directory.GetDirectories(site, "*.dist-info").Single(), "METADATA"), TestContext.Current.CancellationToken);
            Assert.Matches("^Requires-Dist: requests *[(]?>=", Assert.Single(metadata.Split('\n'), line => line.StartsWith("Requires-Dist", StringComparison.Ordinal)));
            Assert.Contains("[metadata.schemas_providers]\nclaimed-catalog-schema = claimed_elyra_connector.schemas:ClaimedSchemasProvider", entries, StringComparison.Ordinal);
            Assert.Contains("[elyra.component.catalog_types]\nclaimed-catalog = claimed_elyra_connector.connector:ClaimedCatalogConnector", entries, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
