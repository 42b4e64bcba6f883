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
        var component = Reading.Sound("declare -i n=${n:-3}\nm=${m:-3}\ndeclare -r -i k=${k:-4}\nlocal -ri j=${j:-5}; declare -r i=${i:-6}\n", "x.sh");
        Assert.Equal(["n:Integer", "m:String", "k:Integer", "j:Integer", "i:String"], component.Inputs.Select(port => $"{port.Name}:{port.Type}"));
    }

    [Fact]
    public void Each_expansion_says_whether_the_input_is_needed()
    {
        var component = Reading.Sound(": \"${a:?the first}\" ${b?} ${c:=d} ${e-f} ${g:-} ${h:=$c}", "x.sh");
        Assert.Equal(["a:False:", "b:False:", "c:True:d", "e:True:f", "g:True:", "h:True:"], component.Inputs.Select(port => $"{port.Name}:{port.Optional}:{port.Default}"));
        Assert.Equal("the first", component.Input("a").Description);
    }

    [Theory]
    [InlineData("echo \"${a:-1}", 1, 6)]
    [InlineData("a=1\necho 'abc\n", 2, 6)]
    [InlineData("x=$'it\\'s", 1, 3)]
    [InlineData("echo ${a:-1", 1, 6)]
    [InlineData("echo ${a:-\"}", 1, 6)]
    [InlineData("x=$(date", 1, 3)]
    [InlineData("x=`date", 1, 3)]
    [InlineData("(echo a", 1, 1)]
    [InlineData("echo $(echo \"a)\"", 1, 6)]
    public void What_a_shell_cannot_read_is_an_error_with_its_place(string source, int line, int column)
    {
        var error = Reading.Script(source, "x.sh").Only("source-syntax");
        Assert.Equal((Severity.Error, line, column), (error.Severity, error.Position.Line, error.Position.Column));
    }

    [Theory]
    [InlineData("x=\"$(echo \"${y:-1}\" \"b\")\"")]
    [InlineData("x=$(case a in a) echo ${y:-1};; (b) :;; esac)")]
    [InlineData("x=`echo \"it's ${y:-1}\"`")]
    [InlineData("((echo a); echo b) | cat; echo ${y:-1}")]
    [InlineData("x=$((1 + (2 << 3))); f() { echo ${y:-1}; }")]
    [InlineData("cat <<E\nit's a \"quote\nE\necho ${y:-1}")]
    [InlineData("x=$(\n  # it's\n  echo ${y:-1}\n)")]
    [InlineData("echo a#'b' ${x%\"'\"} \"${x#'\"'}\" ${#x} $# ${y:-1}")]
    [InlineData("x=1 # it's fine\necho ${y:-1}")]
    [InlineData("a=(1 '2' \"3\"); a[0]=4; echo ${y:-1}")]
    public void Sound_scripts_are_sound(string source) => Assert.Equal(["y"], Reading.Sound(source, "x.sh").Inputs.Select(port => port.Name));

    [Theory]
    [InlineData("grep a <<< \"${y:-1}\"")]
    [InlineData("cat <<E\n\\${ghost:-1} ${y:-1}\nE")]
    [InlineData("x=`cat <<E\n`echo ${y:-1}` it's\nE\n`")]
    [InlineData("cat <<E\n E\n${y:-1}\nE")]
    [InlineData("cat <<-E\n\tE\necho ${y:-1}")]
    [InlineData("read -r -p \"name: \" x z\necho ${x:-1} ${z:-1} ${y:-1}")]
    [InlineData("while getopts \"a:b\" o; do :; done\necho ${o:-1} ${y:-1}")]
    [InlineData("x=1; echo ${x:-1} ${y:-1}")]
    [InlineData("local_x() { local y=1 z; echo ${z:-1}; }\necho ${y:-1}")]
    [InlineData("(y=1)\necho ${y:-1}")]
    [InlineData("y=1 true\necho ${y:-1}")]
    [InlineData("dd y=1\necho ${y:-1}")]
    [InlineData("export y\necho ${y:-1}")]
    [InlineData("printf -v x %s 1; echo ${x:-1} ${y:-1}")]
    [InlineData("echo ${SECONDS:-1} ${OPTARG:-1} ${BASH_SOURCE:-1} ${y:-1}")]
    public void A_variable_that_the_script_sets_itself_is_no_input(string source) => Assert.Equal(["y"], Reading.Sound(source, "x.sh").Inputs.Select(port => port.Name));

    [Theory]
    [InlineData("${x:-'{\"k\": 1}'}", "{\"k\": 1}")]
    [InlineData("\"${x:-{\\\"k\\\": 1\\}}\"", "{\"k\": 1}")]
    [InlineData("\"${x:-a 'b' c}\"", "a 'b' c")]
    [InlineData("${x:-\"}\"}", "}")]
    [InlineData("${x:-\"a\"b'c'}", "abc")]
    [InlineData("${x:-'$HOME'}", "$HOME")]
    [InlineData("\"${x:-a\nb}\"", "a\nb")]
    [InlineData("${x:-a\\\nb}", "ab")]
    [InlineData("${x:-http://h:80/p?q=1#f}", "http://h:80/p?q=1#f")]
    [InlineData("\"${x:-it's}\"", "it's")]
    public void A_default_is_the_text_that_a_shell_would_make_of_it(string expansion, string text) => Assert.Equal(text, Reading.Sound($"echo {expansion}", "x.sh").Input("x").Default);

    [Theory]
    [InlineData("${x:-$(date)}")]
    [InlineData("${x:-`date`}")]
    [InlineData("${x:-$y}")]
    [InlineData("${x:-${y:-1}}")]
    [InlineData("${x:-~/data}")]
    public void A_default_that_only_a_shell_can_evaluate_is_left_out_with_a_warning(string expansion)
    {
        var reading = Reading.Script($"y=1\necho {expansion}", "x.sh");
        Assert.Equal((2, 6), (reading.Only("default-not-literal").Position.Line, reading.Only("default-not-literal").Position.Column));
        Assert.Equal((null, true), (reading.Definition!.Input("x").Default, reading.Definition!.Input("x").Optional));
    }

    [Fact]
    public void A_variable_that_a_script_insists_on_stays_required() =>
        Assert.False(Reading.Sound("echo ${x:-d}\n: \"${x:?}\"", "x.sh").Input("x").Optional);

    [Fact]
    public void A_variable_that_nothing_sets_is_warned_about_where_it_is_used()
    {
        var at = Reading.Script("set -eu\ncp \"$data\" /tmp\n", "x.sh").Only("variable-not-set").Position;
        Assert.Equal((2, 5), (at.Line, at.Column));
    }

    [Theory]
    [InlineData("data=1\necho $data")]
    [InlineData("for data in 1; do echo $data; done")]
    [InlineData("((data = 1)); echo $data")]
    [InlineData(": ${data:?}; echo $data")]
    [InlineData(". ./settings.sh\necho $data")]
    [InlineData("eval \"$(cat x)\"\necho $data")]
    [InlineData("# claimed: input data: Dataset\ncat \"$data\"")]
    [InlineData("echo '$data' \\$data $HOME $1 $$ $? $RANDOM # $data")]
    public void What_is_set_somewhere_is_not_warned_about(string source) => Reading.Script(source, "x.sh").HasNo("variable-not-set");

    [Fact]
    public void A_declared_port_may_be_used_as_a_plain_variable()
    {
        var reading = Reading.Script("# claimed: input data: Dataset\n# claimed: output model: Model from output_model\n# @output rows how many\nwc -l \"$data\" > \"$output_model\"\nread rows < \"$output_model\"\n", "x.sh");
        reading.HasNo("port-not-used");
        Assert.Equal(("data", PortPassing.File), (Assert.Single(reading.Definition!.Inputs).Name, reading.Definition!.Inputs[0].Passing));
        Reading.Script("# @output rows how many\necho 5", "x.sh").Only("port-not-used");
    }

    [Fact]
    public void Line_ends_of_windows_are_an_error_at_the_first()
    {
        var error = Reading.Script("#!/bin/sh\nset -e\r\necho\r\n", "x.sh").Only("carriage-return");
        Assert.Equal((Severity.Error, 2, 7), (error.Severity, error.Position.Line, error.Position.Column));
    }
}
