using Xunit;

namespace Claimed.Components.Tests.Sources;

/// <summary>A whole script in Python becomes a component.</summary>
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
}
