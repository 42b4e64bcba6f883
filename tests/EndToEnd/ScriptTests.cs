using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>A Python script from its upload to its outputs.</summary>
[Trait("Database", "any")]
public sealed class ScriptTests(RegistryWithEngine registry)
{
    private const string Greeter = """
        "Greets someone as often as wanted."
        import os
        # who is greeted
        name = os.environ['name']
        # how often
        times = int(os.environ.get('times', '2'))
        text = ' '.join([f'Hello {name}!'] * times)
        print(text)
        os.environ['greeting'] = text
        if name == 'nobody':
            raise SystemExit(7)
        """;

    [Fact]
    public async Task A_shipped_script_is_built_pulled_by_version_and_filters_real_rows()
    {
        var version = await registry.Host.PublishAsync("acme/filter-csv", "1.0.0", Publishing.Shipped("transform/filter-csv"));
        version.AssertReady();
        var image = $"{registry.ImageHost}/acme/filter-csv:1.0.0";
        (await registry.Engine.DockerAsync("pull", image)).Succeeded();
        using var work = new Workspace().With("people.csv");

        var run = await registry.Engine.DockerAsync("run", "--rm", "--network", "none", "-v", $"{work.Folder}:/data",
            "-e", "data_csv=/data/people.csv", "-e", "expression=age >= 18 and country == \"US\"", "-e", "output_filtered=/data/deep/er/rows.csv", image);

        Assert.True(run.ExitCode == 0, run.Err);
        Assert.Equal(["name,age,country,score", "Grace,85,US,9.0", "\"Doe, Jane\",40,US,6.0"], work.Read("deep/er/rows.csv").TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task The_same_container_takes_arguments_writes_assigned_outputs_and_runs_as_any_user()
    {
        var version = await registry.Host.PublishAsync("acme/greeter", "1.0.0", "greeter.py", Greeter);
        version.AssertReady();
        var pinned = $"{registry.ImageHost}/acme/greeter@{version["imageDigest"]}";
        Assert.Equal(pinned, (string?)version["image"]);
        (await registry.Engine.DockerAsync("pull", pinned)).Succeeded();
        using var work = new Workspace();

        var run = await registry.Engine.DockerAsync("run", "--rm", "--network", "none", "--user", "12345:0", "-v", $"{work.Folder}:/data", pinned,
            "name=Ada \"the\" $HOME", "times=3", "greeting=/data/out/greeting");

        Assert.True(run.ExitCode == 0, run.Err);
        const string expected = "Hello Ada \"the\" $HOME! Hello Ada \"the\" $HOME! Hello Ada \"the\" $HOME!";
        Assert.Equal(expected, run.Out.TrimEnd());
        Assert.Equal(expected, work.Read("out/greeting"));
    }

    [Fact]
    public async Task Exit_codes_missing_inputs_and_placeholders_of_omitted_inputs_are_handled()
    {
        var version = await registry.Host.PublishAsync("acme/greeter", "1.0.0", "greeter.py", Greeter);
        var image = (string)version["image"]!;
        Task<ShellResult> RunAsync(params string[] arguments) =>
            registry.Engine.DockerAsync(["run", "--rm", "--network", "none", image, .. arguments]);

        var own = await RunAsync("name=nobody");
        var missing = await RunAsync("times=1");
        var omitted = await RunAsync("name=Bo", "times={{$.inputs.parameters['times']}}");

        Assert.Equal(7, own.ExitCode);
        Assert.NotEqual(0, missing.ExitCode);
        Assert.Contains("name", missing.Err, StringComparison.Ordinal);
        Assert.Equal("Hello Bo! Hello Bo!", omitted.Succeeded());
    }
}
