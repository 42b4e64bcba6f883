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
}
