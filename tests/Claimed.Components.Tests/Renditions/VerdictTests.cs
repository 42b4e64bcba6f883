using Claimed.Components.Renditions;
using Claimed.Components.Sources;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

public sealed class VerdictTests
{
    private static IReadOnlyDictionary<string, ClientVerdict> Of(string yaml)
    {
        var reading = SourceReader.Read([new SourceFile("component.yaml", System.Text.Encoding.UTF8.GetBytes(yaml))], new SourceOptions());
        return ClientVerdicts.Of(reading.Definition!, [.. reading.Findings, .. ClientRenditions.Check(reading.Definition!)]);
    }

    private static string Component(string input, string command = "[sh, -c, 'echo $0', {inputValue: x}]", string rest = "") => $$"""
        name: Greet
        inputs:
        - {name: x, {{input}}}
        {{rest}}
        implementation:
          container:
            image: example.org/x:1
            command: {{command}}
        """;

    private static string Served(IReadOnlyDictionary<string, ClientVerdict> verdicts) =>
        string.Join(' ', verdicts.Where(pair => pair.Value.Verdict != ClientOutcome.Ok).Select(pair => $"{pair.Key}={pair.Value.Verdict}"));

    private static string RefusedAsUploaded(IReadOnlyDictionary<string, ClientVerdict> verdicts) =>
        string.Join(' ', verdicts.Where(pair => pair.Value.AsUploaded == ClientOutcome.Refused).Select(pair => pair.Key));

    [Fact]
    public void Every_client_has_a_verdict_in_one_order()
    {
        Assert.Equal(VerdictClient.All, Of(Component("type: String")).Keys);
        Assert.Equal(["kfp-v2", "kfp-v1", "elyra-palette", "elyra-submit", "airflow", "kubernetes", "cwl"], VerdictClient.All);
    }

    [Fact]
    public void A_component_that_every_client_takes_is_ok_as_it_came()
    {
        var verdicts = Of(Component("type: String, default: 'a'"));
        Assert.All(verdicts.Values, verdict => Assert.Equal(ClientOutcome.Ok, verdict.Verdict));
        Assert.Equal(["", ""], [Served(verdicts), RefusedAsUploaded(verdicts)]);
        Assert.Null(verdicts["airflow"].AsUploaded);
    }

    [Theory]
    [InlineData("type: GCSPath", "kfp-v2 elyra-submit")]
    [InlineData("description: no type", "kfp-v2 elyra-submit")]
    [InlineData("type: {GCSPath: {data_type: CSV}}", "kfp-v2 elyra-palette elyra-submit")]
    [InlineData("type: {JsonObject: {data_type: x}}", "kfp-v2 elyra-palette elyra-submit")]
    [InlineData("type: JsonArray, default: '{}'", "elyra-submit")]
    [InlineData("type: Float, default: '2'", "elyra-submit")]
    [InlineData("type: String, default: 'a\\n'", "elyra-submit")]
    [InlineData("type: Integer, default: 5", "elyra-palette elyra-submit")]
    [InlineData("type: Integer, default: ten", "kfp-v2 elyra-palette elyra-submit")]
    [InlineData("type: Boolean", "elyra-submit")]
    [InlineData("type: JsonArray, optional: true", "elyra-submit")]
    [InlineData("type: String, required: true", "kfp-v2 kfp-v1 elyra-submit")]
    public void What_a_client_refuses_of_the_upload_is_repaired_in_what_is_served(string input, string refused)
    {
        var verdicts = Of(Component(input));
        Assert.Equal(refused, RefusedAsUploaded(verdicts));
        Assert.DoesNotContain(ClientOutcome.Refused, verdicts.Values.Select(verdict => verdict.Verdict));
        Assert.All(refused.Split(' '), client => Assert.NotEmpty(verdicts[client].Findings));
    }

    [Theory]
    [InlineData("type: Model", "[sh, '{{$.inputs.artifacts[\"x\"].uri}}']", "elyra-submit=Refused")]
    [InlineData("type: Model", "[sh, {concat: [a, {inputPath: x}]}]", "elyra-palette=Limited elyra-submit=Refused")]
    [InlineData("type: Model, optional: true", "[sh, {if: {cond: {isPresent: x}, then: [{inputPath: x}]}}]", "elyra-submit=Limited")]
    public void A_file_that_elyra_does_not_see_is_refused_there_unless_it_can_be_left_out(string input, string command, string served)
    {
        var verdicts = Of(Component(input, command));
        Assert.Contains(served, Served(verdicts), StringComparison.Ordinal);
        Assert.Equal("elyra-submit", RefusedAsUploaded(verdicts));
    }

    [Fact]
    public void An_empty_list_drops_the_component_from_the_palette_alone()
    {
        Assert.Equal("elyra-palette elyra-submit", RefusedAsUploaded(Of(Component("type: String", rest: "outputs:"))));
    }

    [Fact]
    public void What_no_rendition_can_cure_stays_a_limit_or_a_refusal()
    {
        Assert.Equal("elyra-submit=Limited", Served(Of(Component("type: Integer, optional: true"))));
        Assert.Equal("kfp-v2=Refused elyra-submit=Refused", Served(Of(Component("type: String", "[sh, {if: {cond: {inputValue: x}, then: [a]}}]"))));
        Assert.Equal("kfp-v1=Limited elyra-submit=Limited airflow=Limited kubernetes=Limited cwl=Limited", Served(Of(Component("type: String", "[sh, {inputValue: x}, {executorInput: null}]"))));
    }

    [Fact]
    public void An_address_in_an_object_store_is_known_to_kfp_2_alone()
    {
        Assert.Equal("kfp-v1=Limited elyra-palette=Limited elyra-submit=Refused airflow=Limited kubernetes=Limited cwl=Limited", Served(Of(Component("type: Model", "[sh, {inputUri: x}]"))));
        var written = Of(Component("type: String", "[sh, {inputValue: x}, {outputUri: y}]", "outputs: [{name: y, type: Model}]"));
        Assert.Equal("kfp-v1=Limited elyra-palette=Limited elyra-submit=Limited airflow=Limited kubernetes=Limited cwl=Limited", Served(written));
        Assert.Equal("", RefusedAsUploaded(written));
    }

    [Fact]
    public void A_file_at_a_fixed_path_is_lost_in_the_upload_and_copied_in_what_is_served()
    {
        var yaml = Component("type: String", "[sh, {inputValue: x}]", "outputs: [{name: y, type: String}]") + "\n    fileOutputs: {y: /y}";
        var verdicts = Of(yaml);
        Assert.Equal("", Served(verdicts));
        Assert.Equal(["elyra-submit", "kfp-v2"], verdicts.Where(pair => pair.Value.AsUploaded == ClientOutcome.Limited).Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.Contains("file-outputs-copied", verdicts["kfp-v2"].Findings);
        Assert.Equal("kfp-v1", RefusedAsUploaded(Of(yaml.Replace("[sh,", "[sh, {outputPath: y},", StringComparison.Ordinal))));
    }

    [Fact]
    public void The_final_status_is_refused_by_elyra_and_a_null_in_a_default_by_what_reads_the_upload()
    {
        var status = Of(Component("type: PipelineTaskFinalStatus"));
        Assert.Equal("kfp-v1=Limited elyra-submit=Refused airflow=Limited kubernetes=Limited cwl=Limited", Served(status));
        Assert.Equal("elyra-submit", RefusedAsUploaded(status));
        var nothing = Of(Component("type: JsonObject, default: '{\"a\": null}'"));
        Assert.Equal("kfp-v2 elyra-submit", RefusedAsUploaded(nothing));
        Assert.Contains("default-holds-null", nothing["kfp-v2"].Findings);
        Assert.DoesNotContain(ClientOutcome.Refused, nothing.Values.Select(verdict => verdict.Verdict));
    }

    [Fact]
    public void Variables_without_a_command_limit_what_kfp_2_can_do_with_the_pipeline()
    {
        var yaml = Component("type: String", "[]", "").Replace("command: []", "args: [{inputValue: x}]\n    env: {A: b}", StringComparison.Ordinal);
        var verdicts = Of(yaml);
        Assert.Contains("kfp-v2=Limited", Served(verdicts), StringComparison.Ordinal);
        Assert.Contains("env-without-command", verdicts["kfp-v2"].Findings);
    }

    [Fact]
    public void A_script_has_no_verdict_of_an_upload_and_types_that_elyra_lacks_are_strings_there()
    {
        var definition = Samples.FilterCsv;
        var verdicts = ClientVerdicts.Of(definition, ClientRenditions.Check(definition));
        Assert.All(verdicts.Values, verdict => Assert.Equal((ClientOutcome.Ok, (ClientOutcome?)null), (verdict.Verdict, verdict.AsUploaded)));
        Assert.Equal(["input-type-not-in-elyra"], verdicts["elyra-submit"].Findings);
    }

    [Fact]
    public void What_is_refused_at_publish_no_client_gets()
    {
        var verdicts = ClientVerdicts.Of(Samples.FilterCsv, [Finding.Error("interface-input-removed", default, "Gone.", "Keep it.")]);
        Assert.All(verdicts.Values, verdict => Assert.Equal(ClientOutcome.Refused, verdict.Verdict));
    }
}
