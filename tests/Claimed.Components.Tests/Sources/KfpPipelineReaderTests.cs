using Claimed.Components.Renditions;
using Claimed.Components.Sources;
using Claimed.Components.Sources.Kfp;
using Xunit;

namespace Claimed.Components.Tests.Sources;

/// <summary>Pipelines that the KFP SDK compiled; one that it really wrote lies among the golden sources.</summary>
public sealed class KfpPipelineReaderTests
{
    private const string Rest = "deploymentSpec: {executors: {}}\nroot: {dag: {tasks: {say: {}}}}\nschemaVersion: 2.1.0\n";

    private static SourceReading Read(string text) => SourceReader.Read([new SourceFile("pipeline.yaml", System.Text.Encoding.UTF8.GetBytes(text))], new SourceOptions());

    [Fact]
    public void A_pipeline_is_named_as_it_names_itself_and_only_KFP_2_takes_it()
    {
        var reading = Read("pipelineInfo: {name: Say Hello, displayName: 'Says hello', description: Hi}\n" + Rest);
        var definition = reading.Definition!;
        Assert.Equal(("say-hello", "Says hello", "Hi", SourceLanguage.Pipeline), (definition.Name, definition.DisplayName, definition.Description, definition.Language));
        Assert.Equal("pipeline-for-kfp", Assert.Single(reading.Findings).Code);
        Assert.Empty(ClientRenditions.Check(definition));
        var verdicts = ClientVerdicts.Of(definition, reading.Findings);
        Assert.Equal([VerdictClient.KfpV2], verdicts.Where(verdict => verdict.Value.Verdict == ClientOutcome.Ok).Select(verdict => verdict.Key));
        Assert.All(verdicts.Values, verdict => Assert.Null(verdict.AsUploaded));
    }

    [Theory]
    [InlineData("pipelineInfo: {name: x}\nroot: {dag: {tasks: {a: {}}}}\nschemaVersion: 2.1.0\n", "deploymentSpec")]
    [InlineData("pipelineInfo: {name: x}\ndeploymentSpec: {}\nschemaVersion: 2.1.0\n", "`root`")]
    [InlineData("deploymentSpec: {}\nroot: {dag: {tasks: {a: {}}}}\nschemaVersion: 2.1.0\n", "pipelineInfo")]
    [InlineData("pipelineInfo: {name: x}\ndeploymentSpec: {}\nroot: {dag: {tasks: {}}}\nschemaVersion: 2.1.0\n", "no task")]
    [InlineData("pipelineInfo: {name: x}\ndeploymentSpec: {}\nroot: {dag: 1}\nschemaVersion: 2.1.0\n", "no task")]
    [InlineData("pipelineInfo: {name: x}\ndeploymentSpec: {}\nroot: {dag: {tasks: {a: {}}}}\nschemaVersion: 1.0.0\n", "\"1.0.0\"")]
    [InlineData("pipelineInfo: {name: x}\ndeploymentSpec: {}\nroot: {dag: {tasks: {a: {}}}}\n", "schema version")]
    [InlineData("pipelineInfo: {name: x}\nowner: me\n" + Rest, "`owner`")]
    [InlineData("pipelineInfo: {name: x}\n" + Rest + "---\nother: {}\n", "platforms")]
    public void What_the_API_server_would_refuse_is_said(string text, string said)
    {
        var reading = Read(text);
        Assert.Null(reading.Definition);
        Assert.Contains(reading.Findings, finding => finding.Code == "pipeline-invalid" && finding.Severity == Severity.Error && finding.Message.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_for_one_platform_stands_in_a_second_document_and_a_third_is_refused()
    {
        var platforms = "pipelineInfo: {name: x}\n" + Rest + "---\nplatforms: {kubernetes: {deploymentSpec: {}}}\n";
        Assert.NotNull(Read(platforms).Definition);
        Assert.Equal((7, 1), Read(platforms + "---\na: 1\n").Findings.Single(finding => finding.Code == "yaml-second-document").Position is var at ? (at.Line, at.Column) : default);
    }

    [Fact]
    public void Ports_are_those_of_the_root()
    {
        var definition = Read("""
            pipelineInfo: {name: x}
            deploymentSpec: {}
            schemaVersion: 2.1.0
            root:
              dag: {tasks: {a: {}}}
              inputDefinitions:
                artifacts: {table: {artifactType: {schemaTitle: system.Dataset}}, own: {artifactType: {schemaTitle: acme.Table}}, bare: {}}
                parameters: {count: {parameterType: NUMBER_INTEGER, defaultValue: 3.0}, password: {parameterType: STRING, defaultValue: s3cret}, must: {parameterType: BOOLEAN}}
              outputDefinitions:
                parameters: {Output: {parameterType: STRUCT}}
            """).Definition!;
        Assert.Equal(["table:Dataset", "own:acme.Table", "bare:Artifact", "count:Integer", "password:String", "must:Boolean"], definition.Inputs.Select(port => $"{port.Name}:{port.Type}"));
        Assert.Equal(("3", true), (definition.Inputs[3].Default, definition.Inputs[3].Optional));
        Assert.Equal((null, true, true), (definition.Inputs[4].Default, definition.Inputs[4].Secret, definition.Inputs[4].Optional));
        Assert.False(definition.Inputs[5].Optional);
        Assert.Equal("Output:JsonObject", string.Join(' ', definition.Outputs.Select(port => $"{port.Name}:{port.Type}")));
    }

    [Theory]
    [InlineData("pipelineInfo: {name: x}\n" + Rest, true)]
    [InlineData("{\"pipelineInfo\": {\"name\": \"x\"}}", true)]
    [InlineData("name: x\nimplementation: {container: {image: a}}\n", false)]
    [InlineData("name: pipelineInfo\n", false)]
    [InlineData("[unclosed", false)]
    [InlineData("", false)]
    public void A_file_says_by_its_content_what_it_is(string text, bool isPipeline) => Assert.Equal(isPipeline, KfpFile.IsPipeline(System.Text.Encoding.UTF8.GetBytes(text)));
}
