using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class PythonReaderTests
{
    private const string InputFromUrl = """"
        """
        Downloads a file from a URL.

        Retries, and checks a "checksum" if \\ one is given.
        """
        # pip install requests==2.31.0 'tqdm>=4'
        # pip3 install pandas
        # claimed: category=Input
        # claimed: group=Web/HTTP
        # claimed: tags=download, url
        # claimed: output data: Dataset from output_data_csv

        import logging
        import os
        import sys

        # where to load from,
        # http or https
        url = os.environ.get('url')
        checksum = os.environ.get("checksum", None)  # sha256 of the file
        # seconds before giving up
        timeout = int(os.getenv('timeout', 60*60))
        ratio = float(os.environ.get('ratio', '0.5'))   # share to keep
        # verify certificates
        verify = bool(os.environ.get('verify', 'True') == 'True')
        # folder for the result
        output_data_csv = os.environ.get('output_data_csv', 'data.csv')
        # extra headers
        headers = json.loads(os.environ.get('headers', '{}'))
        # the proxies
        proxies = json.loads(os.environ.get('proxies', '["a"]'))
        # password of the proxy
        password = os.environ.get('password', 'hunter2-very-secret')
        # bytes read
        os.environ['size'] = str(1)
        """";

    [Fact]
    public void A_script_becomes_a_component_with_all_its_ports_in_order()
    {
        var component = Reading.Sound(InputFromUrl, "claimed-input_from_url.py");

        Assert.Equal("input-from-url", component.Name);
        Assert.Equal("Downloads a file from a URL.\n\nRetries, and checks a \"checksum\" if \\ one is given.", component.Description);
        Assert.Equal(SourceLanguage.Python, component.Language);
        Assert.Equal(("Input", "Web/HTTP"), (component.Category, component.Group));
        Assert.Equal(["download", "url"], component.Tags);
        Assert.Equal(
            ["log_level", "url", "checksum", "timeout", "ratio", "verify", "headers", "proxies", "password"],
            component.Inputs.Select(port => port.Name));
        Assert.Equal(["data", "size"], component.Outputs.Select(port => port.Name));
        Assert.Equal("where to load from, http or https", component.Input("url").Description);
        Assert.Equal("sha256 of the file", component.Input("checksum").Description);
        Assert.Equal(["requests==2.31.0", "tqdm>=4", "pandas"], component.Requirements.SelectMany(requirement => requirement.Packages));
    }

    [Fact]
    public void Each_input_has_the_type_default_and_need_that_the_source_gives_it()
    {
        var component = Reading.Sound(InputFromUrl);

        Assert.Equal((PortTypes.String, null, false), Facts("url"));
        Assert.Equal((PortTypes.String, null, true), Facts("checksum"));
        Assert.Equal((PortTypes.Integer, "3600", true), Facts("timeout"));
        Assert.Equal((PortTypes.Float, "0.5", true), Facts("ratio"));
        Assert.Equal((PortTypes.Boolean, "True", true), Facts("verify"));
        Assert.Equal((PortTypes.JsonObject, "{}", true), Facts("headers"));
        Assert.Equal((PortTypes.JsonArray, "[\"a\"]", true), Facts("proxies"));
        Assert.Equal((PortTypes.String, "INFO", true), Facts("log_level"));

        (string, string?, bool) Facts(string name) => (component.Input(name).Type, component.Input(name).Default, component.Input(name).Optional);
    }

    [Fact]
    public void A_secret_default_is_neither_kept_nor_repeated()
    {
        var reading = Reading.Script(InputFromUrl);

        var port = reading.Definition!.Input("password");
        Assert.True(port.Secret);
        Assert.Null(port.Default);
        Assert.True(port.Optional);
        Assert.Equal(Severity.Warning, reading.Only("secret-default").Severity);
        Assert.DoesNotContain(reading.Findings, finding => (finding.Message + finding.Fix).Contains("hunter2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("cos = os.environ.get('cos_connection', 'cos://key:s3cr3t@host/bucket')")]
    [InlineData("k = os.environ.get('AWS_SECRET_ACCESS_KEY')")]
    [InlineData("k = os.environ.get('openAiApiKey')")]
    [InlineData("k = os.environ.get('hf_token')")]
    [InlineData("k = os.environ.get('checkpoint_pass', 'example')")]
    [InlineData("k = os.environ.get('db_pw')")]
    [InlineData("# cos://access_key:secret@host/bucket\nk = os.environ.get('target')")]
    public void Secrets_are_known_by_name_default_or_description(string source)
    {
        var port = Reading.OnlyInput(source);
        Assert.True(port.Secret);
        Assert.Null(port.Default);
        Assert.DoesNotContain(":s", port.Description ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("max_tokens")]
    [InlineData("tokenizer")]
    [InlineData("key_column")]
    [InlineData("secret_name")]
    [InlineData("monkey")]
    [InlineData("low_pass")]
    [InlineData("compass")]
    public void Names_that_only_look_like_secrets_are_none(string name) =>
        Assert.False(Reading.OnlyInput($"x = os.environ.get('{name}', 'a')").Secret);

    [Fact]
    public void A_file_port_takes_the_place_of_the_variable_that_holds_its_path()
    {
        var component = Reading.Sound("""
            # claimed: input data_csv: Dataset - the table
            # claimed: output output_model: Model
            import os
            data = os.environ.get('data_csv', 'data.csv')
            model = os.environ['output_model']
            """);

        var input = component.Input("data_csv");
        Assert.Equal(("Dataset", PortPassing.File, null, null, true), (input.Type, input.Passing, input.Default, input.Variable, input.Optional));
        Assert.Equal("the table", input.Description);
        var output = component.Output("model");
        Assert.Equal(("Model", PortPassing.File, "output_model"), (output.Type, output.Passing, output.Variable));
    }

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
    public void Names_that_kubeflow_cannot_tell_apart_are_an_error()
    {
        var reading = Reading.Script("a = os.environ['Learning_Rate']\nb = os.environ['learning_rate']");
        var error = reading.Only("port-name-clash");
        Assert.Equal((Severity.Error, 2), (error.Severity, error.Position.Line));
    }

    [Fact]
    public void An_input_that_is_also_an_output_is_an_error() =>
        Reading.Script("a = os.environ['x']\nos.environ['x'] = a + '1'").Only("port-name-clash");

    [Fact]
    public void An_input_that_says_where_to_write_is_a_suggestion() =>
        Assert.Contains("output data: Dataset from output_data", Reading.Script("x = os.environ.get('output_data')").Only("input-looks-like-output").Fix, StringComparison.Ordinal);

    [Fact]
    public void A_declared_log_level_stays_where_and_what_it_is()
    {
        var component = Reading.Sound("a = os.environ.get('a')\nlog_level = os.environ.get('log_level', 'DEBUG')");
        Assert.Equal(["a", "log_level"], component.Inputs.Select(port => port.Name));
        Assert.Equal("DEBUG", component.Input("log_level").Default);
    }

    [Theory]
    [InlineData("x = 'never closed\n", 1, 5)]
    [InlineData("y = 1\nx = '''never closed\n", 2, 5)]
    [InlineData("x = f'never {closed\n", 1, 5)]
    [InlineData("x = foo(\n", 1, 8)]
    [InlineData("x = 1)\n", 1, 6)]
    public void What_python_cannot_read_is_an_error_with_its_place(string source, int line, int column)
    {
        var error = Reading.Script(source).Only("source-syntax");
        Assert.Equal((Severity.Error, line, column), (error.Severity, error.Position.Line, error.Position.Column));
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
