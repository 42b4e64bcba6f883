using Claimed.Components.Renditions;
using Claimed.Components.Tests.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Sources;

/// <summary>Findings that no other test has a reason to meet.</summary>
public sealed class SeldomFindingTests
{
    private const string Container = "\nimplementation: {container: {image: a/b:1, command: [a]}}";

    [Theory]
    [InlineData("---.py", "x = 1", "name-not-usable", Severity.Warning)]
    [InlineData("x.py", "# claimed: output a: Model from m\n# claimed: output b: Model from m\nos.environ['m'] = '1'", "front-matter-repeated", Severity.Warning)]
    [InlineData("x.py", "x = os.environ.get('x', 'a\\0b')", "default-not-text", Severity.Warning)]
    [InlineData("component.yaml", "name: ''" + Container, "name-missing", Severity.Error)]
    [InlineData("component.yaml", "name: x\nimplementation: {container: {image: a/b:1, command: [a, ]}}", null, Severity.Error)]
    [InlineData("component.yaml", "name: x\nimplementation: {container: {image: a/b:1, command: [a, null]}}", "command-part-empty", Severity.Error)]
    [InlineData("component.yaml", "name: x\ninputs: [{name: a, type: String, optional: perhaps}]\nimplementation: {container: {image: a/b:1, command: [a, {inputValue: a}]}}", "optional-not-boolean", Severity.Warning)]
    public void It_is_given_where_it_should_be(string path, string text, string? code, Severity severity)
    {
        var reading = Reading.Script(text, path);
        if (code is null)
            reading.HasNo("command-part-empty");
        else
            Assert.Equal(severity, reading.Only(code).Severity);
    }

    [Fact]
    public void Hashes_of_requirements_are_said_to_be_left_out() => Assert.Equal(1,
        Reading.Of(("x.py", "x = 1"), ("requirements.txt", "pandas==2.2.1 --hash=sha256:00")).Only("requirement-hash-ignored").Position.Line);

    [Theory]
    [InlineData("_x", "output-name-illegal")]
    [InlineData("class", "output-name-reserved")]
    public void Names_of_outputs_are_looked_at_as_those_of_inputs(string name, string code) =>
        Assert.Contains(code, ClientRenditions.Check(Samples.FilterCsv with { Inputs = [], Outputs = [new Port { Name = name, Type = "String" }] }).Select(finding => finding.Code));

    [Fact]
    public void Outputs_that_become_one_are_warned_about()
    {
        var outputs = new[] { new Port { Name = "a-b", Type = "String" }, new Port { Name = "a_b", Type = "String" } };
        Assert.Contains("output-name-collides", ClientRenditions.Check(Samples.FilterCsv with { Inputs = [], Outputs = outputs }).Select(finding => finding.Code));
    }
}
