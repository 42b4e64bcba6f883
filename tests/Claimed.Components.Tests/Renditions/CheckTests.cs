using Claimed.Components.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

public sealed class CheckTests
{
    private static readonly SourcePosition At = new("x.py", 7, 3);

    private static string[] Codes(Definition definition) => [.. ClientRenditions.Check(definition).Select(finding => $"{finding.Severity} {finding.Code}")];

    private static Definition WithInput(Port port) => Samples.FilterCsv with { Inputs = [port with { Position = At }], Outputs = [] };

    private static Definition InContainer(Port port, params CommandPart[] command) => Samples.Trainer with
    {
        Inputs = [port with { Position = At }],
        Outputs = [],
        Container = new ContainerTemplate("example.org/x:1", command, [], new Dictionary<string, string>()),
    };

    [Fact]
    public void A_component_that_every_client_takes_has_no_findings() =>
        Assert.Empty(ClientRenditions.Check(WithInput(new Port { Name = "url", Type = "String", Default = "say \"x\"" })));

    [Theory]
    [InlineData("class", "input-name-reserved")]
    [InlineData("yes", "input-name-reserved")]
    [InlineData("outputs", "input-name-reserved")]
    [InlineData("_x", "input-name-illegal")]
    [InlineData("a__b", "input-name-illegal")]
    [InlineData("a\tb", "input-name-illegal")]
    [InlineData("a \"b\"", "input-name-illegal")]
    public void A_name_that_a_client_does_not_take_is_a_warning_at_its_place(string name, string code)
    {
        var finding = Assert.Single(ClientRenditions.Check(WithInput(new Port { Name = name, Type = "String" })));
        Assert.Equal((code, Severity.Warning, At), (finding.Code, finding.Severity, finding.Position));
        Assert.DoesNotContain('\t', finding.Message);
    }

    [Fact]
    public void Names_that_elyra_confuses_with_outputs_are_warnings()
    {
        var definition = Samples.FilterCsv with
        {
            Inputs = [new Port { Name = "output_model", Type = "String" }],
            Outputs = [new Port { Name = "model", Type = "String" }, new Port { Name = "output_rows", Type = "String" }],
        };
        Assert.Equal(["Warning input-name-collides", "Warning output-name-prefix"], Codes(definition));
    }

    [Fact]
    public void What_elyra_shows_differently_is_said_once()
    {
        Assert.Equal(["Suggestion input-type-not-in-elyra"], Codes(WithInput(new Port { Name = "x", Type = "Boolean", Default = "True" })));
        Assert.Equal(["Suggestion input-file-optional-in-elyra"], Codes(WithInput(new Port { Name = "x", Type = "Dataset", Passing = PortPassing.File, Optional = true })));
        Assert.Empty(Codes(WithInput(new Port { Name = "x", Type = "Integer", Optional = true })));
    }

    [Fact]
    public void What_only_our_runner_makes_good_is_a_warning_for_a_foreign_container()
    {
        var value = new CommandPart.InputValue("x");
        Assert.Equal(["Warning input-default-quotes"], Codes(InContainer(new Port { Name = "x", Type = "String", Default = "\"" }, value)));
        Assert.Equal(["Warning input-default-lines"], Codes(InContainer(new Port { Name = "x", Type = "String", Default = "a\nb" }, value)));
        Assert.Equal(["Warning input-optional-without-default"], Codes(InContainer(new Port { Name = "x", Type = "Integer", Optional = true }, value)));
        var nested = new CommandPart.Concat([new CommandPart.Text("--in="), new CommandPart.InputPath("x")]);
        Assert.Equal(["Warning placeholder-nested"], Codes(InContainer(new Port { Name = "x", Type = "Dataset", Passing = PortPassing.File }, nested)));
    }

    [Fact]
    public void Two_optional_files_cannot_be_left_out_alone_in_kfp_1()
    {
        var file = new Port { Name = "a", Type = "Dataset", Passing = PortPassing.File, Optional = true };
        Assert.Contains("Warning input-optional-files", Codes(Samples.FilterCsv with { Inputs = [file, file with { Name = "b" }] }));
    }

    [Theory]
    [InlineData("Metric")]
    [InlineData("Größe 漢字")]
    [InlineData("exactly eighteen c")]
    [InlineData("more than eighteen c", "category-too-long", Severity.Warning)]
    [InlineData("a \"b\"", "category-illegal", Severity.Error)]
    [InlineData("a\\b", "category-illegal", Severity.Error)]
    [InlineData("a\nb", "category-illegal", Severity.Error)]
    [InlineData(" ", "category-empty", Severity.Error)]
    public void A_category_is_held_to_what_the_palette_takes(string category, string? code = null, Severity? severity = null)
    {
        var findings = ClientRenditions.CheckCategory(category);
        if (severity is null)
            Assert.Empty(findings);
        else
            Assert.Equal((code, severity), (Assert.Single(findings).Code, findings[0].Severity));
        Assert.Equal(findings.Select(finding => finding.Code), Codes(WithInput(new Port { Name = "x", Type = "String" }) with { Category = category }).Select(text => text.Split(' ')[1]));
    }

    [Fact]
    public void A_display_name_that_breaks_the_palette_is_replaced_and_said()
    {
        Assert.Equal("display-name-illegal", Assert.Single(ClientRenditions.CheckDisplayName("say \"x\"")).Code);
        Assert.Equal("display-name-empty", Assert.Single(ClientRenditions.CheckDisplayName(" ")).Code);
        Assert.Empty(ClientRenditions.CheckDisplayName("Filter CSV"));
        var yaml = ClientRenditions.Render(RenditionForm.Elyra, Samples.Source(Samples.FilterCsv with { DisplayName = "say \"x\\y\"\t!" }));
        Assert.Equal("say 'x/y' !", (string?)YamlReading.WithPython([yaml])[0]["name"]);
    }
}
