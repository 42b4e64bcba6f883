using Xunit;

namespace Claimed.Registry.Tests.Words;

/// <summary>A start with settings that cannot be used says so in sentences, and nothing else.</summary>
[Trait("Database", "any")]
public sealed class WrongSettingsTests : IDisposable
{
    private const string HostNetwork = "Builds__NetworkMode=host lets every build step reach this machine's network: set Builds__AllowHostNetwork=true to mean it, or use none.";
    private const string NoListen = "Builds__Gateway__Listen is \"nowhere\": write address and port, such as 0.0.0.0:3129.";
    private const string NoTarget = "Kfp__Targets__prod__Url is \"nowhere\": give the address of the KFP API server alone, such as http://ml-pipeline.kubeflow:8888; its token goes into Kfp__Targets__prod__TokenFile";

    private readonly string _data = Directory.CreateTempSubdirectory("claimed-settings-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData(new[] { "--Builds:Gateway:Listen=nowhere" }, new[] { NoListen })]
    [InlineData(new[] { "--Builds:NetworkMode=host" }, new[] { HostNetwork })]
    [InlineData(new[] { "--Builds:NetworkMode=host", "--Kfp:Targets:prod:Url=nowhere" }, new[] { HostNetwork, NoTarget })]
    public async Task Each_is_named_once_without_a_stack_trace(string[] settings, string[] sentences)
    {
        var refused = await WordRun.RunAsync(_data, ["serve", "--urls=http://127.0.0.1:0", .. settings]);
        Assert.Equal((2, ""), (refused.ExitCode, refused.Out));
        Assert.Equal(sentences.Order(StringComparer.Ordinal), refused.Err.Trim().Split('\n').Order(StringComparer.Ordinal));
    }
}
