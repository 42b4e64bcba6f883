using Xunit;

namespace Claimed.Components.Tests.Sources;

/// <summary>Types and defaults of inputs, and whether they are needed, from the code around a read.</summary>
public sealed class PythonDefaultTests
{
    [Theory]
    [InlineData("'http://h/#frag'", "http://h/#frag")]
    [InlineData("'a\\tb\\x41\\u00e9'", "a\tbAé")]
    [InlineData("r'C:\\n'", "C:\\n")]
    [InlineData("\"say \\\"hi\\\"\"", "say \"hi\"")]
    [InlineData("'a' 'b'", "ab")]
    [InlineData("'a' + \"b\"", "ab")]
    [InlineData("'''x\ny'''", "x\ny")]
    [InlineData("60*60", "3600")]
    [InlineData("-1", "-1")]
    [InlineData("1/4", "0.25")]
    [InlineData("7//-2", "-4")]
    [InlineData("-7 % 3", "2")]
    [InlineData("2**10 + 0x10", "1040")]
    [InlineData("1_000", "1000")]
    [InlineData("1e-5", "1e-05")]
    [InlineData("1e16", "1e+16")]
    [InlineData("1e15", "1000000000000000.0")]
    [InlineData("0.1+0.2", "0.30000000000000004")]
    [InlineData("True", "True")]
    [InlineData("(((5)))", "5")]
    public void A_default_is_the_text_that_python_would_make_of_it(string literal, string text) =>
        Assert.Equal(text, Reading.OnlyInput($"x = os.environ.get('x', {literal})").Default);

    [Theory]
    [InlineData("os.path.join('a', 'b')")]
    [InlineData("DEFAULT")]
    [InlineData("9**9**9")]
    [InlineData("1/0")]
    [InlineData("[1, 2]")]
    [InlineData("f'{a}'")]
    [InlineData("b'a'")]
    public void A_default_that_only_the_source_can_evaluate_is_left_out_with_a_warning(string expression)
    {
        var reading = Reading.Script($"import os\nx = os.environ.get('x', {expression})");

        var warning = reading.Only("default-not-literal");
        Assert.Equal((2, 25), (warning.Position.Line, warning.Position.Column));
        var port = reading.Definition!.Input("x");
        Assert.True(port.Optional);
        Assert.Null(port.Default);
    }

    [Fact]
    public void A_default_of_none_makes_an_input_optional_without_default()
    {
        var port = Reading.OnlyInput("x = os.environ.get('x', None)");
        Assert.True(port.Optional);
        Assert.Null(port.Default);
    }

    [Theory]
    [InlineData("x = int(os.environ.get('x', '5'))", PortTypes.Integer)]
    [InlineData("x: int = os.environ.get('x', 5)", PortTypes.Integer)]
    [InlineData("x = float( os.environ.get('x', 5) )", PortTypes.Float)]
    [InlineData("x = int(float(os.environ.get('x', '5.5')))", PortTypes.Float)]
    [InlineData("x = os.environ.get('x', 'false').lower() == 'true'", PortTypes.Boolean)]
    [InlineData("x = os.environ.get('x', 'false') in ('true', '1')", PortTypes.Boolean)]
    [InlineData("x = bool(\n  os.environ.get(\n    'x', 'True'\n  ) == 'True'\n)", PortTypes.Boolean)]
    [InlineData("from json import loads\nx = loads(os.environ.get('x', '[1]'))", PortTypes.JsonArray)]
    [InlineData("x: list[str] = json.loads(os.environ.get('x'))", PortTypes.JsonArray)]
    [InlineData("x: 'int' = os.environ.get('x', '5')", PortTypes.Integer)]
    [InlineData("x = int(os.environ.get('x', ' 5 ').strip())", PortTypes.Integer)]
    [InlineData("x = int(os.environ.get('x', '1,2').split(',')[0])", PortTypes.String)]
    [InlineData("x = int(os.environ.get('x', '0xff'), 16)", PortTypes.String)]
    [InlineData("x = 'true' == os.environ.get('x', 'no')", PortTypes.Boolean)]
    [InlineData("x = os.environ.get('x', 'auto') in ('on', 'off', 'auto')", PortTypes.String)]
    [InlineData("x = os.environ.get('x', 'auto') == 'on'", PortTypes.String)]
    [InlineData("import ast\nx = ast.literal_eval(os.environ.get('x', '[1]'))", PortTypes.JsonArray)]
    [InlineData("from ast import literal_eval\nx = literal_eval(os.environ.get('x', \"{'a': 1}\"))", PortTypes.String)]
    [InlineData("def f(a, x: float = os.environ.get('x', 1.5)): pass", PortTypes.Float)]
    [InlineData("x = interval(os.environ.get('x', '5'))", PortTypes.String)]
    [InlineData("x = str(os.environ.get('x', '5'))", PortTypes.String)]
    public void The_code_around_a_read_says_its_type(string source, string type) => Assert.Equal(type, Reading.OnlyInput(source).Type);

    [Theory]
    [InlineData("x: Optional[int] = os.environ.get('x')")]
    [InlineData("x: \"int | None\" = os.environ.get('x')")]
    [InlineData("x = int(os.environ['x']) if os.environ.get('x') else 5")]
    [InlineData("x = 5\nif os.environ.get('x') is not None:\n    x = int(os.environ['x'])")]
    [InlineData("if 'x' in os.environ.keys(): x = int(os.environ['x'])")]
    [InlineData("try:\n    x = int(os.environ['x'])\nexcept KeyError:\n    x = 5")]
    [InlineData("try:\n    try: x = int(os.environ['x'])\n    finally: pass\nexcept:\n    x = 5\n")]
    [InlineData("x = int(os.environ.get('x') or compute())")]
    public void A_source_that_goes_on_without_a_value_makes_an_input_optional(string source)
    {
        var port = Reading.OnlyInput(source);
        Assert.Equal((PortTypes.Integer, true, null), (port.Type, port.Optional, port.Default));
    }

    [Fact]
    public void A_number_that_json_lacks_is_no_default_but_the_source_has_it()
    {
        var reading = Reading.Script("x = float(os.environ.get('x', '-inf'))");
        reading.Only("default-not-of-type");
        Assert.Equal((PortTypes.Float, null, true), (reading.Definition!.Input("x").Type, reading.Definition!.Input("x").Default, reading.Definition!.Input("x").Optional));
    }

    [Fact]
    public void A_default_behind_or_that_only_the_source_can_evaluate_is_warned_about()
    {
        Assert.Equal(28, Reading.Script("x = os.environ.get('x') or compute()").Only("default-not-literal").Position.Column);
        Reading.Script("x = os.environ.get('x') or os.environ.get('y') or 'z'").HasNo("default-not-literal");
    }

    [Theory]
    [InlineData("int(os.environ.get('x', 'many'))")]
    [InlineData("int(os.environ.get('x', ''))")]
    [InlineData("float(os.environ.get('x', 'a'))")]
    [InlineData("json.loads(os.environ.get('x', 'not json'))")]
    public void A_default_of_another_type_is_left_out_and_the_input_required(string read)
    {
        var reading = Reading.Script($"x = {read}");
        reading.Only("default-not-of-type");
        Assert.False(reading.Definition!.Input("x").Optional);
    }

    [Fact]
    public void A_plain_bool_of_a_text_is_warned_about() =>
        Assert.Equal(1, Reading.Script("x = bool(os.environ.get('x', 'False'))").Only("bool-of-text").Position.Line);
}
