using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>The commands of docs/clients/kfp.md, run as they stand there: with the requests of the SDK, or with <c>KFP_SDK_PATH</c> and <c>KFP_SDK1_PATH</c> the SDK itself.</summary>
[Trait("Database", "any")]
public sealed class KfpGuideTests
{
    [Fact]
    public async Task Every_command_of_the_guide_does_what_it_says()
    {
        await using var server = await KfpApiServer.StartAsync();
        // The configuration file names the public address.
        var port = FreePorts.Next();
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Kfp:Targets:prod:Url"] = server.Url, ["Registry:PublicUrl"] = $"http://127.0.0.1:{port}" }, port: port);
        await host.PublishReadyAsync("demo", "greet", "1.0.0", "one");
        await host.SetChannelAsync("demo/greet", "stable", "1.0.0");
        var folder = Directory.CreateTempSubdirectory("claimed-guide-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "component.yaml"), Named("Say it", "two"), TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, "newer.yaml"), Named("Say it", "three"), TestContext.Current.CancellationToken);
            var blocks = Guide.Blocks("kfp", host.Address.ToString(), "sh", "python");
            Assert.True(blocks.Count >= 8, $"The guide has {blocks.Count} blocks of commands.");
            var ran = await Shell.RunAsync("bash", ["-c", Guide.Script(blocks, Python)], new Dictionary<string, string?> { ["TOKEN"] = RegistryHost.AdminToken, ["HOME"] = folder }, folder: folder);
            var said = ran.Succeeded();
            Assert.Contains("say-it sha256:", said, StringComparison.Ordinal);
            Assert.Contains("'packages/say-it/tags/stable'", said, StringComparison.Ordinal);
            Assert.Contains("['packages/greet', 'packages/say-it']", said, StringComparison.Ordinal);
            Assert.Contains("\"pipeline\":\"demo--greet\"", said, StringComparison.Ordinal);
            Assert.Equal("demo--greet", Assert.Single(server.Versions).Name);
            Assert.Equal(Named("Say it", "two"), await File.ReadAllTextAsync(Path.Combine(folder, "downloaded.yaml"), TestContext.Current.CancellationToken));
            Assert.Contains("name: hello", await File.ReadAllTextAsync(Path.Combine(folder, "hello.yaml"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Assert.Equal("1.1.0", (await host.ComponentAsync("demo/say-it/versions/stable"))["version"]);
            Assert.Equal("The first.", (await host.ComponentAsync("demo/say-it/versions/1.0.0"))["message"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Named(string name, string word) => Samples.ExistingImage(word).Replace("name: Greet", $"name: {name}", StringComparison.Ordinal);

    private static string Python(string language, string text)
    {
        var sdk = Environment.GetEnvironmentVariable(text.Contains("kfp 1.8", StringComparison.Ordinal) ? "KFP_SDK1_PATH" : "KFP_SDK_PATH");
        return $"PYTHONPATH='{(string.IsNullOrEmpty(sdk) ? RepositoryFolder.Of("tests/compatibility/standins") : sdk)}' /usr/bin/python3 -B -W ignore -";
    }
}
