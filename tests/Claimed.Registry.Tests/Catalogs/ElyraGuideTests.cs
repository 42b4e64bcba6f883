using System.Text.Json;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>The commands of docs/clients/elyra.md, run as they stand there. With <c>ELYRA_HARNESS_BASE</c> it is Elyra's own program that imports.</summary>
[Trait("Database", "any")]
public sealed class ElyraGuideTests
{
    [Fact]
    public async Task Every_command_of_the_guide_does_what_it_says()
    {
        await using var host = await RegistryHost.StartAsync();
        await host.PublishReadyAsync("demo", "greet", "1.0.0", "one");
        await host.PublishReadyAsync("demo", "hello", "1.0.0", "two");
        await host.PatchAsync("demo/greet/versions/1.0.0", """{"deprecated": true, "successor": "demo/hello"}""");
        var commands = Guide.Blocks("elyra", host.Address.ToString(), "sh").Select(block => block.Text).ToList();
        Assert.True(commands.Count >= 8, $"The guide has {commands.Count} blocks of commands.");

        var folder = Directory.CreateTempSubdirectory("claimed-guide-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "component.yaml"), Samples.ExistingImage("three"), TestContext.Current.CancellationToken);
            var site = Path.Combine(folder, "site");
            // The commands of Debian, before those of anything else that is installed.
            var script = $$"""
                set -euo pipefail
                pip() { /usr/bin/python3 -m pip --disable-pip-version-check "$@"; }
                {{(Environment.GetEnvironmentVariable("ELYRA_HARNESS_BASE") is { Length: > 0 } elyra
                    ? $"elyra-metadata() {{ PYTHONPATH={elyra}/deps/site:{site} /usr/bin/python3 -c 'from elyra.metadata.metadata_app import MetadataApp; MetadataApp.main()' \"$@\"; }}"
                    : $"PATH={RepositoryFolder.Of("tests/elyra-connector/standins/programs")}:$PATH")}}
                {{string.Join("\n", commands)}}
                """;
            var ran = await Shell.RunAsync("bash", ["-c", script], new Dictionary<string, string?>
            {
                ["TOKEN"] = RegistryHost.AdminToken,
                ["HOME"] = folder,
                ["JUPYTER_DATA_DIR"] = Path.Combine(folder, "jupyter"),
                ["PIP_TARGET"] = site,
                ["PIP_NO_DEPS"] = "1",
                ["PIP_ROOT_USER_ACTION"] = "ignore",
            }, folder: folder);
            var said = ran.Succeeded();
            Assert.Contains("name: 'Greet (demo)'", said, StringComparison.Ordinal);
            Assert.Contains("name: 'Greet 1.0.0'", said, StringComparison.Ordinal);
            Assert.Contains("name: 'Greet 1.x'", said, StringComparison.Ordinal);
            Assert.Contains("\"id\":\"demo--greet--1.1.0\"", said, StringComparison.Ordinal);
            Assert.Matches("(?m)^Deprecation: @[0-9]+\r?$", said);
            Assert.Contains("/demo/hello/versions/latest/elyra.yaml>; rel=\"successor-version\"", said, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(site, "claimed_elyra_connector", "connector.py")));
            var imported = Directory.GetFiles(Path.Combine(folder, "jupyter", "metadata", "component-catalogs")).Order(StringComparer.Ordinal)
                .Select(file => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty("schema_name").GetString());
            Assert.Equal(["url-catalog", "url-catalog", "claimed-catalog"], imported);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
