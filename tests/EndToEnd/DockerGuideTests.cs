using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>The commands of docs/clients/docker.md, run as they stand there, with components that were built for them.</summary>
[Trait("Database", "any")]
public sealed class DockerGuideTests(RegistryWithEngine registry)
{
    [Fact]
    public async Task Every_command_of_the_guide_does_what_it_says()
    {
        (await registry.Host.PublishAsync("demo/greet", "1.0.0", "greet.py", "\"Says it.\"\nimport os\n# what to say\ngreeting = os.environ.get('greeting', 'Hi')\nprint(greeting + ' from the guide')\n")).AssertReady();
        (await registry.Host.PublishAsync("demo/count", "1.0.0", "count.py", """
            # claimed: input table: Dataset
            # claimed: output lines: Dataset
            import os
            table = os.environ['table']
            lines = os.environ['lines']
            open(lines, 'w').write(str(len(open(table).readlines())))

            """)).AssertReady();
        (await registry.Engine.DockerAsync("tag", BaseImages.Busybox, "demo-tool:dev")).Succeeded();
        using var work = new Workspace();
        using var home = new Workspace();
        var blocks = Guide.Blocks("docker", registry.Host.Address.ToString(), "sh").Select(block => (block.Language, block.Text.Replace("localhost:8080", registry.ImageHost, StringComparison.Ordinal))).ToList();
        Assert.True(blocks.Count >= 6, $"The guide has {blocks.Count} blocks of commands.");
        var ran = await Shell.RunAsync("bash", ["-c", Guide.Script(blocks, (language, _) => throw new NotSupportedException(language))], new Dictionary<string, string?>
        {
            ["TOKEN"] = RegistryHost.AdminToken,
            ["DOCKER_HOST"] = registry.Engine.Endpoint,
            ["DOCKER_CONFIG"] = home.Folder,
            ["HOME"] = home.Folder,
        }, folder: work.Folder);
        var said = ran.Succeeded();
        Assert.Contains("Hello from the guide", said, StringComparison.Ordinal);
        Assert.Equal("3", await File.ReadAllTextAsync(work["lines.txt"], TestContext.Current.CancellationToken));
        Assert.Contains("docker run --rm", said, StringComparison.Ordinal);
        Assert.Contains("\"RepoTags\"", said, StringComparison.Ordinal);
        Assert.Contains($"{registry.ImageHost}/demo/tool-image@sha256:", said, StringComparison.Ordinal);
    }
}
