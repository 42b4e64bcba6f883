using Xunit;

namespace Claimed.Components.Tests.Sources;

/// <summary>Which code in Python reads a variable, which writes one, and which does neither.</summary>
public sealed class PythonVariableTests
{
    [Theory]
    [InlineData("x = os.environ.get('x')")]
    [InlineData("x = os.getenv(\"x\")")]
    [InlineData("x = os.environ['x']")]
    [InlineData("x = os . environ . get ( 'x' )")]
    [InlineData("x = os.environ.get(\n    'x',  # the name\n)")]
    [InlineData("x = os.getenv(key='x')")]
    [InlineData("from os import getenv\nx = getenv('x')")]
    [InlineData("from os import (environ as env,\n  path)\nx = env['x']")]
    [InlineData("import os as o\nx = o.environ.get('x')")]
    [InlineData("env = os.environ\nx = env.get('x')")]
    [InlineData("get = os.environ.get\nx = get('x')")]
    [InlineData("x = f\"http://{os.environ['x']}/\"")]
    [InlineData("x = f'{os.environ[\"x\"]:>{width}} and {{no}}'")]
    [InlineData("def f():\n    return int(os.getenv('x'))")]
    [InlineData("x = \\\n  os.environ.get('x')")]
    [InlineData("x = r'\\\\' + os.environ.get('x')")]
    [InlineData("if True: x = os.environ['x'] == 'a'")]
    [InlineData("x = f\"a {os.environ[\"x\"]} {f\"{1}\"}\"")]
    [InlineData("x = f'a \\\n  {os.environ[\"x\"]} \\\r\n b'")]
    [InlineData("x = t'{os.environ[\"x\"]}'")]
    [InlineData("x = os.environ.get(U'x')")]
    [InlineData("x = os.getenv(R\"x\")")]
    [InlineData("\fif 1:\n\tx = os.getenv(\t'x'\t)")]
    [InlineData("@retry(os.environ['x'])\ndef größe(): pass")]
    [InlineData("if (x := os.environ.get('x')) in y: pass")]
    [InlineData("match os.environ['x']:\n    case 'a': pass")]
    [InlineData("x = [os.environ['x'] for _ in y]")]
    [InlineData("class A:\n    def f(self):\n        self.env = os.environ\n        self.x = self.env['x']")]
    [InlineData("env = dict(os.environ)\nx = env['x']")]
    [InlineData("env = os.environ.copy()\nenv['y'] = 'a'\nz = env['y'] + env['x']")]
    [InlineData("x = os.environ.pop('x')")]
    [InlineData("if 'x' not in os.environ:\n    print('no x')\n    sys.exit(2)\nx = os.environ['x']")]
    [InlineData("if not os.environ.get('x'): raise ValueError('x')")]
    [InlineData("assert 'x' in os.environ\nx = os.environ['x']")]
    [InlineData("try:\n    x = os.environ['x']\nexcept KeyError:\n    raise SystemExit('no x')")]
    [InlineData("try:\n    x = os.environ['x']\nexcept ValueError:\n    x = 1")]
    [InlineData("try:\n    y = 1\nexcept KeyError:\n    y = 2\nx = os.environ['x']")]
    public void Every_way_to_read_a_variable_makes_a_required_input(string source)
    {
        var port = Reading.OnlyInput(source);
        Assert.Equal("x", port.Name);
        Assert.False(port.Optional);
        Assert.Null(port.Default);
    }

    [Theory]
    [InlineData("# os.environ.get('x')\ny = 1")]
    [InlineData("y = \"os.environ.get('x')\"")]
    [InlineData("y = '''\nos.environ.get('x')\n'''")]
    [InlineData("y = request.environ.get('x')")]
    [InlineData("y = getenv('x')")]
    [InlineData("y = f'{{os.environ[\"x\"]}}'")]
    [InlineData("os.environ['x'] = 'a'\ny = os.environ['x']")]
    [InlineData("del os.environ['x']")]
    [InlineData("os.environ.pop('x', None)")]
    [InlineData("os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')")]
    [InlineData("from os import getenv\ndef getenv(name): return 1\ny = getenv('x')")]
    [InlineData("subprocess.run(['a'], env={**os.environ, 'x': '1'})")]
    public void What_only_looks_like_a_read_is_none(string source) =>
        Assert.Equal(["log_level"], Reading.Sound(source).Inputs.Select(port => port.Name));

    [Theory]
    [InlineData("os.environ['r'] = str(1)")]
    [InlineData("os.environ ['r'] = a = 1")]
    [InlineData("a = os.environ['r'] = '1'")]
    [InlineData("os.environ['r'], b = '1', 2")]
    [InlineData("os.environ['r']: str = '1'")]
    [InlineData("from os import environ\nenviron['r'] = json.dumps({'a': 1})")]
    [InlineData("os.environ.update(r=str(1))")]
    [InlineData("os.environ.update({'r': f(1, 2)})")]
    [InlineData("os.environ |= {\"r\": str(2)}")]
    public void An_assignment_is_an_output(string source)
    {
        var component = Reading.Sound(source);
        Assert.Equal("r", Assert.Single(component.Outputs).Name);
        Assert.Equal(["log_level"], component.Inputs.Select(port => port.Name));
    }

    [Fact]
    public void Several_reads_on_a_line_are_several_inputs()
    {
        var component = Reading.Sound("a, b = os.environ.get('a', '1'), int(os.environ.get('b', os.environ.get('c', 2)))  # numbers");
        Assert.Equal(["log_level", "a", "b", "c"], component.Inputs.Select(port => port.Name));
        Assert.Equal((PortTypes.Integer, "numbers"), (component.Input("b").Type, component.Input("b").Description));
    }

    [Fact]
    public void Reads_in_a_literal_of_many_lines_keep_their_own_comments()
    {
        var component = Reading.Sound("""
            # the settings
            settings = {
                'a': os.environ.get('a'),  # the first
                # the second
                'b': os.environ.get('b'),
                'c': os.environ.get('c'),
            }
            """);
        Assert.Equal("the first", component.Input("a").Description);
        Assert.Equal("the second", component.Input("b").Description);
        Assert.Equal("the settings", component.Input("c").Description);
    }

    [Fact]
    public void A_variable_read_twice_is_one_input_and_a_contradiction_a_warning()
    {
        var reading = Reading.Script("""
            a = os.environ['x']
            b = os.environ.get('x', 'd')  # late but good
            c = os.environ.get('x', 'e')
            """);
        var port = Assert.Single(reading.Definition!.Inputs, port => port.Name == "x");
        Assert.Equal(("d", "late but good"), (port.Default, port.Description));
        Assert.Equal(3, reading.Only("input-read-differently").Position.Line);
    }

    [Fact]
    public void Variables_of_the_process_are_no_ports()
    {
        var component = Reading.Sound("home = os.environ['HOME']\nos.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'");
        Assert.Equal(["log_level"], component.Inputs.Select(port => port.Name));
        Assert.Empty(component.Outputs);
    }

    [Theory]
    [InlineData("os.environ.update(settings)")]
    [InlineData("os.environ |= settings")]
    [InlineData("os.environ.update({name: '1'})")]
    [InlineData("os.environ[name] = '1'")]
    public void A_computed_name_of_an_output_is_a_suggestion(string source) => Reading.Script(source).Only("output-name-computed");

    [Fact]
    public void A_getter_that_is_handed_on_is_warned_about() => Assert.Equal(9, Reading.Script("x = map(os.environ.get, names)").Only("input-name-computed").Position.Column);

    [Fact]
    public void A_computed_name_is_warned_about() =>
        Assert.Equal(2, Reading.Script("for k in keys:\n    v = os.environ[k]\n").Only("input-name-computed").Position.Line);
}
