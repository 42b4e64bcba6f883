using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class ShellReaderTests
{
    private const string Fetch = """
        #!/bin/bash
        # Fetches a file.
        # claimed: category=Input
        # claimed: output data: Dataset from output_data
        # apt-get install -y curl
        # @output bytes size of the file

        set -eu
        # where to load from
        : "${url:?say where to load from}"
        retries=${retries:-3}  # how often to try
        : ${proxy:=}
        : "${agent:-"my agent"}" ${other?}
        stamp="${stamp:-$(date)}"
        target=/tmp/x
        echo "${target:-ghost}" '${ghost:-1}' \${ghost:-1} ${#ghost} $# # ${ghost:-1}
        for file in a b; do
          echo "${file:-ghost}"
        done
        cat <<'END'
        it's ${ghost:-1}
        END
        cat <<END > /tmp/y
        it's ${inside:-1}
        END
        if [ -n "${api_key:+set}" ]; then echo key; fi
        cp "$target" "${output_data:-data.csv}"
        bytes=5
        """;

    [Fact]
    public void A_shell_script_becomes_a_component()
    {
        var component = Reading.Sound(Fetch, "fetch_file.sh");

        Assert.Equal((SourceLanguage.Shell, "fetch-file", "Fetches a file."), (component.Language, component.Name, component.Description));
        Assert.Equal(["url", "retries", "proxy", "agent", "other", "stamp", "inside", "api_key"], component.Inputs.Select(port => port.Name));
        Assert.Equal(("where to load from", false), (component.Input("url").Description, component.Input("url").Optional));
        Assert.Equal(("3", "how often to try"), (component.Input("retries").Default, component.Input("retries").Description));
        Assert.Equal((null, true), (component.Input("proxy").Default, component.Input("proxy").Optional));
        Assert.Equal("my agent", component.Input("agent").Default);
        Assert.False(component.Input("other").Optional);
        Assert.Equal((null, true), (component.Input("stamp").Default, component.Input("stamp").Optional));
        Assert.True(component.Input("api_key").Secret);
        Assert.Equal(["data", "bytes"], component.Outputs.Select(port => port.Name).Order().Reverse());
        Assert.Equal(("Dataset", "output_data"), (component.Output("data").Type, component.Output("data").Variable));
        Assert.Equal("size of the file", component.Output("bytes").Description);
        Assert.Equal(["curl"], Assert.Single(component.Requirements).Packages);
    }

    [Fact]
    public void The_message_of_a_required_variable_describes_it() =>
        Assert.Equal("where to go", Reading.Sound(": ${target:?where to go}", "x.sh").Input("target").Description);

    [Fact]
    public void A_place_is_that_of_the_dollar_sign()
    {
        var at = Reading.Sound("set -e\nx=${x:-1}\n", "x.sh").Input("x").Position;
        Assert.Equal((2, 3), (at.Line, at.Column));
    }

    [Theory]
    [InlineData("x=$'it\\'s'\necho ${y:-1}")]
    [InlineData("x=$((1 << y))\ny=${y:-1}\n")]
    [InlineData("(( x = a << b ))\necho ${y:-1}")]
    [InlineData("cat <<'END-1'\n${ghost:-1}\nEND-1\necho ${y:-1}")]
    [InlineData("cat <<\\END\n${ghost:-1}\nEND\necho ${y:-1}")]
    [InlineData("while IFS= read -r line rest; do echo ${line:-1} ${rest:-2} ${y:-3}; done")]
    [InlineData("while getopts ab: flag; do :; done\necho ${flag:-x} ${y-1}")]
    [InlineData("echo \"# ${y:-1}\" # ${ghost:-1}")]
    public void Only_what_comes_from_outside_is_an_input(string source) =>
        Assert.Equal(["y"], Reading.Sound(source, "x.sh").Inputs.Select(port => port.Name));

    [Fact]
    public void A_declared_integer_has_that_type()
    {
        var component = Reading.Sound("declare -i n=${n:-3}\nm=${m:-3}\n", "x.sh");
        Assert.Equal((PortTypes.Integer, PortTypes.String), (component.Input("n").Type, component.Input("m").Type));
    }

    [Fact]
    public void Each_expansion_says_whether_the_input_is_needed()
    {
        var component = Reading.Sound(": \"${a:?the first}\" ${b?} ${c:=d} ${e-f} ${g:-} ${h:=$c}", "x.sh");
        Assert.Equal(["a:False:", "b:False:", "c:True:d", "e:True:f", "g:True:", "h:True:"], component.Inputs.Select(port => $"{port.Name}:{port.Optional}:{port.Default}"));
        Assert.Equal("the first", component.Input("a").Description);
    }
}
