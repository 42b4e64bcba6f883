using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class CredentialTests
{
    private const string Code = "credential-in-source";

    /// <summary>Put together here, so that nobody takes these lines for real ones.</summary>
    private static string Text(string kind) => kind switch
    {
        "cloud" => "AKIA" + new string('Q', 16),
        "github" => "ghp_" + new string('a', 36),
        "gitlab" => "glpat-" + new string('b', 20),
        "slack" => "xoxb-" + new string('1', 12),
        "key" => "-----BEGIN RSA PRIVATE " + "KEY-----",
        "cos" => "cos://key:hunter2@" + "host.example/bucket",
        _ => "https://user:hunter2@" + "host.example/x",
    };

    [Theory]
    [InlineData("cloud")]
    [InlineData("github")]
    [InlineData("gitlab")]
    [InlineData("slack")]
    [InlineData("key")]
    [InlineData("cos")]
    [InlineData("https")]
    public void A_credential_in_a_script_is_warned_about_and_never_repeated(string kind)
    {
        var text = Text(kind);
        foreach (var path in (string[])["x.py", "x.R", "x.sh"])
        {
            var reading = Reading.Script($"a='1'\nkey='{text}'\n", path);
            var warning = reading.Only(Code);
            Assert.Equal((Severity.Warning, 2), (warning.Severity, warning.Position.Line));
            Assert.DoesNotContain(reading.Findings, finding => (finding.Message + finding.Fix).Contains(text[8..], StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Files_beside_the_source_are_looked_at()
    {
        var warning = Reading.Of(("x.py", "x = 1"), ("conf/settings.ini", "[a]\nurl=" + Text("https"))).Only(Code);
        Assert.Equal(("conf/settings.ini", 2), (warning.Position.File, warning.Position.Line));
    }

    [Fact]
    public void In_a_notebook_the_place_is_the_cell_and_outputs_do_not_count()
    {
        var warning = Reading.Of(("x.ipynb", $$"""
            {"cells": [{"cell_type": "code", "outputs": ["{{Text("cloud")}}"], "source": "a = 1"},
                       {"cell_type": "code", "outputs": [], "source": "a = 2\nb = '{{Text("https")}}'"}], "nbformat": 4}
            """)).Only(Code);
        Assert.Equal((2, 2), (warning.Position.Cell, warning.Position.CellLine));
    }

    [Fact]
    public void A_default_that_was_reported_as_one_is_not_reported_twice()
    {
        var reading = Reading.Script($"x = os.environ.get('x', '{Text("cos")}')");
        reading.Only("secret-default");
        reading.HasNo(Code);
    }

    [Theory]
    [InlineData("https://{user}:{password}@host/x")]
    [InlineData("https://$USER:$PASSWORD@host/x")]
    [InlineData("https://<user>:<password>@host/x")]
    [InlineData("https://host.example:8080/a@b")]
    [InlineData("git@host.example:team/x")]
    [InlineData("the AKIA prefix, ghp_ and glpat- too")]
    public void Placeholders_and_plain_addresses_are_none(string text) => Reading.Script($"x = \"{text}\"").HasNo(Code);

    [Theory]
    [InlineData("pin", "os.environ['pin']", false)]
    [InlineData("db_password", "os.environ.get('db_password', '')", true)]
    public void An_input_that_is_declared_a_secret_is_one_without_a_warning(string name, string read, bool optional)
    {
        var reading = Reading.Script($"# claimed: input {name}: Secret - opens the door\nx = {read}\n");

        reading.HasNo("secret-input");
        var port = Assert.Single(reading.Definition!.Inputs, port => port.Name == name);
        Assert.Equal((name, "String", PortPassing.Value, true, optional, (string?)null, "opens the door"), (port.Name, port.Type, port.Passing, port.Secret, port.Optional, port.Default, port.Description));
    }

    [Fact]
    public void A_declared_secret_keeps_its_default_to_itself_and_says_so()
    {
        var reading = Reading.Script("# claimed: input pin: Secret\nx = os.environ.get('pin', '1234')\n");

        reading.Only("secret-default");
        Assert.Null(Assert.Single(reading.Definition!.Inputs, port => port.Secret).Default);
    }
}
