using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Registry.Publish;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

/// <summary>The command for an image that was made elsewhere, run by a real shell as clients fill it in.</summary>
[Trait("Database", "any")]
public sealed class ExistingImageCommandTests
{
    private static readonly Definition Source = new()
    {
        Name = "show",
        DisplayName = "show",
        Language = SourceLanguage.Shell,
        MainFile = "show me.sh",
        Inputs =
        [
            new Port { Name = "token", Type = PortTypes.String, Optional = true, Secret = true },
            new Port { Name = "rows", Type = PortTypes.Integer, Default = "3", Optional = true },
            new Port { Name = "limit", Type = PortTypes.Integer, Optional = true },
            new Port { Name = "data", Type = "Dataset", Passing = PortPassing.File },
            new Port { Name = "odd'$(exit 3)name", Type = PortTypes.String },
        ],
        Outputs = [new Port { Name = "count", Type = PortTypes.String }],
    };

    [Theory]
    [InlineData("rows=3|data=/in/data|odd'$(exit 3)name=a b|count=/out/count")]
    [InlineData("rows=3|data=/in/data|odd'$(exit 3)name=a b|count=/out/count|limit=7", "limit")]
    [InlineData("rows=3|data=/in/data|odd'$(exit 3)name=a b|count=/out/count|token=it's \"secret\"|limit=7", "limit", "token")]
    public async Task What_is_left_out_changes_no_other_argument(string words, params string[] given)
    {
        var folder = Directory.CreateTempSubdirectory("claimed-command-").FullName;
        try
        {
            var script = Path.Combine(folder, Source.MainFile);
            await File.WriteAllTextAsync(script, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var command = ExistingImageCommand.Apply(Source, "registry.example.org/show:1").Container!.Command.SelectMany(part => Filled(part, given)).ToList();
            var said = (await Shell.RunAsync(command[0], command[1..], folder: folder)).Succeeded();
            Assert.Equal(words.Split('|'), said.Split('\n'));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_secret_is_optional_and_comes_from_the_environment_where_the_client_can_put_it_there()
    {
        var source = new RenditionSource(ExistingImageCommand.Apply(Source, Samples.Image), "demo", "show", "1.0.0", Samples.Image, "sha256:00", "http://localhost:8080/x");
        Assert.Contains("- name: token\n  type: String\n  default: ''\n  optional: true\n", ClientRenditions.Render(RenditionForm.Component, source), StringComparison.Ordinal);

        var job = ClientRenditions.Render(RenditionForm.Job, source);
        Assert.Contains("secretKeyRef", job, StringComparison.Ordinal);
        Assert.DoesNotContain("$(token)", job, StringComparison.Ordinal);
        Assert.DoesNotContain("$({variable})", ClientRenditions.Render(RenditionForm.Operator, source), StringComparison.Ordinal);

        var usage = UsageText.Write(source, "http://localhost:8080", null);
        foreach (var line in new[] { "-e token", "kubernetes.use_secret_as_env(", "secret_key_to_env={\"token\": \"token\"}", "Environment Variable: token", "secrets=[Secret(\"env\", \"token\"", "--from-literal='token=<token>'" })
            Assert.Contains(line, usage, StringComparison.Ordinal);
        Assert.DoesNotContain("$token", usage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_of_before_that_passes_the_secret_within_an_if_stays_as_it_was()
    {
        var old = Source with
        {
            Inputs = [Source.Inputs[0]],
            Outputs = [],
            Container = new(Samples.Image, [new CommandPart.Text("sh"), new CommandPart.If("token", null, [new CommandPart.InputValue("token")], [])], [], new Dictionary<string, string>()),
        };
        var yaml = ClientRenditions.Render(RenditionForm.Component, new(old, "demo", "show", "1.0.0", Samples.Image, "sha256:00", "http://localhost:8080/x"));
        Assert.Contains("- name: token\n  type: String\n  optional: true\n", yaml, StringComparison.Ordinal);
    }

    // As KFP 1.8 does it: the element of an input that is left out goes.
    private static IEnumerable<string> Filled(CommandPart part, string[] given) => part switch
    {
        CommandPart.Text text => [text.Value],
        CommandPart.InputPath input => ["/in/" + input.Port],
        CommandPart.OutputPath output => ["/out/" + output.Port],
        CommandPart.InputValue input => input.Port switch
        {
            "rows" => ["3"],
            // Its default is an empty text.
            "token" => [given.Contains("token") ? "it's \"secret\"" : ""],
            "limit" => given.Contains("limit") ? ["7"] : [],
            _ => ["a b"],
        },
        CommandPart.If { IsPresent: { } port } choice => (given.Contains(port) ? choice.Then : choice.Else).SelectMany(inner => Filled(inner, given)),
        CommandPart.Concat concat => [string.Concat(concat.Parts.SelectMany(inner => Filled(inner, given)))],
        _ => throw new InvalidOperationException($"An unexpected {part.GetType().Name}."),
    };
}
